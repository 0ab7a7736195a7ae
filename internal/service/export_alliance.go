package service

import "whistle/internal/alliance"

type (
	allianceRow = exportedEntry[alliance.Alliance]
	activityRow = exportedEntry[alliance.Activity]
)

var allianceColumns = entryColumns(
	col("name", func(_ *writing, e allianceRow) any { return e.T.Name }),
	col("kind", func(w *writing, e allianceRow) any { return w.word("alliance_kind", string(e.T.Kind)) }),
	col("chain", func(w *writing, e allianceRow) any { return w.named(e.names, e.T.ChainID) }),
	col("lead_enterprise", func(w *writing, e allianceRow) any { return w.named(e.names, e.T.LeadEnterpriseID) }),
	col("lead_department", func(w *writing, e allianceRow) any { return w.named(e.names, e.T.LeadDepartmentID) }),
	col("about", func(_ *writing, e allianceRow) any { return blankAsNull(e.T.About) }),
	col("members", func(w *writing, e allianceRow) any { return w.allNamed(e.names, e.T.Members) }),
	col("partners", func(w *writing, e allianceRow) any {
		if w.json() {
			return rawJSON(e.T.Partners)
		}
		names := make([]string, len(e.T.Partners))
		for i, p := range e.T.Partners {
			names[i] = p.Name
		}
		return names
	}),
	col("service_departments", func(w *writing, e allianceRow) any { return w.allNamed(e.names, e.T.ServiceDepartments) }),
	col("experts", func(w *writing, e allianceRow) any { return w.allNamed(e.names, e.T.Experts) }),
)

var activityColumns = entryColumns(
	col("day", func(w *writing, e activityRow) any { return w.day(&e.T.Day) }),
	col("kind", func(w *writing, e activityRow) any { return w.word("activity_kind", string(e.T.Kind)) }),
	col("name", func(_ *writing, e activityRow) any { return e.T.Name }),
	col("alliance", func(w *writing, e activityRow) any { return w.named(e.names, e.T.AllianceID) }),
	col("chain", func(w *writing, e activityRow) any { return w.named(e.names, e.T.ChainID) }),
	col("place", func(_ *writing, e activityRow) any { return blankAsNull(e.T.Place) }),
	col("enterprises", func(w *writing, e activityRow) any { return w.allNamed(e.names, e.T.Enterprises) }),
	col("departments", func(w *writing, e activityRow) any { return w.allNamed(e.names, e.T.Departments) }),
	col("partners", func(_ *writing, e activityRow) any { return e.T.Partners }),
	col("about", func(_ *writing, e activityRow) any { return blankAsNull(e.T.About) }),
)
