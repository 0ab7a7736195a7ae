package service_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// book is a bulletin as a spreadsheet reads it.
type book struct {
	*excelize.File
	t       *testing.T
	content []byte
}

func openBook(t *testing.T, content []byte) book {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return book{f, t, content}
}

// row is the cells of a sheet's row that begins with a word.
func (b book) row(sheet, begins string) []string {
	b.t.Helper()
	rows, err := b.GetRows(sheet)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, row := range rows {
		if len(row) > 0 && row[0] == begins {
			return row
		}
	}
	b.t.Errorf("%s has no row %q: %q", sheet, begins, rows)
	return make([]string, 20)
}

// charts are what the charts of a workbook refer to, which excelize writes and
// cannot read.
func (b book) charts() (all [][]string) {
	b.t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b.content), int64(len(b.content)))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, "xl/charts/chart") {
			continue
		}
		part, err := f.Open()
		if err != nil {
			b.t.Fatal(err)
		}
		xml, err := io.ReadAll(part)
		if err := errors.Join(err, part.Close()); err != nil {
			b.t.Fatal(err)
		}
		var ranges []string
		for _, m := range regexp.MustCompile(`<(?:c:)?f>([^<]*)</`).FindAllStringSubmatch(string(xml), -1) {
			ranges = append(ranges, strings.NewReplacer("&#39;", "'", "&apos;", "'").Replace(m[1]))
		}
		all = append(all, ranges)
	}
	return all
}

// values are the cells that a range of a chart names.
func (b book) values(area string) []string {
	b.t.Helper()
	sheet, cells, _ := strings.Cut(area, "!")
	sheet = strings.Trim(sheet, "'")
	from, to, both := strings.Cut(strings.ReplaceAll(cells, "$", ""), ":")
	if !both {
		to = from
	}
	column, first, err := excelize.CellNameToCoordinates(from)
	if err != nil {
		b.t.Fatalf("%q: %v", area, err)
	}
	_, last, err := excelize.CellNameToCoordinates(to)
	if err != nil {
		b.t.Fatalf("%q: %v", area, err)
	}
	var all []string
	for row := first; row <= last; row++ {
		cell, _ := excelize.CoordinatesToCellName(column, row)
		value, err := b.GetCellValue(sheet, cell)
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, value)
	}
	return all
}

// holds compares a rate's three cells with what it is.
func holds(cells []string, r figures.Ratio) bool {
	if r.Denominator == 0 {
		return cells[0] == "" && cells[2] == "0"
	}
	share, err := strconv.ParseFloat(cells[0], 64)
	return err == nil && share == float64(r.Numerator)/float64(r.Denominator) && cells[1] == strconv.FormatInt(r.Numerator, 10) && cells[2] == strconv.FormatInt(r.Denominator, 10)
}

