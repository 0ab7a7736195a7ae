package rest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// Words that only the offices read, and words for everybody, in a ticket that
// has gone all the way.
var (
	officesWords = []string{
		"内部-退单", "内部-召回", "内部-督办", "内部-回复", "内部-进展", "内部-延期", "内部-准延", "内部-吹哨", "内部-报到", "内部-意见",
		"内部-纪要", "内部-任务", "内部-未到", "内部-完成", "内部-取消", "内部-条件", "内部-同意挂账", "内部-复核", "内部-回访",
	}
	publicWords = []string{"公开-问", "公开-答", "公开-进展", "公开-留言", "公开-催办", "公开-结果", "公开-不认可"}
)

// wholeStory has every kind of word in it.
func wholeStory(t *testing.T, s *testkit.Server) (id string) {
	t.Helper()
	err := s.Batch(t.Context(), func(b *service.Batch) error {
		k := &tale{tb: t, s: s, batch: b, at: testkit.Moment(t, "2023-09-11 09:00"), lead: "labour", former: "land"}
		var err error
		if k.id, err = b.File(s.Actor(t, "own"), filing(s, "全程", false), service.Backdated{At: k.at}); err != nil {
			return err
		}
		id = k.id
		k.do("desk", ticket.EventRequestInfo, ticket.RequestInfoInput{Question: "公开-问"})
		k.do("own", ticket.EventSupplyInfo, ticket.SupplyInfoInput{Answer: "公开-答"})
		k.do("desk", ticket.EventAccept, nil)
		k.do("desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: s.Departments["tax"]})
		k.do("desk", ticket.EventRecall, ticket.ReasonInput{Reason: "内部-召回"})
		k.do("desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: s.Departments["land"]})
		k.do("land-head", ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "内部-退单"})
		k.do("desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: s.Departments["labour"], DepartmentIDs: []string{s.Departments["water"]}})
		k.do("lead-officer", ticket.EventClaim, nil)
		k.do("leader", ticket.EventSupervise, ticket.TextInput{Text: "内部-督办"})
		ordered, _ := b.Ticket(id)
		order := ordered.Orders[0].ID
		k.do("lead-officer", ticket.EventAnswer, ticket.AnswerInput{OrderID: order, Text: "内部-回复"})
		k.do("lead-officer", ticket.EventProgress, ticket.ProgressInput{Text: "内部-进展"})
		k.do("lead-officer", ticket.EventProgress, ticket.ProgressInput{Text: "公开-进展", Public: true})
		k.do("lead-officer", ticket.EventMessage, ticket.TextInput{Text: "公开-留言"})
		k.do("own", ticket.EventUrge, ticket.UrgeInput{Text: "公开-催办"})
		k.do("lead-head", ticket.EventRequestExtension, ticket.RequestExtensionInput{DueAt: testkit.Moment(t, "2023-09-20 18:00"), Reason: "内部-延期"})
		k.do("lead-head", ticket.EventDecideExtension, ticket.DecideInput{Approve: true, Text: "内部-准延"})
		k.do("lead-head", ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{s.Departments["fire"], s.Departments["water"]}, Question: "内部-吹哨"})
		k.do("lead-head", ticket.EventInvite, ticket.InviteInput{UserID: s.Users["expert"].ID})
		k.do("expert", ticket.EventAdvise, ticket.TextInput{Text: "内部-意见"})
		k.do("fire-officer", ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Needs, Text: "内部-报到"})
		k.do("lead-head", ticket.EventConclude, ticket.ConcludeInput{
			Minutes: "内部-纪要",
			Tasks:   []ticket.NewTask{{DepartmentID: s.Departments["fire"], Text: "内部-任务"}, {DepartmentID: s.Departments["water"], Text: "内部-任务"}},
			Without: []ticket.Absent{{DepartmentID: s.Departments["water"], Reason: "内部-未到"}},
		})
		agreed, _ := b.Ticket(id)
		tasks := agreed.Tasks
		k.do("fire-officer", ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: tasks[0].ID, Result: "内部-完成"})
		k.do("lead-head", ticket.EventCancelTask, ticket.CancelTaskInput{TaskID: tasks[1].ID, Reason: "内部-取消"})
		k.do("lead-head", ticket.EventRequestSuspension, ticket.RequestSuspensionInput{Condition: "内部-条件", ReviewDate: day("2023-09-14")})
		k.do("desk", ticket.EventDecideSuspension, ticket.DecideInput{Approve: true, Text: "内部-同意挂账"})
		k.do("desk", ticket.EventReview, ticket.ReviewInput{ReviewDate: day("2023-09-15"), Text: "内部-复核"})
		k.do("desk", ticket.EventResume, nil)
		for _, missing := range []string{"公开-不认可", ""} {
			k.do("lead-head", ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "公开-结果"})
			if missing != "" {
				k.do("own", ticket.EventDispute, ticket.DisputeInput{Missing: missing})
			}
		}
		k.at = testkit.Moment(t, "2023-09-26 10:00")
		k.do("desk", ticket.EventCallback, ticket.CallbackInput{Said: "内部-回访"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// everyRead is all that somebody reads of a ticket.
func everyRead(t *testing.T, s *testkit.Server, who, id string) string {
	t.Helper()
	var all strings.Builder
	for _, path := range []string{"/tickets/" + id, "/tickets/" + id + "/history", "/tickets/" + id + "/clocks?explain=true", "/tickets"} {
		all.Write(s.As(t, who).Get(path).Want(http.StatusOK).Body)
	}
	return all.String()
}

// TestEnterpriseReadsPlainWords: the offices' talk is for the offices.
func TestEnterpriseReadsPlainWords(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		id := wholeStory(t, s)
		own, lead, leader := everyRead(t, s, "own", id), everyRead(t, s, "lead-officer", id), everyRead(t, s, "leader", id)
		// The answer to a command is a read too.
		own += string(s.As(t, "own").Post("/tickets/"+id+"/urge", nil).Want(http.StatusOK).Body)
		for _, word := range officesWords {
			if strings.Contains(own, word) {
				t.Errorf("the enterprise reads %s", word)
			}
			if !strings.Contains(lead, word) || !strings.Contains(leader, word) {
				t.Errorf("the offices do not read %s", word)
			}
		}
		for _, word := range publicWords {
			if !strings.Contains(own, word) {
				t.Errorf("the enterprise does not read %s", word)
			}
		}
		var read struct {
			Assignee      any
			Tasks, Orders []any
			Requests      []struct{ Kind string }
			Summons       []struct {
				Department struct{ Name string }
				Position   any
				Text       string
			}
			Clocks []struct{ Clock string }
		}
		s.As(t, "own").Get("/tickets/" + id).Into(&read)
		if read.Assignee != nil || len(read.Tasks)+len(read.Orders)+len(read.Requests) != 0 {
			t.Errorf("the enterprise sees inside: %+v", read)
		}
		if len(read.Summons) != 2 || read.Summons[0].Department.Name == "" || read.Summons[0].Position != nil || read.Summons[0].Text != "" {
			t.Errorf("of the summons the enterprise sees %+v", read.Summons)
		}
	})
}

// TestFormerLeadReadsUpToItsReturn: the ticket as it stood then, and no line
// after.
func TestFormerLeadReadsUpToItsReturn(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		id := wholeStory(t, s)
		former := everyRead(t, s, "land-head", id)
		for _, word := range []string{"内部-督办", "内部-进展", "公开-结果", "内部-纪要", "公开-催办", s.Departments["labour"], s.Departments["fire"]} {
			if strings.Contains(former, word) {
				t.Errorf("the former lead reads %s", word)
			}
		}
		for _, word := range []string{"内部-退单", "内部-召回", "公开-答"} {
			if !strings.Contains(former, word) {
				t.Errorf("the former lead does not read %s", word)
			}
		}
		type seen struct {
			ID      string
			State   string
			Version int
			Returns int
			Lead    any
			Actions []string
		}
		var one seen
		var list struct{ Items []seen }
		var history struct {
			Items []struct {
				Seq   int
				Event string
			}
		}
		land := s.As(t, "land-head")
		land.Get("/tickets/" + id).Into(&one)
		land.Get("/tickets").Into(&list)
		land.Get("/tickets/" + id + "/history").Into(&history)
		last := history.Items[len(history.Items)-1]
		if last.Event != "return" || one.Version != last.Seq {
			t.Errorf("reads up to %+v, and the ticket at version %d", last, one.Version)
		}
		if one.State != "accepted" || one.Returns != 1 || one.Lead != nil || len(one.Actions) != 0 {
			t.Errorf("reads %+v", one)
		}
		if len(list.Items) != 1 || list.Items[0].Version != one.Version || list.Items[0].State != one.State {
			t.Errorf("lists %+v", list.Items)
		}
	})
}

