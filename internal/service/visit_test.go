package service_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

func codeOf(err error) ticket.Code {
	var known *ticket.Error
	if errors.As(err, &known) {
		return known.Code
	}
	return ""
}

// districts runs a test on a district of testkit's on each database.
func districts(t *testing.T, test func(t *testing.T, d *testkit.District)) {
	t.Helper()
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		test(t, testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00")))
	})
}

// TestVisitIsRecordedOnce: however often and however late it is sent, and by
// several at once, there is one visit; in other words it is a conflict.
func TestVisitIsRecordedOnce(t *testing.T) {
	districts(t, func(t *testing.T, d *testkit.District) {
		manager := d.Actor(t, "manager")
		file, err := d.Upload(t.Context(), manager, "厂房.txt", strings.NewReader("一张照片"))
		if err != nil {
			t.Fatal(err)
		}
		at := d.Now().Add(-time.Hour)
		in := visit.Record{
			ClientID: "phone-1", EnterpriseID: d.Enterprises["own"], ProjectID: d.Projects["plant"], VisitedAt: &at, Seen: " 正在赶订单。 ",
			Findings: []visit.NewFinding{{Text: "招不到装配工", Category: "labour"}, {Text: "厂房漏雨", Category: "land"}}, Attached: ticket.Attached{Attachments: []string{file.ID}},
		}
		first, err := d.RecordVisit(t.Context(), manager, in)
		if err != nil {
			t.Fatal(err)
		}
		if first.Seen != "正在赶订单。" || len(first.Findings) != 2 || first.Findings[0].Text != "招不到装配工" || len(first.Files) != 1 {
			t.Errorf("recorded is %+v", first)
		}
		d.Clock.Advance(72 * time.Hour)
		in.Attachments = nil // they are there already
		var sending sync.WaitGroup
		for range 4 {
			sending.Go(func() {
				again, err := d.RecordVisit(t.Context(), manager, in)
				if err != nil || again.ID != first.ID {
					t.Errorf("sent again: %v, %v", again, err)
				}
			})
		}
		sending.Wait()
		in.Seen = "停产了。"
		if _, err := d.RecordVisit(t.Context(), manager, in); codeOf(err) != ticket.CodeConflict {
			t.Errorf("in other words: %v", err)
		}
		if all, err := d.Visits(t.Context(), manager, service.VisitFilter{}); err != nil || len(all) != 1 {
			t.Errorf("%d visits, %v", len(all), err)
		}
		// The photo is read with the visit's words, and by nobody else.
		for who, want := range map[string]ticket.Code{"desk": "", "manager": "", "tax-officer": "", "own": ticket.CodeNotFound, "stranger": ticket.CodeNotFound, "admin": ticket.CodeNotFound, "guest": ticket.CodeNotFound} {
			if _, err := d.Attachment(t.Context(), d.Actor(t, who), file.ID); codeOf(err) != want {
				t.Errorf("%s reads the photo: %v, want %q", who, err, want)
			}
		}
		if n, err := d.PurgeAttachments(t.Context()); err != nil || n != 0 {
			t.Errorf("%d files of visits are purged, %v", n, err)
		}
	})
}

// TestSendingAtOnceRecordsOne: the first sending may come in several at once.
func TestSendingAtOnceRecordsOne(t *testing.T) {
	districts(t, func(t *testing.T, d *testkit.District) {
		officer := d.Actor(t, "land-officer")
		in := visit.Record{ClientID: "x", EnterpriseID: d.Enterprises["other"], Seen: "收割了。"}
		ids := make([]string, 8)
		var sending sync.WaitGroup
		for i := range ids {
			sending.Go(func() {
				v, err := d.RecordVisit(t.Context(), officer, in)
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = v.ID
			})
		}
		sending.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("recorded as %v", ids)
			}
		}
	})
}

