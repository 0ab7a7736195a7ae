package service_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// What was previewed is what is imported, once, and only for a while.
func TestAPreviewIsConfirmedOnce(t *testing.T) {
	importsOnBoth(t, func(t *testing.T, d *importing, _ store.Config) {
		ctx := t.Context()
		hints, stop := d.Hints()
		defer stop()
		startQueue(t, d.Service)
		preview := func(table string) *service.ImportRun {
			t.Helper()
			return d.until(hints, d.start(service.ImportDepartments, table, service.ImportRunOptions{DryRun: true}).ID, ended)
		}
		const good = "编码,名称,类型,可派单,上级部门\n007,局一,镇街,,\nb2,局二,,否,局一\n"
		seen := preview(good)
		if got, want := told(seen), "done applied false: 2 rows, 2 added, 0 changed, 0 there, 0 bad, 0 faults"; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
		if len(seen.Sample) != 2 || seen.Sample[0].Row != 2 || seen.Sample[0].What != "added" {
			t.Fatalf("understood as %+v", seen.Sample)
		}
		var read []string
		for _, row := range seen.Sample {
			for _, cell := range row.Cells {
				read = append(read, cell.Column+"="+cell.Text+cell.List+strings.Join(cell.Codes, ","))
			}
		}
		if got, want := strings.Join(read, " "), "编码=007 名称=局一 类型=department_kindtown 可派单=exportyes 上级部门= 编码=b2 名称=局二 类型=department_kindbureau 可派单=exportno 上级部门=局一"; got != want {
			t.Errorf("understood as %s, want %s", got, want)
		}
		if len(seen.Digest) != 64 {
			t.Errorf("its digest is %q", seen.Digest)
		}

		// Two confirm it at once, and one later: it is imported once.
		results := make(chan string, 2)
		for range cap(results) {
			go func() {
				run, err := d.ConfirmImport(ctx, d.admin, seen.ID, false)
				if err != nil {
					t.Error(err)
					results <- ""
					return
				}
				results <- run.ID
			}()
		}
		first, second := <-results, <-results
		again, err := d.ConfirmImport(ctx, d.admin, seen.ID, false)
		d.must(err)
		if first != second || again.ID != first || first == "" || first == seen.ID {
			t.Fatalf("confirmed three times it is %s, %s and %s", first, second, again.ID)
		}
		run := d.until(hints, first, ended)
		if got, want := told(run), "done applied true: 2 rows, 2 added, 0 changed, 0 there, 0 bad, 0 faults"; got != want || run.Digest != seen.Digest || run.PreviewID != seen.ID {
			t.Errorf("%s of %s, want %s", got, run.PreviewID, want)
		}
		if now, err := d.ImportRun(ctx, d.admin, seen.ID); err != nil || now.ConfirmedID != first {
			t.Errorf("the preview knows of %+v, %v", now, err)
		}
		if all, err := d.ImportRuns(ctx, d.admin, service.ImportRunFilter{Limit: 10}); err != nil || len(all) != 2 {
			t.Errorf("%d imports, %v", len(all), err)
		}
		if _, err := d.ConfirmImport(ctx, d.admin, first, false); ticketCode(err) != ticket.CodeConflict {
			t.Errorf("what was imported is confirmed: %v", err)
		}

		// Faults come back at their cells.
		const faulty = "编码,名称,类型\nb3,局三,衙门\n,局四,\nb5,局五,\n"
		bad := preview(faulty)
		faults, err := d.ImportFaults(ctx, d.admin, bad.ID, 0, 0)
		d.must(err)
		if len(faults) != 2 || faults[0].Letter != "C" || faults[1].Letter != "A" || !bad.Sample[0].Cells[2].Faulty || bad.Sample[0].Cells[2].Text != "衙门" || bad.Sample[1].What != "bad" || bad.Sample[2].What != "added" {
			t.Errorf("faults %+v of %+v", faults, bad.Sample)
		}
		if _, err := d.ConfirmImport(ctx, d.admin, bad.ID, false); ticketCode(err) != ticket.CodeConflict {
			t.Errorf("rows with faults are confirmed: %v", err)
		}
		var marked bytes.Buffer
		d.must(d.MarkedFile(ctx, d.admin, bad.ID, text.Chinese, &marked))
		mended := d.mend(marked.Bytes(), map[string]string{"C2": "衙门", "A3": ""}, map[string]string{"C2": "部门", "A3": "007"})
		rest, err := d.ConfirmImport(ctx, d.admin, bad.ID, true)
		d.must(err)
		if got, want := told(d.until(hints, rest.ID, ended)), "done applied true: 3 rows, 1 added, 0 changed, 0 there, 2 bad, 2 faults"; got != want {
			t.Errorf("without the faulty rows %s, want %s", got, want)
		}
		after := d.until(hints, d.previewed(service.ImportDepartments, mended).ID, ended)
		if got, want := told(after), "done applied false: 3 rows, 1 added, 1 changed, 1 there, 0 bad, 0 faults"; got != want {
			t.Errorf("mended %s, want %s: %v", got, want, d.faults(after.ID, 0, 0))
		}
		for _, what := range []error{
			d.MarkedFile(ctx, d.Actor(t, "leader"), bad.ID, text.Chinese, &marked), func() error { _, err := d.ConfirmImport(ctx, d.Actor(t, "desk"), after.ID, false); return err }(),
		} {
			if ticketCode(what) != ticket.CodeForbidden {
				t.Errorf("somebody else: %v", what)
			}
		}

		// A day later it is to be looked at again.
		d.Clock.Advance(24 * time.Hour)
		if _, err := d.ConfirmImport(ctx, d.admin, after.ID, false); ticketCode(err) != ticket.CodeConflict || !strings.Contains(err.Error(), "expired") {
			t.Errorf("an old preview is confirmed: %v", err)
		}
		// And in the end nothing of it is kept.
		d.Clock.Advance(31 * 24 * time.Hour)
		d.must(d.PurgeImportFiles(ctx))
		if now, err := d.ImportRun(ctx, d.admin, after.ID); err != nil || now.FileKept || len(now.Sample) != 0 {
			t.Errorf("of what was purged there is %+v, %v", now.Sample, err)
		}
		if err := d.MarkedFile(ctx, d.admin, bad.ID, text.Chinese, &marked); ticketCode(err) != ticket.CodeNotFound {
			t.Errorf("what was purged is marked: %v", err)
		}
	})
}

