package service_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/support"
	"whistle/internal/tabular"
	"whistle/internal/testkit"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// exporting is one list being exported.
type exporting func(to service.ExportTo) (int, error)

// as exports a list, and returns what was written.
func (e exporting) as(t *testing.T, format tabular.Format, language text.Language) string {
	t.Helper()
	var b bytes.Buffer
	rows, err := e(service.ExportTo{W: &b, Format: format, Language: language})
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	if lines := strings.Count(b.String(), "\n"); format == tabular.JSONL && lines != rows {
		t.Errorf("%d rows are told, %d written", rows, lines)
	}
	return b.String()
}

// refused is the error of an export that must write nothing.
func (e exporting) refused(t *testing.T, code ticket.Code) {
	t.Helper()
	var b bytes.Buffer
	_, err := e(service.ExportTo{W: &b, Format: tabular.CSV, Language: text.Chinese})
	var known *ticket.Error
	if !errors.As(err, &known) || known.Code != code || b.Len() > 0 {
		t.Errorf("want %s, got %v and %d bytes", code, err, b.Len())
	}
}

// lists are the lists as one actor exports them, but for what is asked for by
// name.
func lists(ctx context.Context, s *service.Service, actor ticket.Actor) map[service.ExportList]exporting {
	all := service.EntryFilter{All: true}
	return map[service.ExportList]exporting{
		service.ExportedTickets: func(to service.ExportTo) (int, error) {
			return s.ExportTickets(ctx, actor, service.TicketFilter{}, to)
		},
		service.ExportedHistory: func(to service.ExportTo) (int, error) {
			return s.ExportHistoryTable(ctx, actor, service.TicketFilter{}, to)
		},
		service.ExportedFigures: func(to service.ExportTo) (int, error) {
			return s.ExportFigures(ctx, actor, service.FiguresQuery{By: figures.ByDepartment}, to)
		},
		service.ExportedSnapshots: func(to service.ExportTo) (int, error) {
			return s.ExportSnapshots(ctx, actor, service.SnapshotFilter{}, to)
		},
		service.ExportedEnterprises: func(to service.ExportTo) (int, error) { return s.Enterprises().Export(ctx, actor, all, to) },
		service.ExportedProjects:    func(to service.ExportTo) (int, error) { return s.Projects().Export(ctx, actor, all, to) },
		service.ExportedMilestones: func(to service.ExportTo) (int, error) {
			return s.ExportMilestones(ctx, actor, service.MilestoneFilter{}, to)
		},
		service.ExportedCharges: func(to service.ExportTo) (int, error) {
			return s.ExportCharges(ctx, actor, service.ChargeFilter{}, to)
		},
		service.ExportedDepartments: func(to service.ExportTo) (int, error) { return s.Departments().Export(ctx, actor, all, to) },
		service.ExportedDuties:      func(to service.ExportTo) (int, error) { return s.Duties().Export(ctx, actor, all, to) },
		service.ExportedCategories:  func(to service.ExportTo) (int, error) { return s.Categories().Export(ctx, actor, all, to) },
		service.ExportedPlaces:      func(to service.ExportTo) (int, error) { return s.Places().Export(ctx, actor, all, to) },
		service.ExportedChains:      func(to service.ExportTo) (int, error) { return s.Chains().Export(ctx, actor, all, to) },
		service.ExportedReasons:     func(to service.ExportTo) (int, error) { return s.Reasons().Export(ctx, actor, all, to) },
		service.ExportedUsers: func(to service.ExportTo) (int, error) {
			return s.ExportUsers(ctx, actor, service.UserFilter{Retired: true}, to)
		},
		service.ExportedAssignments: func(to service.ExportTo) (int, error) {
			return s.ExportAssignments(ctx, actor, service.AssignmentFilter{Retired: true}, to)
		},
		service.ExportedAudit: func(to service.ExportTo) (int, error) {
			return s.ExportAudit(ctx, actor, service.AuditFilter{}, to)
		},
		service.ExportedPolicyResources: func(to service.ExportTo) (int, error) { return s.PolicyResources().Export(ctx, actor, all, to) },
		service.ExportedNeeds:           func(to service.ExportTo) (int, error) { return s.Needs().Export(ctx, actor, all, to) },
		service.ExportedServices:        func(to service.ExportTo) (int, error) { return s.Services().Export(ctx, actor, all, to) },
		service.ExportedPayouts: func(to service.ExportTo) (int, error) {
			return s.ExportPayouts(ctx, actor, worktime.Date{}, worktime.Date{}, to)
		},
		service.ExportedBoard: func(to service.ExportTo) (int, error) {
			return s.ExportBoard(ctx, actor, service.WorklistFilter{}, to)
		},
		service.ExportedInvitations: func(to service.ExportTo) (int, error) {
			return s.ExportInvitations(ctx, actor, service.InvitationFilter{}, to)
		},
		service.ExportedHolders: func(to service.ExportTo) (int, error) { return s.ExportHolders(ctx, actor, to) },
		service.ExportedNotices: func(to service.ExportTo) (int, error) {
			return s.ExportNotices(ctx, actor, service.NoticeFilter{}, to)
		},
		service.ExportedImports: func(to service.ExportTo) (int, error) {
			return s.ExportImports(ctx, actor, service.ImportRunFilter{}, to)
		},
		service.ExportedJobs: func(to service.ExportTo) (int, error) { return s.ExportJobs(ctx, actor, service.JobFilter{}, to) },
		service.ExportedMembers: func(to service.ExportTo) (int, error) {
			return s.ExportFigureMembers(ctx, actor, service.FiguresQuery{}, service.FigureMembersQuery{Figure: "filed"}, to)
		},
	}
}

