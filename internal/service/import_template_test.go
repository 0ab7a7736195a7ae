package service_test

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"whistle/internal/alliance"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/tabular"
	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// found makes the alliance that the enterprise of the template's test joins.
func found(t *testing.T, d *district) {
	t.Helper()
	chain, err := d.Service.Chains().Create(t.Context(), ticket.System, directory.Chain{Code: "one", Name: "一号链"})
	if err != nil {
		t.Fatal(err)
	}
	lead, err := d.Departments().Create(t.Context(), ticket.System, directory.Department{Code: "lead", Name: "牵头局", Kind: directory.Bureau})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Alliances().Create(t.Context(), ticket.System, alliance.Alliance{Name: "一号联盟", Kind: alliance.OneXN, ChainID: chain.ID, LeadDepartmentID: lead.ID}); err != nil {
		t.Fatal(err)
	}
}

// filledIn is a row for each template, by its columns. Some stand on those
// before.
var filledIn = map[service.ImportKind]string{
	service.ImportDepartments: "b1,站一,,站点,,,,,,,,", service.ImportEnterprises: "甲公司,,0012,,,,,,02785551234",
	service.ImportUsers: "zhang.wei,张伟,分办员,,,013800000000,,", service.ImportTickets: "0001,企业1,缺工,缺人,用工,,,,,2023-08-01 09:30,2023-08-01 10:00,站一,2023-08-01 11:00,2023-08-02 09:00,2023-08-03 16:00,办了,解释说明,2023-08-04 10:00,5",
	service.ImportManagers: "甲公司,张伟,联络员,2023-09-01,",
	service.ImportMembers:  "一号联盟,甲公司",
	service.ImportStaff:    "站一,张伟,企业管家,,", service.ImportExperts: "钟教授,江渚大学,高校,,是,,,,,",
	service.ImportProjects:        "x1,二期厂房,甲公司,2023-01-31,,,,,,,,,,,",
	service.ImportPolicyResources: "p1,贷款贴息,,站一,贷款利息的一半,2023-01-01,2024-12-31,,,,,,,,是,", service.ImportNeeds: "缺周转资金,甲公司,资金,,",
	service.ImportServices: "贷款贴息,甲公司,站一,已兑现,,2023-06-30,12.34 万元,,",
	service.ImportVisits:   "甲公司,,2023-09-01 09:30,张伟,,看了车间,厂区",
}

// A template has every column that it shows, and the example of a csv is refused
// as such, with or without more in the file.
func TestTemplates(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		for _, kind := range service.ImportKinds {
			if kind == service.ImportMembers {
				found(t, d)
			}
			var file bytes.Buffer
			if err := d.ImportTemplate(t.Context(), ticket.System, kind, tabular.CSV, text.Chinese, &file); err != nil {
				t.Fatal(err)
			}
			for _, column := range service.ImportColumns(kind) {
				// Who wrote in another system takes the enterprise's place; a
				// ticket's state, and a number beside its own, come from exports.
				elsewhere := column.PassedOver || column.Key == "user" || kind == service.ImportTickets && (column.Key == "state" || column.Key == "external_number")
				if !strings.Contains(file.String(), column.Names[0]) && !elsewhere {
					t.Errorf("the template of %s has no %s", kind, column.Names[0])
				}
			}
			file.WriteString(filledIn[kind] + "\n")
			result := d.takeIn(t, kind, file.Bytes(), service.ImportOptions{SkipBad: true})
			if result.Bad != 1 || result.Faults.Count != 1 || result.Faults.List[0].Row != 2 || result.Faults.List[0].Letter != "A" || !strings.Contains(result.Faults.List[0].Message, "example") {
				t.Errorf("%s: %s, %v", kind, counts(result), result.Faults.Err())
			}
			if result.Added != 1 {
				t.Errorf("%s: %s, the row below the example was not taken", kind, counts(result))
			}
		}
		for kind, format := range map[service.ImportKind]tabular.Format{"people": tabular.CSV, service.ImportUsers: tabular.JSONL} {
			if err := d.ImportTemplate(t.Context(), ticket.System, kind, format, text.Chinese, io.Discard); code(err) != ticket.CodeNotFound {
				t.Errorf("%s as %s: %v", kind, format, err)
			}
		}
	})
}

func (d *district) takeIn(t *testing.T, kind service.ImportKind, table []byte, o service.ImportOptions) *service.ImportResult {
	t.Helper()
	from, err := tabular.New("template", bytes.NewReader(table), service.ImportColumns(kind))
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	result, err := d.Import(t.Context(), ticket.System, kind, from, o)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return result
}

// form is a workbook to fill, as a spreadsheet sees it.
type form struct {
	*excelize.File
	t       *testing.T
	sheet   string
	headers []string
	checks  map[string]*excelize.DataValidation // by letter
}

func openForm(t *testing.T, content []byte) *form {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	f := &form{File: book, t: t, sheet: book.GetSheetName(book.GetActiveSheetIndex()), checks: map[string]*excelize.DataValidation{}}
	rows, err := book.GetRows(f.sheet)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows on %s, %v", len(rows), f.sheet, err)
	}
	f.headers = rows[0]
	checks, err := book.GetDataValidations(f.sheet)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range checks {
		letter, _, _ := strings.Cut(v.Sqref, "2")
		f.checks[letter] = v
	}
	if panes, err := book.GetPanes(f.sheet); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("%s: the header does not stay in sight: %+v, %v", f.sheet, panes, err)
	}
	return f
}

func letterOf(column int) string {
	name, _ := excelize.ColumnNumberToName(column + 1)
	return name
}

