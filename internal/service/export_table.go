package service

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"whistle/internal/phrase"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/worktime"
)

// ExportTo says where a table goes, and how it is written.
type ExportTo struct {
	W        io.Writer
	Format   tabular.Format
	Language text.Language // of headers and words; JSON Lines have the API's names and codes
}

// ExportList is a list that can be exported, as its file and its texts are
// named.
type ExportList string

// The lists that can be exported, each by a method of its own.
const (
	ExportedTickets     ExportList = "tickets"
	ExportedHistory     ExportList = "history"
	ExportedWorklist    ExportList = "worklist"
	ExportedBoard       ExportList = "board"
	ExportedHolders     ExportList = "holders"
	ExportedFigures     ExportList = "figures"
	ExportedSnapshots   ExportList = "snapshots"
	ExportedMembers     ExportList = "members"
	ExportedEnterprises ExportList = "enterprises"
	ExportedProjects    ExportList = "projects"
	ExportedMilestones  ExportList = "milestones"
	ExportedCharges     ExportList = "charges"
	ExportedDepartments ExportList = "departments"
	ExportedDuties      ExportList = "duties"
	ExportedCategories  ExportList = "categories"
	ExportedPlaces      ExportList = "places"
	ExportedChains      ExportList = "chains"
	ExportedReasons     ExportList = "reasons"
	ExportedAlliances   ExportList = "alliances"
	ExportedActivities  ExportList = "activities"
	ExportedUsers       ExportList = "users"
	ExportedAssignments ExportList = "assignments"
	ExportedManagers    ExportList = "managers"
	ExportedStations    ExportList = "stations"
	ExportedStaff       ExportList = "staff"
	ExportedExperts     ExportList = "experts"
	ExportedInvitations ExportList = "invitations"
	ExportedAudit       ExportList = "audit"
	ExportedNotices     ExportList = "notices"
	ExportedImports     ExportList = "imports"
	ExportedJobs        ExportList = "jobs"
	ExportedCampaigns   ExportList = "campaigns"
	ExportedVisits      ExportList = "visits"
	ExportedVisitPlans  ExportList = "visit-plans"
	ExportedCoverage    ExportList = "coverage"

	ExportedPolicyResources ExportList = "policy_resources"
	ExportedNeeds           ExportList = "needs"
	ExportedServices        ExportList = "services"
	ExportedPayouts         ExportList = "payouts"
)

// ExportFileName is what a file of the list is called that is written now,
// such as 诉求-20231101.xlsx.
func (s *Service) ExportFileName(list ExportList, format tabular.Format, language text.Language) string {
	return language.Get("exported."+string(list)) + "-" + s.clock.Now().In(s.zone).Format("20060102") + "." + string(format)
}

// column is one of an exported table. Its key is its name in JSON Lines, and
// names the text that is its header: export.LIST.KEY, or export.KEY where that
// is the same for all lists.
type column[R any] struct {
	key   string
	value func(w *writing, row R) any
	in    medium
	list  ExportList // whose texts name it; "" for those of the table itself
}

func col[R any](key string, value func(w *writing, row R) any) column[R] {
	return column[R]{key: key, value: value}
}

// only shows the column there alone.
func (c column[R]) only(in medium) column[R] {
	c.in = in
	return c
}

// medium is where a column is shown.
type medium int

const (
	everywhere medium = iota
	inSheets          // CSV and XLSX, for people
	inJSON            // for programs
)

// writing is what values are written with.
type writing struct {
	to         ExportTo
	zone       *time.Location
	categories map[string]string // names by code
	words      map[string]string // that were looked up
}

func (w *writing) json() bool { return w.to.Format == tabular.JSONL }

// word is one of a closed list's codes as people read it, or the code itself in
// JSON.
func (w *writing) word(list, code string) any {
	if code == "" {
		return nil
	}
	if w.json() {
		return code
	}
	id := list + "." + code
	word, known := w.words[id]
	if !known {
		if word = code; text.Has(id) {
			word = w.to.Language.Get(id)
		}
		w.words[id] = word
	}
	return word
}

func (w *writing) yesNo(yes bool) any {
	if w.json() {
		return yes
	}
	if yes {
		return w.word("export", "yes")
	}
	return w.word("export", "no")
}

// at is a moment in the service's zone.
func (w *writing) at(t *time.Time) any {
	if t == nil || t.IsZero() {
		return nil
	}
	return t.In(w.zone)
}

// said is a phrase: in the language of the words, as the API says it in JSON.
func (w *writing) said(p phrase.Phrase) any {
	if w.json() {
		return blankAsNull(p.String())
	}
	return blankAsNull(w.to.Language.Say(p, func(at time.Time) string { return at.In(w.zone).Format(time.DateTime) }))
}