// TestWrongRecordChangesNothing: its faults are told together.
func TestWrongRecordChangesNothing(t *testing.T) {
	districts(t, func(t *testing.T, d *testkit.District) {
		campaign, err := d.Campaigns().Create(t.Context(), d.Actor(t, "desk"), visit.Campaign{
			Code: "w", Name: "走访周", Kind: visit.Week, Targets: visit.Roster, FromDate: worktime.Date{Year: 2023, Month: 10, Day: 9}, ToDate: worktime.Date{Year: 2023, Month: 10, Day: 13},
		})
		if err != nil {
			t.Fatal(err)
		}
		later := d.Now().Add(time.Hour)
		_, err = d.RecordVisit(t.Context(), d.Actor(t, "desk"), visit.Record{
			EnterpriseID: d.Enterprises["other"], ProjectID: d.Projects["plant"], CampaignID: campaign.ID, VisitedAt: &later, Seen: "看了。",
			Findings: []visit.NewFinding{{Text: "漏雨", Category: "weather"}}, Attached: ticket.Attached{Attachments: []string{"none"}},
		})
		var known *ticket.Error
		if !errors.As(err, &known) || known.Code != ticket.CodeInvalidValue {
			t.Fatalf("the answer is %v", err)
		}
		at := map[string]bool{}
		for _, f := range known.Fields {
			at[f.Pointer] = true
		}
		for _, want := range []string{"/project_id", "/campaign_id", "/visited_at", "/findings/0/category", "/attachments/0"} {
			if !at[want] {
				t.Errorf("no fault at %s: %v", want, err)
			}
		}
		if all, err := d.Visits(t.Context(), ticket.System, service.VisitFilter{}); err != nil || len(all) != 0 {
			t.Errorf("%d visits, %v", len(all), err)
		}
	})
}

