package service

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"whistle/internal/figures"
	"whistle/internal/phrase"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// ExportFilter narrows an export of tickets or of their histories; zero values
// narrow nothing. Departments, enterprises and categories are named by code,
// number or name.
type ExportFilter struct {
	From, To   worktime.Date // filed from one day to the other, both included
	States     []ticket.State
	Department string // leads it
	Enterprise string
	Category   string
	Source     ticket.Source
}

// exportColumn is a column of an exported table. Sheets have the columns with
// a header, JSON Lines those with a key.
type exportColumn[R any] struct {
	key, header string
	value       func(R) any
	json        func(R) any // where JSON says it otherwise
}

// exportTable writes rows of one kind.
type exportTable[R any] struct {
	w       tabular.Writer
	columns []func(R) any
	rows    int
}

func newExportTable[R any](format tabular.Format, w io.Writer, columns []exportColumn[R]) (*exportTable[R], error) {
	t := &exportTable[R]{}
	var header []string
	for _, c := range columns {
		name, value := c.header, c.value
		if format == tabular.JSONL {
			name = c.key
			if c.json != nil {
				value = c.json
			}
		}
		if name != "" {
			header, t.columns = append(header, name), append(t.columns, value)
		}
	}
	var err error
	t.w, err = tabular.NewWriter(format, w, header)
	return t, err
}

func (t *exportTable[R]) write(row R) error {
	cells := make([]any, len(t.columns))
	for i, value := range t.columns {
		cells[i] = value(row)
	}
	t.rows++
	return t.w.Write(cells)
}

// export writes rows as they come from each, and tells how many.
func export[R any](format tabular.Format, w io.Writer, columns []exportColumn[R], each func(write func(R) error) error) (int, error) {
	t, err := newExportTable(format, w, columns)
	if err != nil {
		return 0, err
	}
	if err := each(t.write); err != nil {
		_ = t.w.Close() // what was written is not used
		return 0, err
	}
	return t.rows, t.w.Close()
}

// blankAsNull is a text that JSON shows as null when there is none.
func blankAsNull[T ~string](text T) any {
	if text == "" {
		return nil
	}
	return string(text)
}

// idName is a reference as the API shows it.
type idName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func rawJSON(v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil // of texts only, which cannot fail
	}
	return json.RawMessage(raw)
}

// exportPage is how many tickets are read at a time.
const exportPage = 500

// eachPage walks the tickets that the filter leaves, newest first, on one
// state of the database.
func (s *Service) eachPage(ctx context.Context, actor ticket.Actor, f ExportFilter, page func(ctx context.Context, tickets []*ticket.Ticket) error) error {
	if !actor.SeesAll() {
		return errNotYours
	}
	return s.store.InOneView(ctx, func(ctx context.Context) error {
		narrow, err := s.narrow(ctx, f)
		if err != nil {
			return err
		}
		narrow.Limit = exportPage
		for {
			tickets, err := s.store.Tickets(ctx, actor, narrow)
			if err != nil || len(tickets) == 0 {
				return err
			}
			if err := page(ctx, tickets); err != nil {
				return err
			}
			last := tickets[len(tickets)-1]
			narrow.After = &Position{FiledAt: last.FiledAt, ID: last.ID}
		}
	})
}

// narrow finds what the filter names.
func (s *Service) narrow(ctx context.Context, f ExportFilter) (TicketFilter, error) {
	narrow := TicketFilter{States: f.States, Source: string(f.Source)}
	if !f.From.IsZero() {
		narrow.FiledFrom = f.From.In(s.zone)
	}
	if !f.To.IsZero() {
		narrow.FiledBefore = f.To.AddDays(1).In(s.zone)
	}
	var faults []ticket.Field
	for _, named := range []struct {
		pointer, text string
		into          *string
		index         func() (*index, error)
	}{
		{"/department", f.Department, &narrow.DepartmentID, func() (*index, error) { x, _, err := departmentIndex(ctx, s); return x, err }},
		{"/enterprise", f.Enterprise, &narrow.EnterpriseID, func() (*index, error) { x, _, err := enterpriseIndex(ctx, s); return x, err }},
		{"/category", f.Category, &narrow.Category, func() (*index, error) { return categoryIndex(ctx, s) }},
	} {
		if named.text == "" {
			continue
		}
		x, err := named.index()
		if err != nil {
			return narrow, err
		}
		// What is retired has tickets all the same.
		x.retired = nil
		var wrong phrase.Phrase
		if *named.into, wrong = x.find(named.text); !wrong.Empty() {
			faults = append(faults, ticket.FieldOf(named.pointer, wrong))
		}
	}
	return narrow, ticket.InvalidValues(faults)
}