// TestExportsSpeakBothLanguages: no header and no word of any list lacks a
// text, each format has each row, and a workbook opens.
func TestExportsSpeakBothLanguages(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		t := d.t
		d.everyKind()
		system := lists(t.Context(), d.Service.Service, ticket.System)
		system[service.ExportedWorklist] = func(to service.ExportTo) (int, error) {
			return d.ExportWorklist(t.Context(), d.Actor(t, "desk"), store.WorklistsOf(d.Actor(t, "desk"))[0].Name, service.WorklistFilter{}, to)
		}
		for list, who := range map[service.ExportList]string{service.ExportedHolders: "lead-head", service.ExportedNotices: "own"} {
			system[list] = lists(t.Context(), d.Service.Service, d.Actor(t, who))[list]
		}
		for list, export := range system {
			rows := strings.Count(export.as(t, tabular.JSONL, text.Chinese), "\n")
			if rows == 0 && list != service.ExportedSnapshots {
				t.Errorf("%s has no rows", list)
			}
			headers := map[text.Language][]string{}
			for _, language := range text.Languages() {
				csv := export.as(t, tabular.CSV, language)
				book, err := excelize.OpenReader(strings.NewReader(export.as(t, tabular.XLSX, language)))
				if err != nil {
					t.Fatalf("%s: %v", list, err)
				}
				cells, err := book.GetRows("Sheet1")
				if err := errors.Join(err, book.Close()); err != nil {
					t.Fatal(err)
				}
				if len(cells) != rows+1 {
					t.Errorf("%s in %s: a workbook of %d rows, want %d", list, language, len(cells)-1, rows)
				}
				headers[language] = cells[0]
				for _, missing := range []string{"[export", "[audit", "[state", "[event", "_kind.", "[role", "[link", "_state."} {
					if strings.Contains(csv, missing) {
						t.Errorf("%s in %s lacks a text: %s", list, language, csv[:min(len(csv), 2000)])
					}
				}
				if name := d.ExportFileName(list, tabular.XLSX, language); strings.Contains(name, "[") || !strings.HasSuffix(name, "-20230927.xlsx") {
					t.Errorf("the file is called %s", name)
				}
			}
			if len(headers[text.Chinese]) != len(headers[text.English]) || slices.Equal(headers[text.Chinese], headers[text.English]) {
				t.Errorf("%s has the headers %q and %q", list, headers[text.Chinese], headers[text.English])
			}
			for _, header := range headers[text.English] {
				if strings.ContainsFunc(header, func(r rune) bool { return r > 0x2E80 }) {
					t.Errorf("%s has the English header %q", list, header)
				}
			}
		}
	})
}