// TestMergeShowsEachItsOwn: of a merge across enterprises each knows that
// there was one, and how it ended, and nothing of the other.
func TestMergeShowsEachItsOwn(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		master := bringOne(t, s, "resolving", "甲的总单", true)
		others := s.As(t, "stranger").Post("/tickets", with(map[string]any{"title": "乙的单"})).Want(http.StatusCreated).Text("id")
		s.As(t, "desk").Post("/tickets/"+others+"/merge", map[string]any{"into_id": master}).Want(http.StatusOK)
		stored := standing(t, s, master)
		reads := everyRead(t, s, "stranger", others)
		for _, word := range []string{master, stored.Number, stored.Title, stored.Description, s.Enterprises["own"], "甲科技"} {
			if strings.Contains(reads, word) {
				t.Errorf("the other enterprise reads %s", word)
			}
		}
		if own := everyRead(t, s, "own", master); strings.Contains(own, others) || strings.Contains(own, "乙的单") {
			t.Error("the master's enterprise reads of the other's ticket")
		}
		read := func(who string) map[string]any {
			return s.As(t, who).Get("/tickets/" + others).Want(http.StatusOK).Map()
		}
		if m := read("stranger"); m["state"] != "merged" || m["merged_into"] != nil || m["outcome"] != nil {
			t.Errorf("%v %v %v", m["state"], m["merged_into"], m["outcome"])
		}
		if m := read("desk"); m["merged_into"] != master {
			t.Errorf("the desk reads merged_into %v", m["merged_into"])
		}
		s.As(t, "lead-head").Post("/tickets/"+master+"/resolve", map[string]any{"outcome": "explained", "result": "政策不允许"}).Want(http.StatusOK)
		if m := read("stranger"); m["outcome"] != nil {
			t.Errorf("an outcome that nobody verified: %v", m["outcome"])
		}
		s.As(t, "own").Post("/tickets/"+master+"/confirm", map[string]any{"satisfaction": 3}).Want(http.StatusOK)
		if m := read("stranger"); m["outcome"] != "explained" || m["satisfaction"] != nil {
			t.Errorf("the merged ticket ends as %v", m["outcome"])
		}
	})
}

