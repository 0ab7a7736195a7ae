package rest

import (
	"whistle/internal/service"
	"whistle/internal/worktime"
)

// AllianceQuery narrows lists of alliances.
type AllianceQuery struct {
	Kind  string `query:"kind" enum:"one_x_n,one_one_n"`
	Chain string `query:"chain" maxLength:"64" doc:"Id of a chain, whose segments count in, or of a segment"`
	Party string `query:"party" maxLength:"64" doc:"Id of an enterprise that leads it or belongs to it, or of the account of an expert"`
	EntryQuery
}

func (q AllianceQuery) filter() service.EntryFilter {
	f := q.EntryQuery.filter()
	f.Kind, f.ChainID, f.PartyID = q.Kind, q.Chain, q.Party
	return f
}

// ActivityQuery narrows lists of activities.
type ActivityQuery struct {
	Kind       string `query:"kind" enum:"study,deal,nurture,share,create,tackle,exemplar,groups,task_force,villages,talent"`
	Alliance   string `query:"alliance" maxLength:"64" doc:"Alliance id"`
	Chain      string `query:"chain" maxLength:"64" doc:"Id of a chain, whose segments and alliances count in, or of a segment"`
	Enterprise string `query:"enterprise" maxLength:"64" doc:"Id of an enterprise that took part, or whose alliance did"`
	From       string `query:"from" format:"date" doc:"The first day"`
	To         string `query:"to" format:"date" doc:"The last day, which is included"`
	EntryQuery
}

func (q ActivityQuery) filter() service.EntryFilter {
	f := q.EntryQuery.filter()
	f.Kind, f.AllianceID, f.ChainID, f.PartyID = q.Kind, q.Alliance, q.Chain, q.Enterprise
	// Their form is checked already; what is blank narrows nothing.
	f.From, _ = worktime.ParseDate(q.From)
	f.Until, _ = worktime.ParseDate(q.To)
	return f
}

type (
	allianceList struct {
		AllianceQuery
		Paged
	}
	allianceExport struct {
		AllianceQuery
		ExportQuery
	}
	activityList struct {
		ActivityQuery
		Paged
	}
	activityExport struct {
		ActivityQuery
		ExportQuery
	}
)

func (a *API) alliances() {
	entries[allianceList, allianceExport](a, entryPath{service.ExportedAlliances, "alliances", "alliance", "Who has to do with a chain: a lead, members, partners, departments that lead its service, experts. The desk keeps them, the heads of the departments that lead one or its service change it; the offices read all, an enterprise or an expert those that they have part in."}, a.svc.Alliances())
	entries[activityList, activityExport](a, entryPath{service.ExportedActivities, "activities", "activity", "What alliances and chains did, the latest first; kept and read like the alliance. Those of a chain at large are kept by the desk."}, a.svc.Activities())
	a.attachmentsOf("/activities", "list-activity-attachments", "List the photos and other files of an activity", a.svc.Activities().Attachments)
}