// everyKind fills every list, and has a ticket go through the loop.
func (d searched) everyKind() {
	d.t.Helper()
	ctx := d.t.Context()
	_, err := d.Service.Duties().Create(ctx, ticket.System, directory.Duty{Category: "labour", DepartmentID: d.Departments["labour"], Basis: "三定方案"})
	if err != nil {
		d.t.Fatal(err)
	}
	p := measure(d.t, d.District, nil)
	take[support.Need](d.t)(d.AddNeed(ctx, d.Actor(d.t, "desk"), service.NewNeed{EnterpriseID: d.Enterprises["own"], Category: "labour", Text: "要人"}))
	for enterprise, state := range map[string]string{"own": "accepted", "other": "proposed"} {
		v := take[support.Service](d.t)(d.AddService(ctx, d.Actor(d.t, "desk"), service.NewService{EnterpriseID: d.Enterprises[enterprise], PolicyID: p.ID, State: state}))
		if state == "accepted" {
			take[support.Service](d.t)(d.DeliverService(ctx, d.Actor(d.t, "lead-head"), v.ID, service.Delivery{AmountFen: 12_345_678}, time.Time{}))
		}
	}
	id := d.file("own", "招工难", "节后缺人")
	d.do("desk", id, ticket.EventAccept, nil)
	d.do("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"]})
	d.do("lead-officer", id, ticket.EventClaim, nil)
	d.do("lead-head", id, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "招到了"})
	d.do("own", id, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
	led := d.file("own", "贷款难", "周转不开")
	d.do("leader", led, ticket.EventTakeCharge, ticket.TextInput{Text: "我来抓"})
	if _, err := d.SaveMilestone(ctx, ticket.System, d.Projects["plant"], directory.Start, time.Time{}, service.MilestoneInput{PlannedDay: worktime.Date{Year: 2023, Month: 6, Day: 30}, Note: "等环评"}); err != nil {
		d.t.Fatal(err)
	}
	joint := d.file("own", "消防验收", "卡了两个月")
	d.do("desk", joint, ticket.EventAccept, nil)
	d.do("desk", joint, ticket.EventWhistle, ticket.WhistleInput{
		LeadID: d.Departments["labour"], DepartmentIDs: []string{d.Departments["fire"], d.Departments["water"]}, Question: "谁来办？",
	})
	d.do("fire-officer", joint, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能办"})
	if _, err := d.MakeLink(ctx, ticket.System, d.Users["own"].ID, directory.InvitationLink); err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.StartImport(ctx, d.Actor(d.t, "admin"), service.ImportDepartments, "名册.csv", strings.NewReader("编码,名称\n"), service.ImportRunOptions{}); err != nil {
		d.t.Fatal(err)
	}
	if err := d.TellSince(ctx, time.Time{}); err != nil {
		d.t.Fatal(err)
	}
}

// TestExportsSayWhatIsListed: codes and ids for programs, words for people,
// times in the service's zone.
func TestExportsSayWhatIsListed(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		d.importText(t, service.ImportTickets, orders, service.ImportOptions{})
		ctx := t.Context()
		tickets := func(f service.TicketFilter) exporting {
			return func(to service.ExportTo) (int, error) { return d.ExportTickets(ctx, ticket.System, f, to) }
		}
		july, err := d.FilterNamed(ctx, service.NamedFilter{From: worktime.Date{Year: 2023, Month: 7, Day: 3}})
		if err != nil {
			t.Fatal(err)
		}
		// Newest first; the one of A-1 was filed last.
		lines := strings.Split(strings.TrimSpace(tickets(july).as(t, tabular.JSONL, text.Chinese)), "\n")
		if len(lines) != 4 || !json.Valid([]byte(lines[3])) {
			t.Fatalf("%d lines", len(lines))
		}
		for _, want := range []string{
			`"external_number":"A-1"`, `"category":"labour"`, `"source":"phone"`, `"confidential":false`, `"enterprise":{"id":"e1","name":"企业1"}`,
			`"lead":null`, `"state":"accepted"`, `"created_at":"2023-08-01T09:10:00+08:00"`, `"result":null`, `"satisfaction":null`, `"chains":[]`,
		} {
			if !strings.Contains(lines[0], want) {
				t.Errorf("%s is not in %s", want, lines[0])
			}
		}
		for language, all := range map[text.Language][]string{
			text.Chinese: {"缺二十名工人,用工,一般,手机,否,企业1", "已扩容,已解决,2023-07-06 09:30:00,已解决,电话回访,5", "待核验,", "贷款难,资金,紧急,热线,是"},
			text.English: {"缺二十名工人,用工,Normal,Phone,no,企业1", "已扩容,Solved,2023-07-06 09:30:00,Solved,Confirmed by phone,5", "\ufeffNumber,External number,Title"},
		} {
			csv := tickets(july).as(t, tabular.CSV, language)
			for _, want := range all {
				if !strings.Contains(csv, want) {
					t.Errorf("%s is not in the CSV:\n%s", want, csv)
				}
			}
		}
		for name, f := range map[string]service.NamedFilter{
			"A-3": {Department: "部门2"}, "A-2": {Category: "资金"}, "A-1": {States: []ticket.State{ticket.Accepted}, Enterprise: "企业1"},
			"A-4": {Source: ticket.SourceVisit}, "扩容": {Text: "扩容"},
		} {
			narrow, err := d.FilterNamed(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			if csv := tickets(narrow).as(t, tabular.CSV, text.Chinese); strings.Count(csv, "\n") != 2 || !strings.Contains(csv, name) {
				t.Errorf("%s: %s", name, csv)
			}
		}
		_, err = d.FilterNamed(ctx, service.NamedFilter{Department: "部门9", Category: "天气"})
		refused(t, err, ticket.CodeInvalidValue, "/department", "/category")

		second, err := d.FilterNamed(ctx, service.NamedFilter{Department: "部门2"})
		if err != nil {
			t.Fatal(err)
		}
		history := exporting(func(to service.ExportTo) (int, error) { return d.ExportHistoryTable(ctx, ticket.System, second, to) }).as(t, tabular.CSV, text.Chinese)
		for _, want := range []string{",5,提交结果,2023-07-05 16:00:00,2023-09-04 09:00:00,否,import,部门负责人,部门2,办理中,待核验,已扩容", ",6,回访,"} {
			if !strings.Contains(history, want) {
				t.Errorf("%s is not in the history", want)
			}
		}

		shown := exporting(func(to service.ExportTo) (int, error) {
			return d.ExportFigures(ctx, ticket.System, service.FiguresQuery{By: figures.ByDepartment}, to)
		})
		inJSON := shown.as(t, tabular.JSONL, text.Chinese)
		for _, want := range []string{
			`{"key":"total","name":"合计","tickets":4,"filed":4,"solved":1,`, `"resolution_rate":{"denominator":4,"numerator":1,"percent":"25.00"}`,
			`"name":"部门2","tickets":1`, `"report_in_rate":{"denominator":0,"numerator":0,"percent":null}`,
		} {
			if !strings.Contains(inJSON, want) {
				t.Errorf("%s is not in %s", want, inJSON)
			}
		}
		if csv := shown.as(t, tabular.CSV, text.Chinese); !strings.Contains(csv, ",解决率分子,解决率分母,解决率%,") || !strings.Contains(csv, "\ntotal,合计,4,4,1,3,1,0,0,0,1,4,25,") {
			t.Errorf("%s", csv)
		}
	})
}