// exportedTicket is a ticket with what its row needs besides.
type exportedTicket struct {
	*ticket.Ticket
	s          *Service
	names      *Names
	categories map[string]string
	masters    map[string]string // numbers of what others were merged into
	result     string            // the last that was submitted
}

func (t exportedTicket) named(id string) any {
	if id == "" {
		return nil
	}
	return rawJSON(idName{id, t.names.Of(id)})
}

func (t exportedTicket) allNamed(ids []string) any {
	all := make([]idName, len(ids))
	for i, id := range ids {
		all[i] = idName{id, t.names.Of(id)}
	}
	return rawJSON(all)
}

func (t exportedTicket) allNames(ids []string) any {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = t.names.Of(id)
	}
	return all
}

var stages = vocabulary[ticket.Stage]{
	{ticket.StageCollection, []string{"诉求收集"}},
	{ticket.StageDispatch, []string{"工单分办"}},
	{ticket.StageJointHandling, []string{"难事会办"}},
	{ticket.StageResolution, []string{"交办解决"}},
	{ticket.StageVerification, []string{"检验成效"}},
	{ticket.StageClosed, []string{"办结"}},
}

var verifications = vocabulary[ticket.Verification]{
	{ticket.ByConfirmation, []string{"企业确认"}},
	{ticket.ByCallback, []string{"回访"}},
	{ticket.Unreachable, []string{"未能联系"}},
}

// reference is a column with a name in sheets, and id and name in JSON.
func reference(key, header string, id func(exportedTicket) string) exportColumn[exportedTicket] {
	return exportColumn[exportedTicket]{
		key, header,
		func(t exportedTicket) any { return blankAsNull(t.names.Of(id(t))) },
		func(t exportedTicket) any { return t.named(id(t)) },
	}
}

// coded is a column with a word in sheets, and its code in JSON.
func coded[W ~string](key, header string, words vocabulary[W], of func(exportedTicket) W) exportColumn[exportedTicket] {
	return exportColumn[exportedTicket]{
		key, header,
		func(t exportedTicket) any { return words.name(of(t)) },
		func(t exportedTicket) any { return blankAsNull(of(t)) },
	}
}