func (w *writing) day(d *worktime.Date) any {
	if d == nil || d.IsZero() {
		return nil
	}
	return tabular.Day(d.In(w.zone))
}

// named is a reference: its name in sheets, id and name in JSON.
func (w *writing) named(names *Names, id string) any {
	switch {
	case id == "":
		return nil
	case w.json():
		return rawJSON(NamedID{id, names.Of(id)})
	}
	return names.Of(id)
}

func (w *writing) allNamed(names *Names, ids []string) any {
	references, texts := make([]NamedID, len(ids)), make([]string, len(ids))
	for i, id := range ids {
		references[i], texts[i] = NamedID{id, names.Of(id)}, names.Of(id)
	}
	if w.json() {
		return rawJSON(references)
	}
	return texts
}

// category is a category: its name in sheets, its code in JSON.
func (w *writing) category(code string) any {
	if name, known := w.categories[code]; known && !w.json() {
		return name
	}
	return blankAsNull(code)
}

// blankAsNull is a text that JSON shows as null when there is none.
func blankAsNull[T ~string](text T) any {
	if text == "" {
		return nil
	}
	return string(text)
}

// NamedID is a reference with the name of what it refers to, as the API shows it.
type NamedID struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func rawJSON(v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil // of texts and numbers only, which cannot fail
	}
	return json.RawMessage(raw)
}

// columnsOf are the columns of a part of a row, named by the texts of a list;
// blank where the part is missing.
func columnsOf[R, P any](list ExportList, columns []column[P], part func(R) (P, bool)) []column[R] {
	all := make([]column[R], len(columns))
	for i, c := range columns {
		all[i] = column[R]{key: c.key, in: c.in, list: cmp.Or(c.list, list), value: func(w *writing, row R) any {
			if p, there := part(row); there {
				return c.value(w, p)
			}
			return nil
		}}
	}
	return all
}

// exportAll writes the rows that come from each, on one state of the database,
// and returns how many. Whatever is wrong with the question shows before
// anything is written.
func exportAll[R any](ctx context.Context, s *Service, list ExportList, columns []column[R], to ExportTo, each func(ctx context.Context, write func(R) error) error) (rows int, err error) {
	w := &writing{to: to, zone: s.zone, words: map[string]string{}}
	var header []string
	var shown []column[R]
	for _, c := range columns {
		if c.in == inSheets && w.json() || c.in == inJSON && !w.json() {
			continue
		}
		name := c.key
		if !w.json() {
			name = headerOf(cmp.Or(c.list, list), c.key, to.Language)
		}
		header, shown = append(header, name), append(shown, c)
	}
	// An error of the question is told before anything is written.
	var table tabular.Writer
	open := func() (err error) {
		if table == nil {
			table, err = tabular.NewWriter(to.Format, to.W, header)
		}
		return err
	}
	write := func(row R) error {
		if err := open(); err != nil {
			return err
		}
		cells := make([]any, len(shown))
		for i, c := range shown {
			cells[i] = c.value(w, row)
		}
		rows++
		return table.Write(cells)
	}
	err = s.store.InOneView(ctx, func(ctx context.Context) error {
		var err error
		if w.categories, err = s.store.CategoryNames(ctx); err != nil {
			return err
		}
		if err := each(ctx, write); err != nil {
			return err
		}
		return open()
	})
	if err != nil {
		if table != nil {
			_ = table.Close() // what was written is not used
		}
		return 0, err
	}
	return rows, table.Close()
}

// headerOf is the header of a column. A key in two parts is a part of another
// column's, as resolution_rate.percent.
func headerOf(list ExportList, key string, language text.Language) string {
	if of, part, ok := strings.Cut(key, "."); ok {
		return language.Get("export."+part, "Of", headerOf(list, of, language))
	}
	if own := "export." + string(list) + "." + key; text.Has(own) {
		return language.Get(own)
	}
	return language.Get("export." + key)
}

// exportPage is how many rows are read at a time, so that memory does not grow
// with a list.
const exportPage = 500

// eachPage reads a list to its end: read reads at most limit rows that come
// after one, or the first ones; take takes each page.
func eachPage[R any](read func(after *R, limit int) ([]R, error), take func(page []R) error) error {
	var last *R
	for {
		page, err := read(last, exportPage)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := take(page); err != nil {
			return err
		}
		last = &page[len(page)-1]
		if len(page) < exportPage {
			return nil
		}
	}
}

// eachRow reads a list to its end and writes its rows one by one.
func eachRow[R any](read func(after *R, limit int) ([]R, error), write func(R) error) error {
	return eachPage(read, func(page []R) error {
		for _, row := range page {
			if err := write(row); err != nil {
				return err
			}
		}
		return nil
	})
}
