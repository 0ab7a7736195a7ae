package service_test

import (
	"strings"
	"testing"
	"time"

	"whistle/internal/retention"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// TestRetention: what would go is told, and goes in the night that it is due,
// but not a day before; contacts only where that is set.
func TestRetention(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		keep := retention.Days{}
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00", func(c *service.Config) { c.Keep = keep }))
		s := searched{d, t, nil}
		own, closed, open, _ := s.met()
		s.do("own", open, ticket.EventWithdraw, ticket.ReasonInput{Reason: "不需要了"})
		if _, err := d.EndSessionsOf(t.Context(), ticket.System, own.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Upload(t.Context(), d.Actor(t, "own"), "a.txt", strings.NewReader("多传的")); err != nil {
			t.Fatal(err)
		}
		due := func() map[string]int64 {
			t.Helper()
			all, err := d.Retention(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			by := map[string]int64{}
			for _, r := range all {
				by[r.Name] = r.Due
			}
			return by
		}
		purge := func(after time.Duration) {
			t.Helper()
			d.Clock.Advance(after)
			if err := d.Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		const day = 24 * time.Hour
		purge(179 * day)
		if by := due(); by[retention.Sessions] != 0 || by[retention.Notices] != 0 || by[retention.Uploads] != 0 {
			t.Errorf("after 179 days: %v", by)
		}
		d.Clock.Advance(2 * day)
		by := due()
		if by[retention.Sessions] != 1 || by[retention.Contacts] != 0 {
			t.Errorf("after 181 days: %v", by)
		}
		keep[retention.Contacts] = 90
		if by := due(); by[retention.Contacts] != 1 {
			t.Errorf("with contacts: %v", by)
		}
		purge(0)
		for name, n := range due() {
			if n != 0 {
				t.Errorf("%d of %s are left", n, name)
			}
		}
		e, err := d.Service.Enterprises().Get(t.Context(), ticket.System, d.Enterprises["own"])
		if err != nil || e.Contact+e.Phone != "" {
			t.Errorf("%+v, %v", e, err)
		}
		data, err := d.PersonalDataOf(t.Context(), ticket.System, service.PersonRef{UserID: own.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range data.Sections {
			if section.Table == "tokens" || section.Table == "notices" {
				t.Errorf("%s are left: %v", section.Table, section.Rows)
			}
		}
		if one, err := d.Store.Ticket(t.Context(), ticket.System, closed); err != nil || one.Title != "缺工" {
			t.Errorf("%+v, %v", one, err)
		}
	})
}

func TestRetentionThatIsSetWrong(t *testing.T) {
	faults := retention.Days{"sessions": 30, "contacts": 0, "notices": 0, "mail": 3}.Check()
	if len(faults) != 3 || !strings.HasPrefix(faults[0], "holds no name") || faults[1] != "notices must be 30 days or more" || faults[2] != "sessions must be 180 days or more" {
		t.Errorf("%q", faults)
	}
}
