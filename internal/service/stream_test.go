package service_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

// next is the hint that comes next.
func next(t *testing.T, hints <-chan service.Hint) service.Hint {
	t.Helper()
	select {
	case h := <-hints:
		return h
	case <-time.After(20 * time.Second):
		t.Fatal("no hint came")
		return service.Hint{}
	}
}

func TestHintsCrossProcesses(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		other := d.another()
		ctx, cancel := context.WithCancel(t.Context())
		var listening sync.WaitGroup
		for _, svc := range []*service.Service{d.Service, other} {
			hints, stop := svc.Hints()
			listening.Go(func() { svc.Listen(ctx) })
			if h := next(t, hints); h != service.Reset { // from now on it hears
				t.Fatalf("first came %+v", h)
			}
			stop()
		}
		defer listening.Wait()
		defer cancel()
		here, stopHere := d.Hints()
		defer stopHere()
		there, stopThere := other.Hints()
		defer stopThere()

		filed := d.file(1)
		want := service.Hint{TicketID: filed.ID, Version: 1}
		if h := next(t, here); h != want {
			t.Errorf("here came %+v", h)
		}
		if h := next(t, there); d.cfg.URL != "" && h != want || d.cfg.URL == "" && h != service.Reset {
			t.Errorf("there came %+v", h)
		}
		// The next one here is the other's: the first was not told twice.
		if _, err := other.Fire(t.Context(), theDesk, filed.ID, service.Command{Event: ticket.EventAccept}); err != nil {
			t.Fatal(err)
		}
		want.Version = 2
		if h := next(t, here); d.cfg.URL != "" && h != want || d.cfg.URL == "" && h != service.Reset {
			t.Errorf("here came %+v", h)
		}
	})
}

func TestRefusedCommandGivesNoHint(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		filed := d.file(1)
		hints, stop := d.Hints()
		defer stop()
		if _, err := d.Fire(t.Context(), theDesk, filed.ID, service.Command{Event: ticket.EventResolve}); err == nil {
			t.Fatal("accepted")
		}
		d.fire(theDesk, filed.ID, ticket.EventAccept, nil)
		if h := next(t, hints); h != (service.Hint{TicketID: filed.ID, Version: 2}) {
			t.Errorf("%+v", h)
		}
	})
}

func TestManyHintsBecomeAReset(t *testing.T) {
	onBoth(t, func(t *testing.T, d *district) {
		other := d.another()
		ctx, cancel := context.WithCancel(t.Context())
		var listening sync.WaitGroup
		defer listening.Wait()
		defer cancel()
		hints, stop := other.Hints()
		defer stop()
		listening.Go(func() { other.Listen(ctx) })
		next(t, hints)
		err := d.InTx(t.Context(), func(ctx context.Context) error {
			for range 150 {
				if _, err := d.File(ctx, ownerOf(1), ticket.SubmitInput{Title: "缺工人", Description: "招不到工人", Category: "labour"}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if h := next(t, hints); h != service.Reset {
			t.Errorf("%+v", h)
		}
	})
}