// TestExportsStayInScope: everybody exports what they list, no more and no
// less, each row as the list shows it.
func TestExportsStayInScope(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		t := d.t
		d.everyKind()
		ctx := t.Context()
		id := d.file("own", "厂房漏雨", "二号楼")
		d.do("desk", id, ticket.EventAccept, nil)
		d.do("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["land"]})
		d.do("land-head", id, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "不归我们管"})
		d.do("desk", id, ticket.EventCorrect, ticket.CorrectInput{Title: "屋顶渗水", Reason: "核对"})
		d.do("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"]})
		d.do("lead-head", id, ticket.EventClaim, nil)
		d.do("lead-head", id, ticket.EventAssign, ticket.AssignInput{UserID: d.Users["lead-officer"].ID})

		told := 0
		for _, p := range testkit.People {
			actor := d.Actor(t, p.Name)
			exports := lists(ctx, d.Service.Service, actor)
			listed := map[service.ExportList]int{
				service.ExportedTickets:     len(take[[]*service.TicketView](t)(d.Tickets(ctx, actor, service.TicketFilter{}))),
				service.ExportedEnterprises: len(take[[]directory.Enterprise](t)(d.Service.Enterprises().List(ctx, actor, service.EntryFilter{All: true}))),
				service.ExportedProjects:    len(take[[]directory.Project](t)(d.Service.Projects().List(ctx, actor, service.EntryFilter{All: true}))),
				service.ExportedUsers:       len(take[[]service.UserView](t)(d.Service.Users(ctx, actor, service.UserFilter{Retired: true}))),
				service.ExportedAssignments: len(take[[]service.AssignmentView](t)(d.Assignments(ctx, actor, service.AssignmentFilter{Retired: true}))),
				service.ExportedNotices:     len(take[[]service.Notice](t)(d.Notices(ctx, actor, service.NoticeFilter{}))),
			}
			told += listed[service.ExportedNotices]
			for list, want := range listed {
				if got := strings.Count(exports[list].as(t, tabular.JSONL, text.Chinese), "\n"); got != want {
					t.Errorf("%s exports %d %s, and lists %d", p.Name, got, list, want)
				}
			}
			if !actor.SeesAll() {
				exports[service.ExportedHistory].refused(t, ticket.CodeForbidden)
			}
			if p.Role != ticket.RoleAdmin {
				exports[service.ExportedAudit].refused(t, ticket.CodeForbidden)
				exports[service.ExportedImports].refused(t, ticket.CodeForbidden)
				exports[service.ExportedJobs].refused(t, ticket.CodeForbidden)
			}
			if !actor.Heads() {
				exports[service.ExportedHolders].refused(t, ticket.CodeForbidden)
			}
		}
		if told == 0 {
			t.Error("nobody was told anything")
		}

		of := func(who string) string {
			return lists(ctx, d.Service.Service, d.Actor(t, who))[service.ExportedTickets].as(t, tabular.JSONL, text.Chinese)
		}
		for who, want := range map[string]map[string]bool{
			"desk":         {"屋顶渗水": true, "厂房漏雨": false, `"name":"lead-officer"`: true, "招到了": true},
			"land-head":    {"屋顶渗水": false, "厂房漏雨": true, `"name":"lead-officer"`: false, "招到了": false},
			"own":          {"屋顶渗水": true, "厂房漏雨": false, `"name":"lead-officer"`: false, "招到了": true},
			"fire-officer": {"屋顶": false, "厂房": false, "招到了": false},
		} {
			written := of(who)
			for what, is := range want {
				if strings.Contains(written, what) != is {
					t.Errorf("%s exports %s: %v, want %v", who, what, !is, is)
				}
			}
		}
		exporting(func(to service.ExportTo) (int, error) {
			return d.ExportWorklist(ctx, d.Actor(t, "own"), "no such", service.WorklistFilter{}, to)
		}).refused(t, ticket.CodeNotFound)
		exporting(func(to service.ExportTo) (int, error) {
			return d.ExportSnapshot(ctx, d.Actor(t, "own"), "no such", to)
		}).refused(t, ticket.CodeNotFound)
	})
}

