package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
)

// importerID is how the history names who carried over what others did.
const importerID = "import"

// ImportKind is what the rows of a table are.
type ImportKind string

// The kinds of import.
const (
	ImportEnterprises ImportKind = "enterprises"
	ImportDepartments ImportKind = "departments"
	ImportProjects    ImportKind = "projects"
	ImportUsers       ImportKind = "users"
	ImportManagers    ImportKind = "managers"
	ImportTickets     ImportKind = "tickets"
	ImportMembers     ImportKind = "members" // of alliances
	ImportVisits      ImportKind = "visits"
	ImportStaff       ImportKind = "staff"
	ImportExperts     ImportKind = "experts"

	ImportPolicyResources ImportKind = "policy_resources"
	ImportNeeds           ImportKind = "needs"
	ImportServices        ImportKind = "services"
)

// ImportKinds lists all kinds, in the order in which an office that starts
// imports them.
var ImportKinds = []ImportKind{
	ImportDepartments, ImportEnterprises, ImportProjects, ImportUsers, ImportManagers, ImportStaff, ImportExperts, ImportTickets, ImportMembers, ImportVisits,
	ImportPolicyResources, ImportNeeds, ImportServices,
}

// ImportColumns are the columns that a table of the kind may have, those of an
// export among them; open the tabular.Reader for Import with them.
func ImportColumns(kind ImportKind) []tabular.Column { return readableColumns[kind] }

// ImportOptions say how to import.
type ImportOptions struct {
	DryRun  bool // look at every row and tell what would be done, but do nothing
	SkipBad bool // take the good rows in although there are bad ones

	// Of tickets: where rows that name no department were dispatched to (made
	// when there is none of the name), the category code of rows that name none
	// (DefaultCategory when empty), and how long the resolve clock runs; nil
	// for the policy in effect when each was filed.
	Department string
	Category   string
	Resolve    *ticket.Length

	// Of users: make an invitation link for each account added.
	Links bool

	Progress Progress // may be nil
	Sample   int      // of how many rows, from the first, the result tells what they were taken for

	// taken, when set, is called in the transaction of an import that is about
	// to be applied.
	taken func(ctx context.Context, r *ImportResult) error
	id    string // of what is imported, in the audit log; a new one when empty
}

// DefaultCategory is the category of imported tickets that name none.
const DefaultCategory = "other"

// ImportResult tells what an import did, or would do.
type ImportResult struct {
	Applied   bool // false for a dry run, and when bad rows held the others back
	Rows      int
	Added     int
	Changed   int
	Unchanged int // there already
	Bad       int
	// Made counts what was made besides because the rows needed it, by what it
	// is: department, enterprise, policy.
	Made    map[string]int
	Faults  tabular.Faults // of the bad rows, in the order of the file
	BadRows []*tabular.Row // with their faults, for tabular.BadRows
	Links   []*Link        // only when applied
	Sample  []ImportedRow  // the first rows, in their order
}

// errHeldBack takes an import back that is not to be.
var errHeldBack = errors.New("import held back")

// Import takes a table in, all of it or nothing, or all good rows of it if so
// told. Rows whose key is there already add nothing: entries and accounts
// become what the row says, tickets are left as they are. Every fault of every
// row is reported. It cannot be part of another transaction.
//
// The error is a *tabular.Faults when columns are missing, and a *ticket.Error
// when the options are wrong; faults of the rows are in the result.
func (s *Service) Import(ctx context.Context, actor ticket.Actor, kind ImportKind, from *tabular.Reader, o ImportOptions) (*ImportResult, error) {
	if !administers(actor) {
		return nil, errNotYours
	}
	if kind == ImportTickets {
		f := &tabular.Faults{}
		if !from.Has("number") && !from.Has("external_number") {
			f.Add(tabular.Fault{Row: 1, Column: "编号", Message: "the column is missing; add 编号 (number) or 外部编号 (external number) with the number in the system that the table is from"})
		}
		if !from.Has("enterprise") && !from.Has("user") {
			f.Add(tabular.Fault{Row: 1, Column: "企业", Message: "the column is missing; add 企业 (enterprise) with the name, credit code or external number of one that is there, or 留言用户 (user) with the number of whoever wrote"})
		}
		if len(f.List) > 0 {
			return nil, f
		}
	}
	rows, err := readAll(from)
	if err != nil {
		return nil, err
	}
	var run *importRun
	err = s.InTx(ctx, func(ctx context.Context) error {
		// The transaction may run again: it begins anew, on rows without faults.
		run = &importRun{
			s: s, actor: actor, from: from, columns: ImportColumns(kind), options: o, template: importTemplates[kind],
			seen: map[string]int{}, result: &ImportResult{Rows: len(rows), Made: map[string]int{}},
		}
		if err := run.all(ctx, kind, rows); err != nil {
			return err
		}
		if o.DryRun || run.result.Bad > 0 && !o.SkipBad {
			return errHeldBack
		}
		return run.applied(ctx, kind)
	})
	if err != nil && !errors.Is(err, errHeldBack) {
		return nil, err
	}
	run.result.Applied = err == nil
	if !run.result.Applied {
		run.result.Links = nil
	}
	return run.result, nil
}