// previewed previews a workbook.
func (d *importing) previewed(kind service.ImportKind, table []byte) service.ImportRun {
	d.t.Helper()
	run, err := d.StartImport(d.t.Context(), d.admin, kind, "名册.xlsx", bytes.NewReader(table), service.ImportRunOptions{DryRun: true})
	d.must(err)
	return run
}

// mend opens a marked workbook, which has these cells marked and no others, and
// writes others into them.
func (d *importing) mend(table []byte, marked, mended map[string]string) []byte {
	d.t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(table))
	d.must(err)
	defer f.Close()
	sheet := f.GetSheetName(0)
	comments, err := f.GetComments(sheet)
	d.must(err)
	if len(comments) != len(marked) {
		d.t.Errorf("%d comments", len(comments))
	}
	for _, c := range comments {
		value, err := f.GetCellValue(sheet, c.Cell)
		d.must(err)
		id, err := f.GetCellStyle(sheet, c.Cell)
		d.must(err)
		style, err := f.GetStyle(id)
		d.must(err)
		if was, ok := marked[c.Cell]; !ok || was != value || len(style.Fill.Color) != 1 || style.Fill.Color[0] != "FFC7CE" || !strings.ContainsAny(c.Text, "填写改正") {
			d.t.Errorf("%s, %q, is marked in %v with %q", c.Cell, value, style.Fill, c.Text)
		}
		d.must(f.SetCellStr(sheet, c.Cell, mended[c.Cell]))
	}
	var out bytes.Buffer
	d.must(f.Write(&out))
	return out.Bytes()
}

// A large file with a fault in every row is marked in bearable time.
func TestMarkingManyFaults(t *testing.T) {
	marks := make([]tabular.Mark, 1000)
	var table strings.Builder
	table.WriteString("编码,名称\n")
	for i := range 20_000 {
		table.WriteString("0012,局\n")
		if i < len(marks) {
			marks[i] = tabular.Mark{Row: i + 2, Letter: "B", Text: "要改"}
		}
	}
	began := time.Now()
	var out bytes.Buffer
	if err := tabular.WriteMarked(&out, []byte(table.String()), service.ImportColumns(service.ImportDepartments), marks); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	t.Logf("%d bytes in %s", out.Len(), time.Since(began))
}