// TestWorklistsExport: what a list shows comes in its order, with what is due.
func TestWorklistsExport(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		t := d.t
		ctx := t.Context()
		for i := range 3 {
			d.file("own", fmt.Sprintf("事项%d", i), "等受理")
			d.Clock.Advance(time.Minute)
		}
		desk := d.Actor(t, "desk")
		name := store.WorklistsOf(desk)[0].Name
		rows := take[[]*service.WorklistRow](t)(d.Worklist(ctx, desk, name, service.WorklistFilter{}))
		written := exporting(func(to service.ExportTo) (int, error) {
			return d.ExportWorklist(ctx, desk, name, service.WorklistFilter{}, to)
		}).as(t, tabular.CSV, text.Chinese)
		lines := strings.Split(strings.TrimSpace(written), "\n")
		if len(rows) != 3 || len(lines) != 4 || !strings.HasPrefix(lines[0], "\ufeff要做什么,最晚时间,缓急,编号,") {
			t.Fatalf("%d rows, %s", len(rows), written)
		}
		for i, row := range rows {
			if want := "受理," + row.Burns.DueAt.In(d.Zone()).Format(time.DateTime) + ",按时," + row.Number + ","; !strings.HasPrefix(lines[i+1], want) {
				t.Errorf("line %d is %s, want %s", i, lines[i+1], want)
			}
		}
	})
}

// TestTheBoardExports: who was whistled and who has not come.
func TestTheBoardExports(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		t := d.t
		d.everyKind()
		written := lists(t.Context(), d.Service.Service, d.Actor(t, "desk"))[service.ExportedBoard].as(t, tabular.CSV, text.Chinese)
		if lines := strings.Split(strings.TrimSpace(written), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], "\ufeff吹哨时间,已报到部门,未报到部门,要做什么,") || !strings.Contains(lines[1], ",消防大队,水务局,报到,") {
			t.Errorf("%s", written)
		}
	})
}

// TestHoldersExport: first what nobody has, then person by person, of each what
// burns first on top; of one's own department alone.
func TestHoldersExport(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		t := d.t
		bring := func(title, lead, assignee string) {
			id := d.file("own", title, title)
			d.do("desk", id, ticket.EventAccept, nil)
			d.do("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments[lead]})
			if assignee != "" {
				d.do("lead-head", id, ticket.EventAssign, ticket.AssignInput{UserID: d.Users[assignee].ID})
			}
		}
		bring("甲", "labour", "lead-officer")
		bring("乙", "labour", "deputy")
		bring("丙", "labour", "")
		bring("丁", "land", "")
		bring("戊", "labour", "lead-officer")
		if err := d.RetireUser(t.Context(), ticket.System, d.Users["deputy"].ID); err != nil {
			t.Fatal(err)
		}
		export := lists(t.Context(), d.Service.Service, d.Actor(t, "lead-head"))[service.ExportedHolders]
		rows := strings.Split(strings.TrimSpace(export.as(t, tabular.CSV, text.Chinese)), "\n")
		if !strings.HasPrefix(rows[0], "\ufeff经办人,已离开本部门,要做什么,最晚时间,缓急,编号,") || strings.Count(rows[0], "经办人") != 1 {
			t.Errorf("the headers are %s", rows[0])
		}
		for i, want := range []struct{ begins, title string }{{",否,接单,", ",丙,"}, {"lead-officer,否,接单,", ",甲,"}, {"lead-officer,否,接单,", ",戊,"}, {"deputy,是,接单,", ",乙,"}} {
			if len(rows) != 5 || !strings.HasPrefix(rows[i+1], want.begins) || !strings.Contains(rows[i+1], want.title) {
				t.Fatalf("row %d is not of %s: %q", i, want.title, rows)
			}
		}
	})
}

