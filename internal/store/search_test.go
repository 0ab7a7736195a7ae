package store_test

import (
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"whistle/internal/search"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// TestTextFindsWhatIsRead: for any ticket, whoever asks and whatever for, a
// text finds the ticket when the asker sees it and reads the words in it, as
// it stands or as it stood when their department gave it back, and only then.
func TestTextFindsWhatIsRead(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		names := map[string]string{d.Enterprises["own"]: "甲科技有限公司", d.Enterprises["other"]: "乙农业合作社"}
		found, missed, stood := 0, 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			now, lines := drawTexts(rt, d, drawTicket(rt, d))
			if err := tell(t.Context(), d, now, lines); err != nil {
				rt.Fatal(err)
			}
			for range 8 {
				actor := drawActor(rt, d)
				wanted := text(rt, "wanted", 4)
				if rapid.Bool().Draw(rt, "by name") {
					wanted = oneOf(rt, "name", "科技", "甲", "农业合", now.Number[:4], now.Number+" "+wanted)
				}
				title, enterprise := now.Title, now.EnterpriseID
				if upTo := actor.SeesUpTo(now); upTo != 0 && upTo != now.Version {
					title, enterprise = asOf(now, lines, upTo)
					stood++
				}
				q := search.Parse(wanted)
				want := actor.Sees(now) && !q.Empty()
				for _, p := range q.Phrases {
					in := false
					for _, part := range []string{now.Number + " " + now.ExternalNumber + " " + title, names[enterprise], now.Description} {
						in = in || search.Query{Phrases: []search.Phrase{p}}.FoundIn(part)
					}
					want = want && in
				}
				listed, err := d.Store.Tickets(t.Context(), actor, store.TicketFilter{IDs: []string{now.ID}, Text: wanted})
				if err != nil {
					rt.Fatal(err)
				}
				if got := len(listed) == 1; got != want {
					rt.Fatalf("%q found %t, want %t: %+v, %+v, read as %q of %s", wanted, got, want, actor, now, title, names[enterprise])
				}
				if want {
					found++
				} else {
					missed++
				}
			}
		})
		if found == 0 || missed == 0 || stood == 0 {
			t.Errorf("%d found, %d not, %d as they stood: the draw is too narrow", found, missed, stood)
		}
	})
}

func text(rt *rapid.T, what string, maximum int) string {
	return rapid.StringOfN(rapid.SampledFrom([]rune("招工难厂房A1，-'")), 1, maximum, -1).Draw(rt, what)
}

// drawTexts gives the ticket texts and, after its returns, corrections.
func drawTexts(rt *rapid.T, d *testkit.District, one *ticket.Ticket) (*ticket.Ticket, []*ticket.Line) {
	one.Title, one.Description = text(rt, "title", 8), text(rt, "description", 12)
	lines := []*ticket.Line{{Event: ticket.EventSubmit}}
	for i := range one.FormerLeads {
		lines = append(lines, &ticket.Line{Event: ticket.EventReturn})
		one.FormerLeads[i].Version = len(lines)
		for range rapid.IntRange(0, 2).Draw(rt, "corrections") {
			old := &ticket.Old{}
			if rapid.Bool().Draw(rt, "title corrected") {
				old.Title, one.Title = one.Title, text(rt, "title", 8)
			}
			if rapid.Bool().Draw(rt, "enterprise corrected") {
				old.EnterpriseID, one.EnterpriseID = one.EnterpriseID, oneOf(rt, "enterprise", d.Enterprises["own"], d.Enterprises["other"])
			}
			lines = append(lines, &ticket.Line{Event: ticket.EventCorrect, Facts: ticket.Facts{Old: old}})
		}
	}
	one.Version = len(lines) + 1
	lines = append(lines, &ticket.Line{Event: ticket.EventProgress})
	for i, line := range lines {
		line.TicketID, line.Seq, line.At, line.RecordedAt, line.To = one.ID, i+1, one.FiledAt, one.FiledAt, one.State
		line.Canonical, line.Hash = "{}", one.ID
	}
	return one, lines
}

// asOf is what the title and the enterprise were at a version, found by
// walking back over every correction.
func asOf(now *ticket.Ticket, lines []*ticket.Line, version int) (title, enterprise string) {
	title, enterprise = now.Title, now.EnterpriseID
	for i := len(lines); i > version; i-- {
		if old := lines[i-1].Facts.Old; old != nil {
			if old.Title != "" {
				title = old.Title
			}
			if old.EnterpriseID != "" {
				enterprise = old.EnterpriseID
			}
		}
	}
	return title, enterprise
}

func tell(ctx context.Context, d *testkit.District, one *ticket.Ticket, lines []*ticket.Line) error {
	return d.Store.InTx(ctx, func(ctx context.Context) error {
		serials, err := d.Store.NextSerials(ctx, 1)
		if err != nil {
			return err
		}
		return d.Store.InsertStories(ctx, []*store.Story{{Serial: serials[0], Ticket: one, Lines: lines, Facts: store.NewFactLog(one.ID)}})
	})
}

// TestOddTexts: whatever is looked for, no database takes it amiss.
func TestOddTexts(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		for _, odd := range []string{
			`"`, `'`, `''"`, `a'b"c`, `heading : x`, `a AND b OR NOT c`, `NEAR(a b, 2)`, `a* *`, `^a`, `a:*`, `a <-> b & !c | (d)`, `\`, `a\'b`,
			"\x00", "a\x00b", "\xff\xfe", "🔥", "招🔥工", "%_", "{a} : b", "-a +b", "--", ";", strings.Repeat("招工", 5000), strings.Repeat("a ", 5000), strings.Repeat("'", 300),
		} {
			for name, f := range map[string]store.TicketFilter{"everywhere": {Text: odd}, "headings": {Text: odd, InHeading: true}} {
				for _, who := range []string{"desk", "own", "land-head"} {
					if all, err := d.Store.Tickets(t.Context(), d.Actor(t, who), f); err != nil || len(all) != 0 {
						t.Errorf("%q %s by %s: %d tickets, %v", odd, name, who, len(all), err)
					}
				}
			}
			if _, err := d.Search(t.Context(), d.Actor(t, "desk"), odd, 10); err != nil {
				t.Errorf("%q: %v", odd, err)
			}
		}
	})
}