// choices are those of a column's drop-down, as the range that it refers to has
// them.
func (f *form) choices(letter string) []string {
	f.t.Helper()
	v := f.checks[letter]
	if v == nil || v.Type != "list" {
		return nil
	}
	sheet, area, ok := strings.Cut(v.Formula1, "!")
	sheet = strings.Trim(sheet, "'")
	from, to, both := strings.Cut(strings.ReplaceAll(area, "$", ""), ":")
	if visible, err := f.GetSheetVisible(sheet); !ok || !both || err != nil || visible {
		f.t.Fatalf("%s: the list %q is not on a hidden sheet (%v)", letter, v.Formula1, err)
	}
	column, first, err := excelize.CellNameToCoordinates(from)
	if err != nil {
		f.t.Fatal(err)
	}
	_, last, err := excelize.CellNameToCoordinates(to)
	if err != nil {
		f.t.Fatal(err)
	}
	var all []string
	for row := first; row <= last; row++ {
		cell, _ := excelize.CoordinatesToCellName(column, row)
		value, err := f.GetCellValue(sheet, cell)
		if err != nil || value == "" {
			f.t.Errorf("%s: %s of the list is %q, %v", letter, cell, value, err)
		}
		all = append(all, value)
	}
	return all
}

// fill writes a value as a spreadsheet does: a day as a day, a number as a
// number, anything else as text.
func (f *form) fill(row, column int, value string) {
	f.t.Helper()
	var cell any = value
	switch v := f.checks[letterOf(column)]; {
	case value == "":
		return
	case v != nil && v.Type == "date":
		at, err := time.Parse("2006-01-02 15:04", value)
		if err != nil {
			at, err = time.Parse(time.DateOnly, value)
		}
		if err != nil {
			f.t.Fatalf("%s takes times alone: %v", f.headers[column], err)
		}
		cell = at
	case v != nil && v.Type == "whole":
		n, err := strconv.Atoi(value)
		if err != nil {
			f.t.Fatal(err)
		}
		cell = n
	}
	if err := f.SetCellValue(f.sheet, letterOf(column)+strconv.Itoa(row), cell); err != nil {
		f.t.Fatal(err)
	}
}

func (f *form) bytes() []byte {
	f.t.Helper()
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		f.t.Fatal(err)
	}
	return out.Bytes()
}

// A form says what it takes, and what it takes is imported: its drop-downs name
// nothing that the import does not know, and a filled row goes in.
func TestFormsAreFilledAndImported(t *testing.T) {
	d := newDistrict(t, testkit.MigratedSQLite(t))
	for _, kind := range service.ImportKinds {
		if kind == service.ImportMembers {
			found(t, d)
		}
		for _, language := range text.Languages() {
			var file bytes.Buffer
			if err := d.ImportTemplate(t.Context(), ticket.System, kind, tabular.XLSX, language, &file); err != nil {
				t.Fatal(err)
			}
			f := openForm(t, file.Bytes())
			// As it is there is nothing to import, the example least of all.
			if r := d.takeIn(t, kind, file.Bytes(), service.ImportOptions{}); r.Rows != 0 {
				t.Errorf("%s: %d rows in an empty form", kind, r.Rows)
			}
			longest := 0
			for i, header := range f.headers {
				letter := letterOf(i)
				v := f.checks[letter]
				if v == nil || v.Sqref != letter+"2:"+letter+"1048576" {
					t.Errorf("%s: nothing is said of %s: %+v", kind, header, v)
				}
				choices := f.choices(letter)
				longest = max(longest, len(choices))
				for n, choice := range choices {
					f.fill(3+n, i, choice)
				}
			}
			// What drop-downs offer is known, each of it.
			for _, fault := range d.takeIn(t, kind, f.bytes(), service.ImportOptions{DryRun: true}).Faults.List {
				if strings.Contains(fault.Message, "not known") || strings.Contains(fault.Message, "there is no") || strings.Contains(fault.Message, "of them are called") || strings.Contains(fault.Message, "neither yes nor no") {
					t.Errorf("%s: offered and not taken: %s", kind, fault)
				}
			}
			if language != text.Chinese {
				continue
			}
			f = openForm(t, file.Bytes())
			for i, value := range strings.Split(filledIn[kind], ",") {
				f.fill(2, i, value)
				if choices := f.choices(letterOf(i)); value != "" && len(choices) > 0 && f.checks[letterOf(i)].ShowErrorMessage && !slices.Contains(choices, value) {
					t.Errorf("%s, %s: the drop-down %q does not have %q", kind, f.headers[i], choices, value)
				}
			}
			if r := d.takeIn(t, kind, f.bytes(), service.ImportOptions{}); r.Added != 1 || r.Bad != 0 || !r.Applied {
				t.Errorf("%s: %s, %v", kind, counts(r), r.Faults.Err())
			}
		}
	}
	// Zeros in front lived.
	users, err := d.Users(t.Context(), ticket.System, service.UserFilter{})
	if err != nil || !slices.ContainsFunc(users, func(u service.UserView) bool { return u.Phone == "013800000000" }) {
		t.Errorf("the telephone number lost its zero: %v", err)
	}
	if e, err := d.Enterprises().List(t.Context(), ticket.System, service.EntryFilter{Text: "甲公司"}); err != nil || len(e) != 1 || e[0].ExternalNumber != "0012" || e[0].Phone != "02785551234" {
		t.Errorf("%+v, %v", e, err)
	}
	// Who does not import learns no names from it.
	var file bytes.Buffer
	if err := d.ImportTemplate(t.Context(), ticket.Actor{ID: "x", Role: ticket.RoleEnterprise}, service.ImportUsers, tabular.XLSX, text.Chinese, &file); err != nil {
		t.Fatal(err)
	}
	if got := openForm(t, file.Bytes()).choices("E"); got != nil {
		t.Errorf("enterprises are offered to one of them: %q", got)
	}
}