// TestJobsExport: by the list's filter, a failed one with what went wrong.
func TestJobsExport(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		t := d.t
		d.everyKind()
		ctx, admin := t.Context(), d.Actor(t, "admin")
		all := take[[]service.QueueJob](t)(d.QueueJobs(ctx, admin, service.JobFilter{}))
		for state, want := range map[service.JobState]int{"": len(all), store.JobWaiting: len(all), store.JobFailed: 0} {
			written := exporting(func(to service.ExportTo) (int, error) {
				return d.ExportJobs(ctx, admin, service.JobFilter{State: state}, to)
			}).as(t, tabular.JSONL, text.Chinese)
			if got := strings.Count(written, "\n"); got != want || len(all) == 0 {
				t.Errorf("%q has %d rows, want %d", state, got, want)
			}
		}
		waiting := lists(ctx, d.Service.Service, admin)[service.ExportedJobs].as(t, tabular.CSV, text.Chinese)
		if !strings.HasPrefix(waiting, "\ufeff编号,做什么,状态,已试次数,") || !strings.Contains(waiting, ",导入,等待中,0,") || !strings.Contains(waiting, ",通知,等待中,0,") {
			t.Errorf("%s", waiting)
		}
	})
}

// TestFiguresOpenToATable: a number's table has as many rows as it says.
func TestFiguresOpenToATable(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		t := d.t
		d.everyKind()
		ctx, leader := t.Context(), d.Actor(t, "leader")
		total := take[*figures.Report](t)(d.Figures(ctx, leader, service.FiguresQuery{})).Total
		for name, want := range map[string]int64{
			"filed": total.Filed, "solved": total.Solved, "resolution_rate": total.Rates["resolution_rate"].Denominator, "response_rate": total.Rates["response_rate"].Denominator,
		} {
			written := exporting(func(to service.ExportTo) (int, error) {
				return d.ExportFigureMembers(ctx, leader, service.FiguresQuery{}, service.FigureMembersQuery{Figure: name}, to)
			}).as(t, tabular.JSONL, text.Chinese)
			if got := strings.Count(written, "\n"); int64(got) != want || got == 0 {
				t.Errorf("%s has %d rows, says %d", name, got, want)
			}
		}
		exporting(func(to service.ExportTo) (int, error) {
			return d.ExportFigureMembers(ctx, leader, service.FiguresQuery{}, service.FigureMembersQuery{Figure: "no such"}, to)
		}).refused(t, ticket.CodeInvalidValue)
	})
}

// TestSnapshotsExport: published figures as they were frozen, and the tickets
// that they counted.
func TestSnapshotsExport(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		ctx := t.Context()
		d.solve(1)
		d.file(2)
		d.clock.Set(on("2023-10-01 00:06"))
		if _, err := d.Freeze(ctx); err != nil {
			t.Fatal(err)
		}
		all := exporting(func(to service.ExportTo) (int, error) {
			return d.ExportSnapshots(ctx, theLeader, service.SnapshotFilter{Kind: figures.Monthly}, to)
		}).as(t, tabular.CSV, text.Chinese)
		if !strings.Contains(all, "\n月,2023-09-01,2023-09-30,2023-09-30 23:59:59,2023-10-01 00:06:00,1,是,2,2,1,1,1,") {
			t.Errorf("%s", all)
		}
		months := take[[]service.SnapshotView](t)(d.Snapshots(ctx, theLeader, service.SnapshotFilter{Kind: figures.Monthly}))
		one := func(actor ticket.Actor) string {
			return exporting(func(to service.ExportTo) (int, error) { return d.ExportSnapshot(ctx, actor, months[0].ID, to) }).as(t, tabular.CSV, text.English)
		}
		if written := one(theLeader); !strings.Contains(written, "\ntotal,Total,2,2,1,1,1,") || !strings.Contains(written, "\nd1,部门1,1,1,1,0,1,") || !strings.Contains(written, "\nnone,None,1,1,0,1,0,") {
			t.Errorf("%s", written)
		}
		if written := one(ownerOf(1)); strings.Contains(written, "部门1") || !strings.Contains(written, "\ntotal,") {
			t.Errorf("an enterprise reads %s", written)
		}
		members := func(actor ticket.Actor, numerator bool) exporting {
			return func(to service.ExportTo) (int, error) {
				return d.ExportSnapshotMembers(ctx, actor, months[0].ID, service.MembersQuery{Figure: "resolution_rate", Numerator: numerator}, to)
			}
		}
		if written := members(theLeader, false).as(t, tabular.CSV, text.Chinese); strings.Count(written, "\n") != 3 || !strings.Contains(written, "缺工人") {
			t.Errorf("%s", written)
		}
		if written := members(theLeader, true).as(t, tabular.JSONL, text.Chinese); strings.Count(written, "\n") != 1 || !strings.Contains(written, `"counted":true`) || !strings.Contains(written, `"result":"招到了"`) {
			t.Errorf("%s", written)
		}
		members(headOf(1), false).refused(t, ticket.CodeForbidden)
	})
}