// TestFindingBecomesTicket: in one step and once, linked both ways; a trade
// secret shows to nobody who does not see its ticket.
func TestFindingBecomesTicket(t *testing.T) {
	districts(t, func(t *testing.T, d *testkit.District) {
		officer := d.Actor(t, "land-officer") // looks after nobody
		v, err := d.RecordVisit(t.Context(), officer, visit.Record{
			EnterpriseID: d.Enterprises["own"], Seen: "看了车间。", Findings: []visit.NewFinding{{Text: "招不到装配工", Category: "labour"}, {Text: "配方被人抄了", Category: "policy"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.FileFinding(t.Context(), d.Actor(t, "tax-officer"), v.ID, v.Findings[0].ID, service.FindingFiling{Title: "招工"}); codeOf(err) != ticket.CodeForbidden {
			t.Errorf("who was not there files: %v", err)
		}
		filed, err := d.FileFinding(t.Context(), officer, v.ID, v.Findings[0].ID, service.FindingFiling{Title: "招不到装配工"})
		if err != nil {
			t.Fatal(err)
		}
		if filed.Source != ticket.SourceVisit || filed.EnterpriseID != d.Enterprises["own"] || filed.Description != "招不到装配工" || filed.Category != "labour" || filed.FiledBy != officer.ID {
			t.Errorf("filed is %+v", filed)
		}
		if _, err := d.FileFinding(t.Context(), d.Actor(t, "desk"), v.ID, v.Findings[0].ID, service.FindingFiling{Title: "又一次"}); codeOf(err) != ticket.CodeConflict {
			t.Errorf("filed twice: %v", err)
		}
		secret, err := d.FileFinding(t.Context(), d.Actor(t, "desk"), v.ID, v.Findings[1].ID, service.FindingFiling{Title: "配方", Confidential: true})
		if err != nil {
			t.Fatal(err)
		}
		for who, c := range map[string]struct {
			findings int
			state    bool // of the first one's ticket
		}{"desk": {2, true}, "leader": {2, true}, "manager": {1, true}, "land-officer": {1, false}, "tax-officer": {1, false}} {
			seen, err := d.Visit(t.Context(), d.Actor(t, who), v.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(seen.Findings) != c.findings || (seen.Findings[0].Ticket != nil) != c.state {
				t.Errorf("%s sees %+v", who, seen.Findings)
			}
		}
		for who, want := range map[string]bool{"desk": true, "own": true, "manager": false, "land-officer": false} {
			from, err := d.VisitOfTicket(t.Context(), d.Actor(t, who), secret.ID)
			if err != nil || (from != nil) != want {
				t.Errorf("%s comes from the secret to %v, %v", who, from, err)
			}
		}
		own, err := d.Visit(t.Context(), d.Actor(t, "own"), v.ID)
		if err != nil || own.Words || own.Seen != "" || len(own.Findings) != 0 || own.Names.Of(own.VisitorID) != "land-officer" {
			t.Errorf("the enterprise reads %+v, %v", own, err)
		}
		report, err := d.Verify(t.Context(), nil)
		if err != nil || !report.OK() || report.Visits != 1 {
			t.Errorf("verify: %+v, %v", report, err)
		}
	})
}

// roster gives the district an enterprise with a credit code.
func roster(t *testing.T, d *testkit.District, name, code string) string {
	t.Helper()
	e, err := d.Service.Service.Enterprises().Create(t.Context(), ticket.System, directory.Enterprise{Name: name, CreditCode: code, PlaceID: d.Places["town"], Kind: directory.Company})
	if err != nil {
		t.Fatal(err)
	}
	return e.ID
}

// TestCoverageCountsTheRoster: distinct enterprises of those there at the first
// day, by every cut, each number opening to its rows; and a recount agrees.
func TestCoverageCountsTheRoster(t *testing.T) {
	districts(t, func(t *testing.T, d *testkit.District) {
		desk, day := d.Actor(t, "desk"), func(m time.Month, n int) worktime.Date { return worktime.Date{Year: 2023, Month: m, Day: n} }
		a := roster(t, d, "丙电子厂", "91320111MA00000A1K")
		roster(t, d, "丁食品厂", "91320111MA00000B1L")
		if _, err := d.CreateAssignment(t.Context(), desk, service.NewAssignment{Kind: directory.ManagerOf, UserID: d.Users["manager"].ID, TargetID: a, Part: "guide"}); err != nil {
			t.Fatal(err)
		}
		d.Clock.Set(testkit.Moment(t, "2023-10-09 10:00"))
		late := roster(t, d, "戊新来的厂", "91320111MA00000C1M") // after the first day
		campaign, err := d.Campaigns().Create(t.Context(), desk, visit.Campaign{Code: "w", Name: "走访周", Kind: visit.Week, Targets: visit.Roster, FromDate: day(10, 9), ToDate: day(10, 13)})
		if err != nil {
			t.Fatal(err)
		}
		go1 := func(id, projectID, campaignID string) {
			t.Helper()
			if _, err := d.RecordVisit(t.Context(), desk, visit.Record{EnterpriseID: id, ProjectID: projectID, CampaignID: campaignID, Seen: "看了。"}); err != nil {
				t.Fatal(err)
			}
		}
		go1(a, "", "")
		go1(a, "", campaign.ID) // twice is once
		go1(late, "", "")
		go1(d.Enterprises["own"], d.Projects["plant"], "") // stands outside the roster; its project does not

		q := service.CoverageQuery{From: day(10, 1), To: day(10, 31)}
		ratio := func(n, of int64) figures.Ratio { return figures.Ratio{Numerator: n, Denominator: of} }
		check := func(name string, q service.CoverageQuery, enterprises, projects figures.Ratio) {
			t.Helper()
			report, err := d.Coverage(t.Context(), desk, q, "")
			if err != nil || report.Total.Enterprises != enterprises || report.Total.Projects != projects {
				t.Errorf("%s: %+v, %v", name, report, err)
			}
		}
		check("in all", q, ratio(1, 2), ratio(1, 1))
		check("before they were entered", service.CoverageQuery{From: day(1, 1), To: day(10, 31)}, ratio(0, 0), ratio(0, 0))
		check("before anybody went", service.CoverageQuery{From: day(10, 1), To: day(10, 8)}, ratio(0, 2), ratio(0, 1))
		narrowed := q
		narrowed.CampaignID = campaign.ID
		check("of the campaign", narrowed, ratio(1, 2), ratio(0, 0))
		narrowed = q
		narrowed.Where.ManagerID = d.Users["manager"].ID
		check("of the manager", narrowed, ratio(1, 1), ratio(1, 1))
		narrowed.Where.ManagerID = figures.NoKey
		check("of nobody", narrowed, ratio(0, 1), ratio(0, 0))
		narrowed = q
		narrowed.Where.ChainID = d.Chains["chips"]
		check("of the chain", narrowed, ratio(0, 0), ratio(1, 1))
		narrowed.Where.ChainID = figures.NoKey
		check("of no chain", narrowed, ratio(1, 2), ratio(0, 0))
		narrowed = q
		narrowed.Where.PlaceID = d.Places["town"]
		check("of the town", narrowed, ratio(1, 2), ratio(1, 1))

		for by, want := range map[visit.Cut]map[string]figures.Ratio{
			visit.ByPlace:    {d.Places["town"]: ratio(1, 2)},
			visit.ByManager:  {d.Users["manager"].ID: ratio(1, 1), figures.NoKey: ratio(0, 1)},
			visit.ByChain:    {figures.NoKey: ratio(1, 2), d.Chains["chips"]: ratio(0, 0)},
			visit.ByCampaign: {campaign.ID: ratio(1, 2)},
		} {
			report, err := d.Coverage(t.Context(), desk, q, by)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Groups) != len(want) {
				t.Errorf("by %s there are %+v", by, report.Groups)
			}
			for _, g := range report.Groups {
				if w, ok := want[g.Key]; !ok || g.Enterprises != w {
					t.Errorf("by %s, %s is %+v, want %+v", by, g.Name, g.Enterprises, w)
				}
			}
		}

		for reached, want := range map[visit.Reached]string{visit.All: "丁食品厂 丙电子厂", visit.Visited: "丙电子厂", visit.Missing: "丁食品厂"} {
			var names []string
			f := service.CoverageFilter{Of: visit.Enterprises, Reached: reached, Limit: 1}
			for { // page by page
				rows, err := d.CoverageRows(t.Context(), desk, q, f)
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) == 0 {
					break
				}
				names = append(names, rows[0].Name)
				f.After = &service.CoveragePosition{Name: rows[0].Name, ID: rows[0].ID}
				if rows[0].ID == a && (rows[0].Visits != 2 || rows[0].LastOn != "2023-10-09") {
					t.Errorf("the row is %+v", rows[0])
				}
			}
			if len(names) == 2 && names[0] > names[1] {
				t.Errorf("%s in no order: %v", reached, names)
			}
			for _, name := range strings.Fields(want) {
				if !strings.Contains(strings.Join(names, " "), name) || len(names) != len(strings.Fields(want)) {
					t.Errorf("%s are %v, want %s", reached, names, want)
				}
			}
		}
		report, err := d.Recount(t.Context(), nil)
		if err != nil || !report.OK() {
			t.Errorf("recount: %+v, %v", report, err)
		}
	})
}

// TestCoverageIsFrozen beside the other figures, by what was known: a later
// record and a roster that changed honestly are corrections, and whatever else
// differs is named by recounts and checks.
func TestCoverageIsFrozen(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		ctx, desk := t.Context(), d.Actor(t, "desk")
		a, b := roster(t, d, "丙电子厂", "91320111MA00000A1K"), roster(t, d, "丁食品厂", "91320111MA00000B1L")
		take[*ticket.Ticket](t)(d.File(ctx, desk, ticket.SubmitInput{EnterpriseID: a, Title: "缺人", Description: "内容", Category: "labour"}))
		d.Clock.Set(testkit.Moment(t, "2023-10-09 10:00"))
		first := take[*service.VisitView](t)(d.RecordVisit(ctx, desk, visit.Record{EnterpriseID: a, Seen: "看了。"}))
		d.Clock.Set(testkit.Moment(t, "2023-11-01 00:05"))
		take[int](t)(d.Freeze(ctx))
		october := func() service.SnapshotView {
			t.Helper()
			all := take[[]service.SnapshotView](t)(d.Snapshots(ctx, desk, service.SnapshotFilter{Kind: figures.Monthly, From: worktime.Date{Year: 2023, Month: 10, Day: 31}}))
			return take[service.SnapshotView](t)(d.Snapshot(ctx, desk, all[0].ID))
		}
		frozen := october()
		want := figures.Coverage{Enterprises: figures.Ratio{Numerator: 1, Denominator: 2}, Projects: figures.Ratio{Denominator: 1}}
		if c := frozen.Figures.Coverage; c == nil || *c != want || len(frozen.Corrections) != 0 {
			t.Fatalf("frozen: %+v, corrected by %v", c, frozen.Corrections)
		}
		named := func() (found []string) {
			t.Helper()
			for _, drift := range take[*service.RecountReport](t)(d.Recount(ctx, nil)).Figures {
				if drift.From == frozen.FromDate && drift.To == frozen.ToDate {
					found = append(found, drift.Figure+" "+drift.Stored+" → "+drift.Counted)
				}
			}
			for _, fault := range take[*service.VerifyReport](t)(d.Verify(ctx, nil)).Faults {
				if strings.Contains(fault.Snapshot, frozen.ID) {
					found = append(found, fault.What)
				}
			}
			return found
		}

		d.Clock.Set(testkit.Moment(t, "2023-11-01 10:00"))
		// Told of after the freeze; and one that had no code any more.
		late := testkit.Moment(t, "2023-10-20 10:00")
		take[*service.VisitView](t)(d.RecordVisit(ctx, desk, visit.Record{EnterpriseID: b, VisitedAt: &late, Seen: "补记。"}))
		take[directory.Enterprise](t)(d.Service.Enterprises().Change(ctx, desk, a, func(e *directory.Enterprise) error {
			e.CreditCode = ""
			return nil
		}))
		since := october()
		if *since.Figures.Coverage != want || len(since.Corrections) != 1 || since.Corrections[0].Figure != figures.EnterpriseCoverage || since.Corrections[0].Is.String() != "1 / 1" {
			t.Errorf("frozen: %+v, corrected by %+v", since.Figures.Coverage, since.Corrections)
		}
		if found := named(); len(found) != 0 {
			t.Errorf("without a fault there is named %q", found)
		}

		if _, err := openRaw(t, cfg).ExecContext(ctx, "DELETE FROM visits WHERE id = '"+first.ID+"'"); err != nil {
			t.Fatal(err)
		}
		if found := named(); !slices.Equal(found, []string{
			"enterprise_coverage 1 / 2 → 0 / 2", "enterprise_coverage is frozen as 1 / 2; counting again what was recorded by its freeze gives 0 / 2",
		}) {
			t.Errorf("of a visit that vanished there is named %q", found)
		}
	})
}

// TestPlanIsDivided among who looks after whom; the rest is told, filled later,
// and changed by hand.
func TestPlanIsDivided(t *testing.T) {
	districts(t, func(t *testing.T, d *testkit.District) {
		desk, day := d.Actor(t, "desk"), func(n int) worktime.Date { return worktime.Date{Year: 2023, Month: 9, Day: n} }
		ids := []string{roster(t, d, "丙电子厂", "91320111MA00000A1K"), roster(t, d, "丁食品厂", "91320111MA00000B1L"), roster(t, d, "戊机械厂", "91320111MA00000C1M")}
		assign := func(user, id string) {
			t.Helper()
			if _, err := d.CreateAssignment(t.Context(), desk, service.NewAssignment{Kind: directory.ManagerOf, UserID: d.Users[user].ID, TargetID: id, Part: "guide"}); err != nil {
				t.Fatal(err)
			}
		}
		assign("manager", ids[0])
		assign("manager", ids[1])
		assign("tax-officer", ids[1]) // who has fewer
		campaign, err := d.Campaigns().Create(t.Context(), desk, visit.Campaign{Code: "w", Name: "走访周", Kind: visit.Week, Targets: visit.Roster, FromDate: day(27), ToDate: day(29)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.DividePlans(t.Context(), d.Actor(t, "leader"), campaign.ID); codeOf(err) != ticket.CodeForbidden {
			t.Errorf("a leader divides: %v", err)
		}
		done, err := d.DividePlans(t.Context(), desk, campaign.ID)
		if want := (service.Division{Added: 3, Named: 2, Planned: 3, Nobody: 1}); err != nil || done != want {
			t.Fatalf("divided: %+v, %v", done, err)
		}
		load := map[string]int{}
		plans, err := d.VisitPlans(t.Context(), desk, service.PlanFilter{CampaignID: campaign.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range plans {
			load[p.UserID]++
		}
		if load[d.Users["manager"].ID] != 1 || load[d.Users["tax-officer"].ID] != 1 || load[""] != 1 {
			t.Errorf("the load is %v", load)
		}
		assign("tax-officer", ids[2])
		if done, err = d.DividePlans(t.Context(), desk, campaign.ID); err != nil || done != (service.Division{Named: 1, Planned: 3}) {
			t.Errorf("divided again: %+v, %v", done, err)
		}
		user, wrong, when := d.Users["land-head"].ID, "2023-10-09", "2023-09-28"
		if _, err := d.ChangePlan(t.Context(), desk, plans[0].ID, time.Time{}, service.PlanChange{UserID: &user, Day: &wrong}); codeOf(err) != ticket.CodeInvalidValue {
			t.Errorf("a day outside: %v", err)
		}
		seen := plans[0].UpdatedAt
		changed, err := d.ChangePlan(t.Context(), desk, plans[0].ID, time.Time{}, service.PlanChange{UserID: &user, Day: &when})
		if err != nil || changed.UserID != user || changed.Day != when {
			t.Errorf("changed by hand: %+v, %v", changed, err)
		}
		var stale *service.Stale
		if _, err := d.ChangePlan(t.Context(), desk, plans[0].ID, seen, service.PlanChange{Day: new(string)}); !errors.As(err, &stale) {
			t.Errorf("changed by who had not seen it: %v", err)
		}
		if _, err := d.RecordVisit(t.Context(), d.Actor(t, "land-head"), visit.Record{EnterpriseID: plans[0].EnterpriseID, CampaignID: campaign.ID, Seen: "看了。"}); err != nil {
			t.Fatal(err)
		}
		if after, err := d.VisitPlans(t.Context(), desk, service.PlanFilter{ID: plans[0].ID}); err != nil || len(after) != 1 || !after[0].Done {
			t.Errorf("it is not done: %+v, %v", after, err)
		}
	})
}

// TestVisitsAreImported: again they add nothing, and bad rows tell where; what an
// export wrote is read back.
func TestVisitsAreImported(t *testing.T) {
	districts(t, func(t *testing.T, d *testkit.District) {
		admin := d.Actor(t, "admin")
		take := func(content string) *service.ImportResult {
			t.Helper()
			from, err := tabular.New("走访.csv", strings.NewReader(content), service.ImportColumns(service.ImportVisits))
			if err != nil {
				t.Fatal(err)
			}
			result, err := d.Import(t.Context(), admin, service.ImportVisits, from, service.ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		const good = "企业,走访时间,走访人,走访情况,重点项目\n甲科技有限公司,2023-09-01 09:30,manager,正在赶订单。,plant\nother,2023/9/2,land-officer,收割了。,\n"
		if r := take(good); !r.Applied || r.Added != 2 {
			t.Fatalf("taken: %+v %v", r, r.Faults)
		}
		if r := take(good); !r.Applied || r.Added != 0 || r.Unchanged != 2 {
			t.Errorf("taken again: %+v", r)
		}
		bad := take("企业,走访时间,走访人,走访情况,重点项目\n没有这家,2023-09-01,nobody,看了。,\nother,2024-09-01,manager,看了。,plant\n")
		if bad.Applied || bad.Bad != 2 || len(bad.Faults.List) != 4 {
			t.Errorf("bad rows: %+v", bad.Faults)
		}
		var out bytes.Buffer
		if n, err := d.ExportVisits(t.Context(), d.Actor(t, "desk"), service.VisitFilter{}, service.ExportTo{W: &out, Format: tabular.CSV, Language: "zh-CN"}); err != nil || n != 2 {
			t.Fatalf("%d exported, %v", n, err)
		}
		if r := take(out.String()); !r.Applied || r.Unchanged != 2 {
			t.Errorf("the export is not read back: %+v %v", r, r.Faults)
		}
	})
}