// ticketExport is how tickets are exported, under the API's names of fields
// where it has them.
var ticketExport = []exportColumn[exportedTicket]{
	{key: "id", value: func(t exportedTicket) any { return t.ID }},
	{"number", "编号", func(t exportedTicket) any { return t.Number }, nil},
	{"external_number", "外部编号", func(t exportedTicket) any { return blankAsNull(t.ExternalNumber) }, nil},
	{"title", "标题", func(t exportedTicket) any { return t.Title }, nil},
	{"description", "诉求内容", func(t exportedTicket) any { return t.Description }, nil},
	{
		"category", "类别",
		func(t exportedTicket) any { return t.categories[t.Category] },
		func(t exportedTicket) any { return t.Category },
	},
	coded("urgency", "紧急程度", urgencies, func(t exportedTicket) ticket.Urgency { return t.Urgency }),
	coded("source", "来源", sources, func(t exportedTicket) ticket.Source { return t.Source }),
	{
		"confidential", "商业秘密",
		func(t exportedTicket) any { return yesNo(t.Confidential) },
		func(t exportedTicket) any { return t.Confidential },
	},
	reference("enterprise", "企业", func(t exportedTicket) string { return t.EnterpriseID }),
	reference("project", "重点项目", func(t exportedTicket) string { return t.ProjectID }),
	reference("place", "所在地", func(t exportedTicket) string { return t.PlaceID }),
	{
		"chains", "产业链",
		func(t exportedTicket) any { return t.allNames(t.Chains) },
		func(t exportedTicket) any { return t.allNamed(t.Chains) },
	},
	coded("stage", "阶段", stages, func(t exportedTicket) ticket.Stage { return t.State.Stage() }),
	{
		"state", "状态",
		func(t exportedTicket) any { return t.State.Info().Chinese },
		func(t exportedTicket) any { return string(t.State) },
	},
	reference("lead", "牵头部门", func(t exportedTicket) string { return t.LeadID }),
	{
		"departments", "协办部门",
		func(t exportedTicket) any { return t.allNames(t.Joined()) },
		func(t exportedTicket) any { return t.allNamed(t.Joined()) },
	},
	reference("assignee", "经办人", func(t exportedTicket) string { return t.AssigneeID }),
	{"created_at", "提交时间", func(t exportedTicket) any { return t.FiledAt.In(t.s.zone) }, nil},
	{"accepted_at", "受理时间", func(t exportedTicket) any { return t.s.local(t.AcceptedAt) }, nil},
	{"first_dispatch_at", "首次派单时间", func(t exportedTicket) any { return t.s.local(t.FirstDispatchAt) }, nil},
	{"claimed_at", "接单时间", func(t exportedTicket) any { return t.s.local(t.ClaimedAt) }, nil},
	{"resolve_due_at", "办理期限", func(t exportedTicket) any {
		if c := t.Clock(ticket.ClockResolve); c != nil {
			return c.DueAt.In(t.s.zone)
		}
		return nil
	}, nil},
	{"resolved_at", "提交结果时间", func(t exportedTicket) any { return t.s.local(t.VerifyingSince) }, nil},
	{"result", "办理结果", func(t exportedTicket) any { return blankAsNull(t.result) }, nil},
	coded("claimed_outcome", "提交的结论", outcomes, func(t exportedTicket) ticket.Outcome { return t.ClaimedOutcome }),
	{"closed_at", "办结时间", func(t exportedTicket) any { return t.s.local(t.ClosedAt) }, nil},
	coded("outcome", "办结结论", outcomes, func(t exportedTicket) ticket.Outcome { return t.Outcome }),
	coded("verified_by", "核验方式", verifications, func(t exportedTicket) ticket.Verification { return t.VerifiedBy }),
	{"satisfaction", "满意度", func(t exportedTicket) any {
		if t.Satisfaction == 0 {
			return nil
		}
		return t.Satisfaction
	}, nil},
	{"returns", "退单次数", func(t exportedTicket) any { return t.Returns }, nil},
	{"disputes", "返工次数", func(t exportedTicket) any { return t.Disputes }, nil},
	{
		"on_ledger", "挂账台账",
		func(t exportedTicket) any { return yesNo(t.OnLedger) },
		func(t exportedTicket) any { return t.OnLedger },
	},
	{
		"merged_into", "并入工单",
		func(t exportedTicket) any { return blankAsNull(t.masters[t.MergedInto]) },
		func(t exportedTicket) any { return blankAsNull(t.MergedInto) },
	},
	{key: "version", value: func(t exportedTicket) any { return t.Version }},
	{"updated_at", "更新时间", func(t exportedTicket) any { return t.UpdatedAt.In(t.s.zone) }, nil},
}

