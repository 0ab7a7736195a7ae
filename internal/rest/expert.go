package rest

import (
	"whistle/internal/service"
)

// ExpertQuery narrows lists of experts.
type ExpertQuery struct {
	Category string `query:"category" maxLength:"64" doc:"Code of a category that they advise on"`
	Chain    string `query:"chain" maxLength:"64" doc:"Id of a chain that they know"`
	Kind     string `query:"kind" enum:"university,institute,business,association,authority" doc:"Of their organisation"`
	Inside   string `query:"inside" enum:"true,false" doc:"Of the district, or from outside"`
	EntryQuery
}

func (q ExpertQuery) filter() service.EntryFilter {
	f := q.EntryQuery.filter()
	f.AdvisesOn, f.ChainID, f.Kind = q.Category, q.Chain, q.Kind
	if q.Inside != "" {
		inside := q.Inside == "true"
		f.Inside = &inside
	}
	return f
}

type (
	expertList struct {
		ExpertQuery
		Paged
	}
	expertExport struct {
		ExpertQuery
		ExportQuery
	}
)

func (a *API) experts() {
	entries[expertList, expertExport](a, entryPath{service.ExportedExperts, "experts", "expert", "The district's experts, for the offices. Administrators and the desk keep them; administrators alone retire them."}, a.svc.Experts())
}
