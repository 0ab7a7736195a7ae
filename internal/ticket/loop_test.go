package ticket_test

import (
	"encoding/json"
	"testing"

	"whistle/internal/ticket"
)

func TestWholeLoop(t *testing.T) {
	s := newStory(t)
	s.do(moment(t, "2023-09-27 10:00"), owner, ticket.EventSubmit, filing)
	s.do(moment(t, "2023-09-27 10:30"), desk, ticket.EventAccept, nil)
	s.do(moment(t, "2023-09-27 11:00"), desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1"})
	s.do(moment(t, "2023-09-27 15:00"), officer, ticket.EventClaim, nil)
	s.do(moment(t, "2023-09-27 16:00"), officer, ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{"d2"}, Question: "who recruits?"})
	s.do(moment(t, "2023-09-28 09:10"), helper, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "we do"})
	s.do(moment(t, "2023-09-28 11:10"), head, ticket.EventConclude, ticket.ConcludeInput{Minutes: "a fair", Tasks: []ticket.NewTask{{DepartmentID: "d2", Text: "hold it"}}})
	s.do(moment(t, "2023-10-08 09:10"), helper, ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: "7-1", Result: "held"})
	s.do(moment(t, "2023-10-08 10:10"), head, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "sixty found"})
	s.do(moment(t, "2023-10-09 10:10"), owner, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5})
	if s.ticket.State != ticket.Closed || s.ticket.Outcome != ticket.Solved || s.ticket.VerifiedBy != ticket.ByConfirmation {
		t.Fatalf("ended as %s %s %s", s.ticket.State, s.ticket.Outcome, s.ticket.VerifiedBy)
	}
	s.replays()
}

// replays holds the ticket against its history, read back from what is stored.
func (s *story) replays() {
	s.tb.Helper()
	var lines []*ticket.Line
	prev := ""
	for i, l := range s.lines {
		back, err := ticket.Open(l.Canonical, l.Words, l.Salt)
		if err != nil {
			s.tb.Fatal(err)
		}
		if back.Hash != l.Hash || back.PrevHash != prev || back.Seq != i+1 {
			s.tb.Fatalf("line %d does not continue the chain", back.Seq)
		}
		if err := back.CheckWords(l.Words); err != nil {
			s.tb.Fatal(err)
		}
		prev = back.Hash
		lines = append(lines, back)
	}
	replayed, err := ticket.Replay(lines, s.world.rules())
	if err != nil {
		s.tb.Fatal(err)
	}
	want, _ := json.Marshal(s.ticket)
	got, _ := json.Marshal(replayed)
	if string(want) != string(got) {
		s.tb.Fatalf("the replay differs:\nstored   %s\nreplayed %s", want, got)
	}
}

func BenchmarkApply(b *testing.B) {
	s := newStory(b)
	for b.Loop() {
		s.ticket = nil
		s.do(moment(b, "2023-09-27 10:00"), owner, ticket.EventSubmit, filing)
	}
}
