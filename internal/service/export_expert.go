package service

import "whistle/internal/directory"

type expertRow = exportedEntry[directory.Expert]

var expertColumns = entryColumns(
	col("name", func(_ *writing, e expertRow) any { return e.T.Name }),
	col("organisation", func(_ *writing, e expertRow) any { return e.T.Organisation }),
	col("kind", func(w *writing, e expertRow) any { return w.word("organisation_kind", string(e.T.Kind)) }),
	col("post", func(_ *writing, e expertRow) any { return blankAsNull(e.T.Post) }),
	col("inside", func(w *writing, e expertRow) any { return w.yesNo(e.T.Inside) }),
	col("fields", func(_ *writing, e expertRow) any { return e.T.Fields }),
	col("categories", func(w *writing, e expertRow) any {
		names := make([]string, len(e.T.Categories))
		for i, code := range e.T.Categories {
			names[i], _ = w.category(code).(string)
		}
		return names
	}),
	col("chains", func(w *writing, e expertRow) any { return w.allNamed(e.names, e.T.Chains) }),
	col("phone", func(_ *writing, e expertRow) any { return blankAsNull(e.T.Phone) }),
	col("user", func(w *writing, e expertRow) any { return w.named(e.names, e.T.UserID) }),
)