// At the ends of a week and of a month the bulletin is made once, though two
// processes run, and mailed to whom it is for: with the figures of its snapshot,
// whatever was recorded since.
func TestTheBulletinIsMailed(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		ctx := t.Context()
		d, server := mailing(t, cfg, "2023-09-27 10:00")
		second := d.replica(cfg)
		d.work(second, mailTo(t, server))
		id := d.file(ticket.SubmitInput{Title: "商业秘密一件", Confidential: true})
		d.fire("desk", id, ticket.EventAccept, nil)
		d.fire("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"]})
		d.fire("lead-officer", id, ticket.EventClaim, nil)
		d.fire("lead-head", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "办了"})
		d.fire("own", id, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
		d.settle()
		for server.Waiting() > 0 {
			server.Next(t)
		}

		publish := func(svc *testkit.Service) int {
			t.Helper()
			if _, err := svc.Freeze(ctx); err != nil {
				t.Fatal(err)
			}
			made, _, err := svc.PublishBulletins(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return made
		}
		// Nothing has ended.
		if n := publish(d.Service); n != 0 {
			t.Errorf("%d bulletins before the week ended", n)
		}
		// Sunday was the 1st of October: the week to it and September end at once,
		// the month on Saturday.
		for _, svc := range []*testkit.Service{d.Service, second} {
			svc.Clock.Set(testkit.Moment(t, "2023-10-02 08:00"))
		}
		results := make(chan int, 2)
		go func() { results <- publish(d.Service) }()
		go func() { results <- publish(second) }()
		if n := <-results + <-results; n != 2 {
			t.Errorf("two processes made %d bulletins", n)
		}
		d.settle()
		var to []string
		letters := map[string]testkit.Letter{}
		for server.Waiting() > 0 {
			l := server.Next(t)
			if len(l.Files) != 1 {
				continue // a notice
			}
			to = append(to, l.To)
			letters[l.To+l.Files[0].Name[:strings.Index(l.Files[0].Name, " 2")]] = l
		}
		slices.Sort(to)
		if want := []string{"desk@example.com", "desk@example.com", "head@example.com", "head@example.com", "leader@example.com", "leader@example.com"}; !slices.Equal(to, want) {
			t.Fatalf("mailed to %v, want %v", to, want)
		}
		if n := publish(d.Service) + publish(second); n != 0 {
			t.Errorf("made again: %d", n)
		}

		for who, want := range map[string]int{"leader": 2, "lead-head": 2, "desk": 2, "lead-officer": 0, "own": 0} {
			all, err := d.Notices(ctx, d.Actor(t, who), service.NoticeFilter{})
			if err != nil {
				t.Fatal(err)
			}
			told := slices.DeleteFunc(all, func(n service.Notice) bool { return n.Kind != "bulletin" })
			if len(told) != want || want > 0 && !slices.ContainsFunc(told, func(n service.Notice) bool {
				return n.Path == "/bulletin?kind=weekly&day=2023-10-01" && (n.Title == "每周通报" || n.Title == "Weekly bulletin") && n.Text != ""
			}) {
				t.Errorf("%s is told of bulletins: %+v", who, told)
			}
		}

		l := letters["leader@example.com每周通报"]
		if !strings.Contains(l.Subject, "每周通报 2023-09-25–2023-10-01") || !strings.Contains(l.Plain, "https://whistle.example.com/bulletin?kind=weekly&day=2023-10-01") || !strings.Contains(l.Plain, "100.00%") {
			t.Errorf("%s\n%s", l.Subject, l.Plain)
		}
		frozen, err := d.Snapshots(ctx, d.Actor(t, "leader"), service.SnapshotFilter{Kind: figures.Weekly, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		snapshot := frozen[0]
		b := openBook(t, l.Files[0].Content)
		for _, name := range service.BulletinRates {
			if row := b.row("总览", text.Chinese.Get("figure."+name)); !holds(row[1:4], snapshot.Figures.Total.Rates[name]) {
				t.Errorf("%s is %q, frozen as %+v", name, row, snapshot.Figures.Total.Rates[name])
			}
		}
		for _, g := range snapshot.Figures.Groups {
			if row := b.row("解决率排名", g.Name); !holds(row[1:4], g.Counts.Rates["resolution_rate"]) {
				t.Errorf("%s is %q", g.Name, row)
			}
		}
		if got := b.row("说明", "快照")[1]; got != snapshot.ID {
			t.Errorf("it names the snapshot %q", got)
		}
		if got := b.row("说明", "计入的诉求")[1]; got != snapshot.MembersDigest {
			t.Errorf("its digest is %q", got)
		}
		charts := b.charts()
		if len(charts) != 5 {
			t.Errorf("%d charts: %v", len(charts), charts)
		}
		for _, ranges := range charts {
			// Name, categories, values of each series.
			if len(ranges)%3 != 0 || len(ranges) == 0 || !slices.Contains(b.values(ranges[2]), "1") {
				t.Errorf("a chart of %q, which hold %q", ranges, b.values(ranges[2]))
			}
		}
		everything := ""
		for _, sheet := range b.GetSheetList() {
			rows, err := b.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				everything += strings.Join(row, "\t") + "\n"
			}
		}
		if strings.Contains(everything+l.Plain, "商业秘密一件") || strings.Contains(everything, "甲科技") {
			t.Errorf("it tells of a ticket:\n%s", everything)
		}
		if head := openBook(t, letters["head@example.com每月通报"].Files[0].Content); slices.Contains(head.GetSheetList(), "各类别") {
			t.Error("a head is told of what is not theirs")
		}
		if l := letters["desk@example.comMonthly bulletin"]; !strings.Contains(l.Subject, "Monthly bulletin 2023-09-01–2023-09-30") {
			t.Errorf("the desk reads %q", l.Subject)
		}

		// What comes later is a correction beside the same figures.
		d.Clock.Set(testkit.Moment(t, "2023-10-09 10:00"))
		d.fire("desk", id, ticket.EventReopen, ticket.ReasonInput{Reason: "没解决"})
		d.settle()
		var later bytes.Buffer
		if _, err := d.BulletinBook(ctx, d.Actor(t, "leader"), figures.Weekly, date("2023-09-27"), text.Chinese, &later); err != nil {
			t.Fatal(err)
		}
		after := openBook(t, later.Bytes())
		for _, name := range service.BulletinRates {
			if was, is := b.row("总览", text.Chinese.Get("figure."+name)), after.row("总览", text.Chinese.Get("figure."+name)); !slices.Equal(was[:min(4, len(was))], is[:min(4, len(is))]) {
				t.Errorf("%s was %q and is %q", name, was, is)
			}
		}

		// Nobody ran for a month: what was missed is made, and only what is news is
		// mailed.
		for _, svc := range []*testkit.Service{d.Service, second} {
			svc.Clock.Set(testkit.Moment(t, "2023-11-06 08:00"))
		}
		if n := publish(d.Service); n != 6 {
			t.Errorf("%d bulletins were caught up on", n)
		}
		d.settle()
		mailed := map[string]bool{}
		for server.Waiting() > 0 {
			if l := server.Next(t); len(l.Files) == 1 && l.To == "leader@example.com" {
				mailed[l.Files[0].Name] = true
			}
		}
		for _, state := range []store.JobState{store.JobRetrying, store.JobFailed} {
			for _, job := range d.jobs(state) {
				t.Errorf("%s of %s: %+v", state, job.Kind, job.LastFailure())
			}
		}
		if len(mailed) != 3 {
			t.Errorf("mailed: %v", mailed)
		}
		list, err := d.PublishedBulletins(ctx, d.Actor(t, "lead-head"), 20)
		if err != nil || len(list) != 8 || list[0].ToDate != date("2023-11-05") {
			t.Errorf("%d bulletins are listed, %v", len(list), err)
		}
		if _, err := d.PublishedBulletins(ctx, d.Actor(t, "own"), 20); ticketCode(err) != ticket.CodeForbidden {
			t.Errorf("an enterprise: %v", err)
		}
	})
}