// TestLongListsAreReadInPages: every row comes once, in the order of the list,
// and no statement reads a whole table.
func TestLongListsAreReadInPages(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		var statements []string
		cfg.Observe = func(_ context.Context, statement string, _ int64) { statements = append(statements, statement) }
		d := searched{testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00")), t, nil}
		const many = 1250
		err := d.InTx(t.Context(), func(ctx context.Context) error {
			for i := range many {
				e := directory.Enterprise{Name: fmt.Sprintf("企业%04d", i%700), ExternalNumber: fmt.Sprint(i), Kind: directory.Company}
				if _, err := d.Service.Enterprises().Create(ctx, ticket.System, e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Batch(t.Context(), func(b *service.Batch) error {
			for i := range many {
				in := ticket.SubmitInput{Title: fmt.Sprintf("事项%d", i), Description: "批量", Category: "labour", EnterpriseID: d.Enterprises["own"]}
				if _, err := b.File(d.Actor(t, "desk"), in, service.Backdated{At: d.Now()}); err != nil { // all at the same moment
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for list, want := range map[service.ExportList]int{service.ExportedEnterprises: many + 2, service.ExportedTickets: many, service.ExportedHistory: many, service.ExportedAudit: 0} {
			statements = nil
			written := lists(t.Context(), d.Service.Service, ticket.System)[list].as(t, tabular.JSONL, text.Chinese)
			seen := map[string]bool{}
			for line := range strings.Lines(written) {
				seen[line] = true
			}
			if len(seen) < want || len(seen) != strings.Count(written, "\n") {
				t.Errorf("%s: %d rows, %d of them different, want %d", list, strings.Count(written, "\n"), len(seen), want)
			}
			for _, statement := range statements {
				if strings.HasPrefix(statement, "SELECT *") && !strings.Contains(statement, "LIMIT") {
					t.Errorf("%s is read by %s", list, statement)
				}
			}
			if pages := len(seen)/500 + 1; len(statements) > 12*pages+10 {
				t.Errorf("%s: %d statements for %d pages", list, len(statements), pages)
			}
		}
		// An export that nobody takes any more ends.
		_, err = d.ExportTickets(t.Context(), ticket.System, service.TicketFilter{}, service.ExportTo{W: broken{}, Format: tabular.JSONL, Language: text.Chinese})
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%v", err)
		}
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestExportsAreReadBack: a table of departments, enterprises, accounts or
// tickets changes nothing where it comes from, in either language and format,
// and carries all over to where nothing is.
func TestExportsAreReadBack(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		t := d.t
		d.everyKind()
		ctx := t.Context()
		system := ticket.System
		town := d.Places["town"]
		if _, err := d.Service.Enterprises().Create(ctx, system, directory.Enterprise{
			Name: "=SUM(1,2)有限公司", CreditCode: "91440300708461136T", Kind: directory.Cooperative, PlaceID: town, Chains: []string{d.Chains["chips"]},
			Tags: []string{"规上", "龙头"}, Contact: "-王女士", Phone: "02558880001",
		}); err != nil {
			t.Fatal(err)
		}
		retired, err := d.Service.Departments().Create(ctx, system, directory.Department{Code: "007", Name: "老部门", ShortName: "老", Kind: directory.Park, ParentID: d.Departments["labour"]})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Service.Departments().Retire(ctx, system, retired.ID); err != nil {
			t.Fatal(err)
		}
		english := string(text.English)
		if _, err := d.ChangeUser(ctx, system, d.Users["guest"].ID, service.UserChange{Language: &english}); err != nil {
			t.Fatal(err)
		}
		if err := d.RetireUser(ctx, system, d.Users["expert"].ID); err != nil {
			t.Fatal(err)
		}
		rejected := d.file("own", "不归我们管", "外区的事")
		d.do("desk", rejected, ticket.EventReject, ticket.RejectInput{ReasonCode: "other", Text: "请找外区"})
		returned := d.file("own", "退回过的", "又派了一次")
		d.do("desk", returned, ticket.EventAccept, nil)
		d.do("desk", returned, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["land"]})
		d.do("land-head", returned, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "不归我们管"})

		other := testkit.NewService(t, testkit.MigratedSQLite(t), "2023-09-27 11:00")
		for _, place := range []directory.Place{{Code: "town", Name: "桥头镇"}} {
			if _, err := other.Places().Create(ctx, system, place); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := other.Chains().Create(ctx, system, directory.Chain{Code: "chips", Name: "集成电路"}); err != nil {
			t.Fatal(err)
		}
		all := lists(ctx, d.Service.Service, system)
		all[service.ExportedUsers] = func(to service.ExportTo) (int, error) { return d.ExportUsers(ctx, system, service.UserFilter{}, to) }
		all[service.ExportedAssignments] = func(to service.ExportTo) (int, error) {
			return d.ExportAssignments(ctx, system, service.AssignmentFilter{Kind: directory.ManagerOf}, to)
		}
		carried := map[service.ImportKind]string{} // in Chinese, as CSV
		for _, c := range []struct {
			kind service.ImportKind
			list service.ExportList
		}{
			{service.ImportDepartments, service.ExportedDepartments},
			{service.ImportEnterprises, service.ExportedEnterprises},
			{service.ImportProjects, service.ExportedProjects},
			{service.ImportUsers, service.ExportedUsers},
			{service.ImportManagers, service.ExportedAssignments},
			{service.ImportTickets, service.ExportedTickets},
			{service.ImportPolicyResources, service.ExportedPolicyResources},
			{service.ImportNeeds, service.ExportedNeeds},
			{service.ImportServices, service.ExportedServices},
		} {
			for _, language := range text.Languages() {
				for _, format := range []tabular.Format{tabular.CSV, tabular.XLSX} {
					written := all[c.list].as(t, format, language)
					if language == text.Chinese && format == tabular.CSV {
						carried[c.kind] = written
					}
					again := importInto(t, d.Service.Service, c.kind, written)
					if again.Added+again.Changed+again.Bad > 0 || again.Unchanged == 0 {
						t.Errorf("%s in %s as %s: %s, %v", c.list, language, format, counts(again), again.Faults.Err())
					}
				}
			}
		}
		// What is retired there is in service here, and users come without those.
		carried[service.ImportDepartments] = strings.Replace(carried[service.ImportDepartments], "\n'007,", "\n'008,", 1)
		for _, kind := range service.ImportKinds {
			switch kind { //nolint:exhaustive // the others are carried here
			case service.ImportMembers: // no list of their own is exported: they are part of their alliance's row
				continue
			case service.ImportStaff, service.ImportExperts: // TestImportStationsAndExperts reads them back
				continue
			case service.ImportVisits: // TestVisitsAreImported reads them back
				continue
			}
			first := importInto(t, other.Service, kind, carried[kind])
			wantBad := 0
			if kind == service.ImportTickets {
				wantBad = 1 // the one that was rejected
			}
			if first.Bad != wantBad || first.Added+first.Bad != first.Rows || first.Applied != (wantBad == 0) {
				t.Fatalf("%s elsewhere: %s of %d, %v", kind, counts(first), first.Rows, first.Faults.Err())
			}
		}
		from := take[*tabular.Reader](t)(tabular.New("table", strings.NewReader(carried[service.ImportTickets]), service.ImportColumns(service.ImportTickets)))
		result, err := other.Import(ctx, system, service.ImportTickets, from, service.ImportOptions{SkipBad: true})
		if err != nil || !result.Applied {
			t.Fatal(err)
		}
		stand := func(s *service.Service, number func(*service.TicketView) string) map[string]ticket.State {
			states := map[string]ticket.State{}
			for _, one := range take[[]*service.TicketView](t)(s.Tickets(ctx, system, service.TicketFilter{})) {
				states[number(one)] = one.State
			}
			return states
		}
		here := stand(d.Service.Service, func(v *service.TicketView) string { return v.Number })
		there := stand(other.Service, func(v *service.TicketView) string { return v.ExternalNumber })
		for number, state := range here {
			want := state
			switch state { //nolint:exhaustive // the others come as they are
			case ticket.Rejected:
				want = ""
			case ticket.Joint:
				want = ticket.Dispatched // nobody had claimed it
			}
			if there[number] != want {
				t.Errorf("%s was %s and became %q, want %q", number, state, there[number], want)
			}
		}
	})
}

func importInto(t *testing.T, s *service.Service, kind service.ImportKind, table string) *service.ImportResult {
	t.Helper()
	from, err := tabular.New("table", strings.NewReader(table), service.ImportColumns(kind))
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	defer from.Close()
	result, err := s.Import(t.Context(), ticket.System, kind, from, service.ImportOptions{})
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return result
}
