package store_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// TestDerivedAnew takes away what stands beside the tickets for lists, as it is
// after an upgrade, and has it derived: every list is as it was.
func TestDerivedAnew(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		rapid.Check(t, func(rt *rapid.T) { // draws the tickets of one district
			if err := insert(t.Context(), d, drawOwed(rt, d)); err != nil {
				rt.Fatal(err)
			}
		})
		actors := []ticket.Actor{d.Actor(t, "lead-head"), d.Actor(t, "fire-officer"), d.Actor(t, "desk"), d.Actor(t, "leader"), d.Actor(t, "own")}
		read := func() [][]string {
			var all [][]string
			for _, actor := range actors {
				for _, w := range store.WorklistsOf(actor) {
					page, err := d.Store.WorklistTickets(t.Context(), actor, w, store.WorklistFilter{}, d.Clock.Now())
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, ids(page))
				}
			}
			return all
		}
		want := read()
		if len(slices.Concat(want...)) < 100 {
			t.Fatalf("the lists are too short: %d", len(slices.Concat(want...)))
		}
		if err := d.Store.ForgetDerived(t.Context()); err != nil {
			t.Fatal(err)
		}
		if empty := slices.Concat(read()...); len(empty) >= len(slices.Concat(want...)) {
			t.Fatal("nothing was forgotten")
		}
		if err := d.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := read(); !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("derived anew the lists are\n%v\nnot\n%v", got, want)
		}
	})
}