// ExportTickets writes tickets, newest first, and returns how many. Only those
// who see every ticket may: what is exported holds confidential texts too.
func (s *Service) ExportTickets(ctx context.Context, actor ticket.Actor, f ExportFilter, format tabular.Format, w io.Writer) (int, error) {
	return export(format, w, ticketExport, func(write func(exportedTicket) error) error {
		categories, err := s.store.CategoryNames(ctx)
		if err != nil {
			return err
		}
		return s.eachPage(ctx, actor, f, func(ctx context.Context, tickets []*ticket.Ticket) error {
			names := newNames()
			var masters []string
			for _, t := range tickets {
				names.ofTicket(t)
				if t.MergedInto != "" {
					masters = append(masters, t.MergedInto)
				}
			}
			if err := names.load(ctx, s.store); err != nil {
				return err
			}
			results, err := s.store.LinesOf(ctx, idsOf(tickets), ticket.EventResolve)
			if err != nil {
				return err
			}
			numbers, err := s.store.Numbers(ctx, masters)
			if err != nil {
				return err
			}
			for _, t := range tickets {
				row := exportedTicket{Ticket: t, s: s, names: names, categories: categories, masters: numbers}
				if lines := results[t.ID]; len(lines) > 0 {
					row.result = lines[len(lines)-1].Words["result"]
				}
				if err := write(row); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func idsOf(tickets []*ticket.Ticket) []string {
	ids := make([]string, len(tickets))
	for i, t := range tickets {
		ids[i] = t.ID
	}
	return ids
}

// exportedLine is a history line with what its row needs besides.
type exportedLine struct {
	*ticket.Line
	s      *Service
	number string
	names  *Names
}

var lineExport = []exportColumn[exportedLine]{
	{header: "工单编号", value: func(l exportedLine) any { return l.number }},
	{header: "序号", value: func(l exportedLine) any { return l.Seq }},
	{header: "事件", value: func(l exportedLine) any {
		def, _ := ticket.Define(l.Event)
		return def.Chinese
	}},
	{header: "时间", value: func(l exportedLine) any { return l.At.In(l.s.zone) }},
	{header: "记录时间", value: func(l exportedLine) any { return l.RecordedAt.In(l.s.zone) }},
	{header: "推定", value: func(l exportedLine) any { return yesNo(l.Inferred) }},
	{header: "经手人", value: func(l exportedLine) any { return l.names.Of(l.Actor.ID) }},
	{header: "角色", value: func(l exportedLine) any { return roles.name(l.Actor.Role) }},
	{header: "部门", value: func(l exportedLine) any { return l.names.Of(l.Actor.DepartmentID) }},
	{header: "原状态", value: func(l exportedLine) any { return l.From.Info().Chinese }},
	{header: "新状态", value: func(l exportedLine) any { return l.To.Info().Chinese }},
	{header: "内容", value: func(l exportedLine) any {
		var texts []string
		for _, place := range slices.Sorted(maps.Keys(l.Words)) {
			texts = append(texts, l.Words[place])
		}
		return strings.Join(texts, "\n")
	}},
}

// ExportHistoryTable writes the histories of tickets as a flat table of CSV or
// XLSX, a row a line, and returns how many. It is for reading: what Verify
// needs is in ExportHistory. Only those who see every ticket may.
func (s *Service) ExportHistoryTable(ctx context.Context, actor ticket.Actor, f ExportFilter, format tabular.Format, w io.Writer) (int, error) {
	return export(format, w, lineExport, func(write func(exportedLine) error) error {
		return s.eachPage(ctx, actor, f, func(ctx context.Context, tickets []*ticket.Ticket) error {
			lines, err := s.store.LinesOf(ctx, idsOf(tickets))
			if err != nil {
				return err
			}
			names := newNames()
			for _, of := range lines {
				for _, l := range of {
					names.add(store.Users, l.Actor.ID)
					names.add(store.Departments, l.Actor.DepartmentID)
				}
			}
			if err := names.load(ctx, s.store); err != nil {
				return err
			}
			for _, t := range tickets {
				for _, l := range lines[t.ID] {
					if err := write(exportedLine{l, s, t.Number, names}); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
}

// figuresExport is how figures are exported: a row for the whole, then one for
// each group.
func figuresExport() []exportColumn[figures.Group] {
	count := func(key, header string, of func(figures.Counts) int64) exportColumn[figures.Group] {
		return exportColumn[figures.Group]{key, header, func(g figures.Group) any { return of(g.Counts) }, nil}
	}
	columns := []exportColumn[figures.Group]{
		{"key", "代码", func(g figures.Group) any { return g.Key }, nil},
		{"name", "名称", func(g figures.Group) any { return g.Name }, nil},
		count("tickets", "有效工单", func(c figures.Counts) int64 { return c.Tickets }),
		count("filed", "提交工单", func(c figures.Counts) int64 { return c.Filed }),
		count("solved", "已解决", func(c figures.Counts) int64 { return c.Solved }),
		count("in_progress", "推进中", func(c figures.Counts) int64 { return c.InProgress }),
		count("closed", "办结", func(c figures.Counts) int64 { return c.Closed }),
		{key: "excluded", value: func(g figures.Group) any { return rawJSON(g.Counts.Excluded) }},
	}
	excluded := vocabulary[string]{{"rejected", []string{"不予受理"}}, {"merged", []string{"已并案"}}, {"withdrawn", []string{"派单前撤回"}}}
	for _, reason := range figures.Exclusions {
		columns = append(columns, exportColumn[figures.Group]{
			header: excluded.name(reason), value: func(g figures.Group) any { return g.Counts.Excluded[reason] },
		})
	}
	for _, rate := range figures.Rates() {
		of := func(g figures.Group) figures.Ratio { return g.Counts.Rates[rate.Name] }
		columns = append(columns,
			exportColumn[figures.Group]{header: rate.Chinese + "分子", value: func(g figures.Group) any { return of(g).Numerator }},
			exportColumn[figures.Group]{header: rate.Chinese + "分母", value: func(g figures.Group) any { return of(g).Denominator }},
			exportColumn[figures.Group]{header: rate.Chinese + "%", value: func(g figures.Group) any { return blankAsNull(of(g).Percent()) }},
			exportColumn[figures.Group]{key: rate.Name, value: func(g figures.Group) any {
				return rawJSON(map[string]any{
					"numerator": of(g).Numerator, "denominator": of(g).Denominator, "percent": blankAsNull(of(g).Percent()),
				})
			}},
		)
	}
	hours := func(header string, of func(figures.Handling) float64) exportColumn[figures.Group] {
		return exportColumn[figures.Group]{header: header, value: func(g figures.Group) any {
			if g.Counts.Handling.Count == 0 {
				return nil
			}
			return of(g.Counts.Handling)
		}}
	}
	median, p90 := func(h figures.Handling) float64 { return h.Median }, func(h figures.Handling) float64 { return h.P90 }
	mean := func(h figures.Handling) float64 { return h.Mean }
	return append(columns,
		hours("办理时长中位数（工作小时）", median), hours("办理时长九成内（工作小时）", p90), hours("办理时长平均（工作小时）", mean),
		exportColumn[figures.Group]{key: "handling_hours", value: func(g figures.Group) any {
			shown := map[string]any{"count": g.Counts.Handling.Count, "median": nil, "p90": nil, "mean": nil}
			if h := g.Counts.Handling; h.Count > 0 {
				shown["median"], shown["p90"], shown["mean"] = h.Median, h.P90, h.Mean
			}
			return rawJSON(shown)
		}},
	)
}

// TotalKey is the key of the row over all groups in an export of figures.
const TotalKey = "total"

// ExportFigures writes the figures asked for as a table, and returns how many
// rows it has.
func (s *Service) ExportFigures(ctx context.Context, actor ticket.Actor, q FiguresQuery, format tabular.Format, w io.Writer) (int, error) {
	report, err := s.Figures(ctx, actor, q)
	if err != nil {
		return 0, err
	}
	return export(format, w, figuresExport(), func(write func(figures.Group) error) error {
		for _, g := range append([]figures.Group{{Key: TotalKey, Name: "合计", Counts: report.Total}}, report.Groups...) {
			if err := write(g); err != nil {
				return err
			}
		}
		return nil
	})
}

func yesNo(yes bool) string {
	if yes {
		return "是"
	}
	return "否"
}

// local is a moment in the service's zone; nil where there is none.
func (s *Service) local(at *time.Time) any {
	if at == nil {
		return nil
	}
	return at.In(s.zone)
}