// applied writes down what an import does, unless that is nothing.
func (run *importRun) applied(ctx context.Context, kind ImportKind) error {
	r, o := run.result, run.options
	if r.Added+r.Changed+len(r.Made) > 0 {
		after := map[string]any{"kind": kind, "file": run.from.Name(), "rows": r.Rows, "added": r.Added, "changed": r.Changed, "unchanged": r.Unchanged, "left_out": r.Bad, "made": r.Made}
		if err := run.s.audit(ctx, run.actor, auditImport, subjectImport, cmp.Or(o.id, run.s.newID()), nil, after); err != nil {
			return err
		}
	}
	if o.taken == nil {
		return nil
	}
	return o.taken(ctx, r)
}

func readAll(from *tabular.Reader) ([]*tabular.Row, error) {
	var rows []*tabular.Row
	for {
		row, err := from.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
}

// importRun is one import under way.
type importRun struct {
	s        *Service
	actor    ticket.Actor
	from     *tabular.Reader
	columns  []tabular.Column
	template importTemplate
	options  ImportOptions
	seen     map[string]int // key → number of the row that has it
	result   *ImportResult
}

// outcome is what became of a good row.
type outcome int

const (
	added outcome = iota
	changed
	unchanged
)

// take takes one row in; its faults are added to the row. The error is one
// that ends the import.
type take func(ctx context.Context, row *importRow) (outcome, error)

func (run *importRun) all(ctx context.Context, kind ImportKind, rows []*tabular.Row) error {
	switch kind {
	case ImportTickets:
		return run.s.Batch(ctx, func(b *Batch) error {
			take, err := run.tickets(b.ctx, b)
			if err != nil {
				return err
			}
			return run.each(b.ctx, rows, take)
		})
	case ImportDepartments:
		return run.with(ctx, run.departments, parentsFirst(rows))
	case ImportEnterprises:
		return run.with(ctx, run.enterprises, rows)
	case ImportProjects:
		return run.with(ctx, run.projects, rows)
	case ImportUsers:
		return run.with(ctx, run.users, rows)
	case ImportPolicyResources:
		return run.with(ctx, run.policyResources, rows)
	case ImportNeeds:
		return run.with(ctx, run.needs, rows)
	case ImportServices:
		return run.with(ctx, run.services, rows)
	case ImportManagers:
		return run.with(ctx, run.managers, rows)
	case ImportStaff:
		return run.with(ctx, run.staff, rows)
	case ImportMembers:
		return run.with(ctx, run.members, rows)
	case ImportVisits:
		return run.with(ctx, run.visits, rows)
	case ImportExperts:
		return run.with(ctx, run.experts, rows)
	}
	return fmt.Errorf("import: unknown kind %q", kind)
}

// with takes the rows in by what begin makes ready for their kind.
func (run *importRun) with(ctx context.Context, begin func(context.Context) (take, error), rows []*tabular.Row) error {
	take, err := begin(ctx)
	if err != nil {
		return err
	}
	return run.each(ctx, rows, take)
}

func (run *importRun) each(ctx context.Context, rows []*tabular.Row, take take) error {
	for i, original := range rows {
		copied := *original
		row := &importRow{Row: &copied, faulty: map[string]bool{}}
		if i < run.options.Sample {
			row.read = map[string]ImportCell{}
		}
		what := unchanged
		if run.isExample(row) {
			row.Fault(run.template.columns[0].key, "this is the example of the template; delete the row")
		}
		if len(row.Faults()) == 0 { // else it could not be cut into cells, or is none
			var err error
			if what, err = take(ctx, row); err != nil {
				return fmt.Errorf("row %d: %w", row.Number, err)
			}
		}
		if row.read != nil {
			run.result.Sample = append(run.result.Sample, run.sampleOf(row, what))
		}
		if len(row.Faults()) > 0 {
			run.result.BadRows = append(run.result.BadRows, row.Row)
		} else {
			run.count(what)
		}
		if run.options.Progress != nil {
			run.options.Progress(i+1, len(rows))
		}
	}
	run.result.Bad = len(run.result.BadRows)
	slices.SortFunc(run.result.BadRows, func(a, b *tabular.Row) int { return a.Number - b.Number })
	for _, row := range run.result.BadRows {
		run.result.Faults.Add(row.Faults()...)
	}
	return nil
}

func (run *importRun) count(what outcome) {
	switch what {
	case added:
		run.result.Added++
	case changed:
		run.result.Changed++
	case unchanged:
		run.result.Unchanged++
	}
}

// once adds a fault when an earlier row has the same key. Blank keys are
// passed over.
func (run *importRun) once(row *importRow, column, key string) {
	if key == "" {
		return
	}
	place := column + " " + key
	if earlier, twice := run.seen[place]; twice {
		row.fault(column, "%s is in row %d already; keep one of the two rows", tabular.Quote(key), earlier)
		return
	}
	run.seen[place] = row.Number
}

// importRow remembers which cells have a fault, so that a rule that stumbles
// over what could not be read adds none of its own.
type importRow struct {
	*tabular.Row
	faulty map[string]bool
	read   map[string]ImportCell // what cells were taken for, by column; nil where nobody asks
}

func (r *importRow) fault(column, format string, args ...any) {
	if !r.faulty[column] {
		r.faulty[column] = true
		r.Fault(column, format, args...)
	}
}

func (r *importRow) bad() bool { return len(r.Faults()) > 0 }

// noting reads a cell and notes when that found a fault.
func noting[T any](r *importRow, column string, read func(column string) T) T {
	before := len(r.Faults())
	value := read(column)
	if len(r.Faults()) > before {
		r.faulty[column] = true
	}
	return value
}

func (r *importRow) text(column string) string {
	return noting(r, column, func(c string) string { return r.Text(c, 0) })
}

func (r *importRow) required(column string) string {
	return noting(r, column, func(c string) string { return r.Required(c, 0) })
}

// word reads a cell that holds one of some words; what a blank one stands for
// is the caller's to say.
func word[W ~string](r *importRow, column string, words lexicon[W], blank W) W {
	text := r.text(column)
	if text == "" {
		r.understood(column, ImportCell{List: words.list, Codes: []string{string(blank)}})
		return blank
	}
	if code, ok := words.find(text); ok {
		r.understood(column, ImportCell{List: words.list, Codes: []string{string(code)}})
		return code
	}
	r.fault(column, "%s is not known; write one of: %s", tabular.Quote(text), words.String())
	return blank
}

// vocabulary are codes with the words that offices write for them.
type vocabulary[W ~string] []struct {
	code  W
	names []string
}

// lexicon is a vocabulary with the list by which pages call its codes.
type lexicon[W ~string] struct {
	list string
	vocabulary[W]
}

// find gives the code that an office writes in a word.
func (v vocabulary[W]) find(text string) (code W, ok bool) {
	for _, w := range v {
		if strings.EqualFold(text, string(w.code)) || slices.Contains(w.names, text) {
			return w.code, true
		}
	}
	return code, false
}

func (v vocabulary[W]) codes() []W {
	codes := make([]W, len(v))
	for i, w := range v {
		codes[i] = w.code
	}
	return codes
}

func (v vocabulary[W]) String() string {
	all := make([]string, len(v))
	for i, w := range v {
		all[i] = w.names[0] + " (" + string(w.code) + ")"
	}
	return strings.Join(all, ", ")
}

// blame puts faults of an input at the columns that its fields come from:
// columns maps the first part of a pointer where the column has another key.
// What fits no column is put at the row's key.
func (run *importRun) blame(row *importRow, key string, columns map[string]string, faults []ticket.Field) {
	for _, f := range faults {
		field, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		column, ok := columns[field]
		switch {
		case ok:
		case slices.ContainsFunc(run.columns, func(c tabular.Column) bool { return c.Key == field }):
			column = field
		default:
			column = key
		}
		row.fault(column, "%s", f.Phrase())
	}
}

// refused puts a refusal at the row. It returns the error when it is none, but
// says that the import cannot go on.
func (run *importRun) refused(row *importRow, key string, columns map[string]string, err error) error {
	var refusal *ticket.Error
	if !errors.As(err, &refusal) || refusal.Code == ticket.CodeUnavailable {
		return err
	}
	if len(refusal.Fields) == 0 {
		row.fault(key, "%s", refusal.Phrase())
	}
	run.blame(row, key, columns, refusal.Fields)
	return nil
}

// index finds entries by what people call them.
type index struct {
	what    string
	codes   map[string]string   // what only one is known by → id
	names   map[string][]string // → ids
	retired map[string]bool
	called  map[string]string // id → its first name, or its code where it has none
	order   []indexed
}

// indexed is an entry with all that it is known by, what is shown first.
type indexed struct {
	id    string
	known []string
}

func newIndex(what string) *index {
	return &index{what, map[string]string{}, map[string][]string{}, map[string]bool{}, map[string]string{}, nil}
}

func (x *index) add(id string, retired bool, codes []string, names ...string) {
	known := slices.DeleteFunc(slices.Concat(names, codes), func(s string) bool { return s == "" })
	if len(known) > 0 {
		x.called[id] = known[0]
		x.order = append(x.order, indexed{id, known})
	}
	x.retired[id] = retired
	for _, code := range codes {
		if code != "" {
			x.codes[code] = id
		}
	}
	for _, name := range names {
		if name != "" && !slices.Contains(x.names[name], id) {
			x.names[name] = append(x.names[name], id)
		}
	}
}

// find gives the id of the entry that goes by the text, and what is wrong
// when there is not exactly one in service.
func (x *index) find(text string) (id string, wrong phrase.Phrase) {
	if id, ok := x.codes[text]; ok {
		if x.retired[id] {
			return "", phrase.Of("the %s %s is retired; write another", phrase.Word(x.what), tabular.Quote(text))
		}
		return id, wrong
	}
	ids := slices.DeleteFunc(slices.Clone(x.names[text]), func(id string) bool { return x.retired[id] })
	switch {
	case len(ids) == 1:
		return ids[0], wrong
	case len(ids) > 1:
		return "", phrase.Of("%d of them are called %s; write the code or number of the one that is meant", len(ids), tabular.Quote(text))
	case len(x.names[text]) > 0:
		return "", phrase.Of("the %s %s is retired; write another", phrase.Word(x.what), tabular.Quote(text))
	}
	return "", phrase.Of("there is no %s %s; correct it, or enter the %s first", phrase.Word(x.what), tabular.Quote(text), phrase.Word(x.what))
}

// refer reads a cell that names an entry; "" when it is blank.
func (x *index) refer(row *importRow, column string) string {
	text := row.text(column)
	if text == "" {
		return ""
	}
	id, wrong := x.find(text)
	if !wrong.Empty() {
		row.fault(column, "%s", wrong)
	} else {
		row.understood(column, ImportCell{Text: x.called[id]})
	}
	return id
}

// choices is what may be written for each entry in service: its name, or where
// others have the same, its code.
func (x *index) choices() []string {
	var all []string
	for _, entry := range x.order {
		at := slices.IndexFunc(entry.known, func(text string) bool {
			id, wrong := x.find(text)
			return wrong.Empty() && id == entry.id
		})
		if at >= 0 && !slices.Contains(all, entry.known[at]) {
			all = append(all, entry.known[at])
		}
	}
	return all
}

// indexOf is an index over all entries of a kind, and these.
func indexOf[T any, P directory.Entry[T]](ctx context.Context, s *Service, what string, known func(*T) (codes, names []string)) (*index, []T, error) {
	entries, err := store.Entries[T, P](ctx, s.store, EntryFilter{All: true})
	if err != nil {
		return nil, nil, err
	}
	x := newIndex(what)
	for i := range entries {
		id, stamp := P(&entries[i]).Refs()
		codes, names := known(&entries[i])
		x.add(*id, stamp.Retired(), codes, names...)
	}
	return x, entries, nil
}
