package service

import (
	"slices"

	"whistle/internal/tabular"
	"whistle/internal/text"
)

// An import reads back what an export of its list wrote, in either language:
// headers and words are known by the texts with which they are written, and
// columns that an import has no use for are passed over.

// readBack says which columns the export of a list has, and which of them an
// import has under another key.
type readBack struct {
	list ExportList
	keys []string
	as   map[string]string
}

var readBacks = map[ImportKind]readBack{
	ImportDepartments: {ExportedDepartments, keysOf(departmentColumns), nil},
	ImportEnterprises: {ExportedEnterprises, keysOf(enterpriseColumns), nil},
	ImportProjects:    {ExportedProjects, keysOf(projectColumns), nil},
	ImportUsers:       {ExportedUsers, keysOf(userColumns), nil},
	ImportManagers:    {ExportedAssignments, keysOf(assignmentColumns), map[string]string{"target": "enterprise"}},
	ImportVisits:      {ExportedVisits, keysOf(visitColumns), nil},
	ImportTickets: {ExportedTickets, keysOf(ticketExport), map[string]string{
		"created_at": "filed_at", "lead": "department", "first_dispatch_at": "dispatched_at", "claimed_outcome": "outcome",
		"outcome": "", // as verified; the import says that itself
	}},
	ImportPolicyResources: {ExportedPolicyResources, keysOf(policyResourceColumns), nil},
	ImportNeeds:           {ExportedNeeds, keysOf(needColumns), nil},
	ImportServices:        {ExportedServices, keysOf(serviceColumns), nil},
	ImportStaff:           {ExportedStaff, keysOf(staffColumns), nil},
	ImportExperts:         {ExportedExperts, keysOf(expertColumns), nil},
}

// keysOf are the keys of what a sheet shows.
func keysOf[R any](columns []column[R]) []string {
	var keys []string
	for _, c := range columns {
		if c.in != inJSON {
			keys = append(keys, c.key)
		}
	}
	return keys
}

// readableColumns are an import's own columns, by the export's headers too, and
// those to pass over.
var readableColumns = func() map[ImportKind][]tabular.Column {
	all := map[ImportKind][]tabular.Column{}
	for kind, own := range importColumns {
		columns, back := slices.Clone(own), readBacks[kind]
		for _, key := range back.keys {
			into, renamed := back.as[key]
			if !renamed {
				into = key
			}
			var headers []string
			for _, language := range text.Languages() {
				headers = append(headers, headerOf(back.list, key, language))
			}
			at := slices.IndexFunc(columns, func(c tabular.Column) bool { return c.Key == into })
			if at < 0 {
				columns = append(columns, tabular.Column{Key: "export." + key, Names: headers, PassedOver: true})
				continue
			}
			columns[at].Names = append(slices.Clone(columns[at].Names), headers...)
		}
		all[kind] = columns
	}
	return all
}()

// spoken adds the words by which pages and exports call the codes of a list,
// in each language.
func spoken[W ~string](list string, v vocabulary[W]) lexicon[W] {
	for i := range v {
		for _, language := range text.Languages() {
			if id := list + "." + string(v[i].code); text.Has(id) {
				v[i].names = append(v[i].names, language.Get(id))
			}
		}
	}
	return lexicon[W]{list, v}
}