// TestFiguresForWhom: the desk and leaders all, a department its own, an
// enterprise and its manager theirs; a number is how many tickets are counted.
func TestFiguresForWhom(t *testing.T) {
	const refused = -1
	servers(t, func(t *testing.T, s *testkit.Server) {
		bringOne(t, s, "agreed", "明单", false)
		bringOne(t, s, "agreed", "密单", true)
		s.As(t, "stranger").Post("/tickets", filed).Want(http.StatusCreated)
		for who, want := range map[string]int{
			"leader": 3, "desk": 3,
			"own": 2, "manager": 2, "stranger": 1,
			"lead-officer": 2, "lead-head": 2, "deputy": 2,
			"fire-head": 0, "water-officer": 0, "land-head": 0, "tax-head": 0, "team-member": 0, "station-staff": 0,
			"admin": refused, "guest": refused, "expert": refused,
		} {
			for _, query := range []string{"", "?by=department", "?by=enterprise", "?enterprise=" + s.Enterprises["other"]} {
				a := s.As(t, who).Get("/figures" + query)
				if want == refused {
					a.Want(http.StatusForbidden)
					continue
				}
				var f struct {
					Total  struct{ Filed int }
					Groups []struct {
						Key   string
						Filed int
					}
				}
				a.Want(http.StatusOK).Into(&f)
				total := want
				if strings.HasPrefix(query, "?enterprise") {
					total = 0
					if who == "leader" || who == "desk" || who == "stranger" {
						total = 1
					}
				}
				if f.Total.Filed != total {
					t.Errorf("%s reads %d tickets with %q, want %d", who, f.Total.Filed, query, total)
				}
				sum := 0
				for _, g := range f.Groups {
					sum += g.Filed
				}
				if strings.HasPrefix(query, "?by") && sum != total {
					t.Errorf("%s: the groups of %q have %d tickets, the total %d", who, query, sum, total)
				}
			}
		}
	})
}

// TestFormerLeadCannotProbeThePresent: a list narrowed by how tickets stand
// now says nothing of those that one gave back.
func TestFormerLeadCannotProbeThePresent(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		id := bringOne(t, s, "returned", "退回过的", false)
		former := s.As(t, "land-head")
		for path, want := range map[string]bool{
			"/tickets": true, "/tickets?q=" + url.QueryEscape("退回过的"): true, "/tickets?from=2023-01-01": true,
			"/tickets?state=accepted": false, "/tickets?stage=dispatch": false, "/tickets?light=green": false, "/tickets?category=labour": false,
			"/tickets?assignee=" + s.Users["lead-officer"].ID: false, "/tickets?project=" + s.Projects["plant"]: false,
		} {
			if listed := strings.Contains(string(former.Get(path).Want(http.StatusOK).Body), id); listed != want {
				t.Errorf("%s lists what was given back: %v", path, listed)
			}
		}
	})
}
