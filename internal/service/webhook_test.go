package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whistle/internal/notify"
	"whistle/internal/outbound"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
	"whistle/internal/webhook"
)

// hooking is a district whose webhooks lead to a receiver.
type hooking struct {
	telling
	to *testkit.Receiver
}

func newHooking(t *testing.T, cfg store.Config, at string, channels ...notify.Channel) hooking {
	t.Helper()
	d := hooking{telling{testkit.NewDistrict(t, testkit.NewService(t, cfg, at, testkit.AllowLoopback)), t}, testkit.NewReceiver(t)}
	d.SetPublicURL("https://whistle.test")
	d.work(d.Service, channels...)
	return d
}

// listen makes a webhook of somebody's that leads to a path of the receiver.
func (d hooking) listen(who, path string, change ...func(in *service.WebhookForm)) string {
	d.tb.Helper()
	in := service.WebhookForm{Name: who, URL: d.to.URL + path, Events: []string{"ticket.*", "alarm.*", "snapshot.*"}}
	for _, c := range change {
		c(&in)
	}
	made, err := d.CreateWebhook(d.tb.Context(), d.Actor(d.tb, who), in)
	if err != nil {
		d.tb.Fatal(err)
	}
	return made.ID
}

// told are the messages to a path, in the order in which things happened.
func (d hooking) told(path string) []webhook.Message[webhook.AlarmData] {
	d.tb.Helper()
	var all []webhook.Message[webhook.AlarmData]
	for _, got := range d.to.Got(path) {
		var m webhook.Message[webhook.AlarmData]
		if err := json.Unmarshal(got.Body, &m); err != nil {
			d.tb.Fatal(err)
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b webhook.Message[webhook.AlarmData]) int {
		return strings.Compare(a.Data.TicketID+a.Type, b.Data.TicketID+b.Type)
	})
	slices.SortStableFunc(all, func(a, b webhook.Message[webhook.AlarmData]) int { return a.Data.Seq - b.Data.Seq })
	return all
}

func (d hooking) wantTold(path, want string) {
	d.tb.Helper()
	var got []string
	for _, m := range d.told(path) {
		got = append(got, m.Type)
	}
	if strings.Join(got, " ") != want {
		d.tb.Errorf("%s was told %q, not %q", path, strings.Join(got, " "), want)
	}
}

func confidential(in *service.WebhookForm) { in.Confidential = true }

// TestWebhooksTellWhatTheirOwnersSee: each no more than its owner may see then,
// the desk's everything but what is confidential unless that was asked for.
func TestWebhooksTellWhatTheirOwnersSee(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := newHooking(t, cfg, "2023-09-25 10:00")
		for _, who := range []string{"desk", "lead-head", "land-head", "fire-head", "deputy"} {
			d.listen(who, "/"+who)
		}
		d.listen("desk", "/secret", confidential)
		d.listen("land-head", "/land-secret", confidential)
		d.listen("desk", "/claims", func(in *service.WebhookForm) { in.Events = []string{"ticket.claim", "alarm.red"} })

		id := d.file(ticket.SubmitInput{})
		d.settle()
		for _, step := range []struct {
			who   string
			event ticket.Event
			in    ticket.Input
		}{
			{"desk", ticket.EventAccept, ticket.None{}},
			{"desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["land"]}},
			{"land-head", ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "不归我们。"}},
			{"desk", ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"]}},
		} {
			d.fire(step.who, id, step.event, step.in)
			d.settle()
		}
		d.Clock.Set(testkit.Moment(t, "2023-09-26 17:00")) // the claim is late
		if _, err := d.TellAlarms(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.fire("lead-officer", id, ticket.EventClaim, ticket.None{})
		d.settle()
		d.wantTold("/desk", "ticket.submit ticket.accept ticket.dispatch ticket.return alarm.red ticket.dispatch ticket.claim")
		d.wantTold("/land-head", "ticket.dispatch ticket.return") // what it was given, up to its return
		d.wantTold("/lead-head", "alarm.red ticket.dispatch ticket.claim")
		d.wantTold("/deputy", "alarm.red ticket.dispatch ticket.claim")
		d.wantTold("/fire-head", "")
		d.wantTold("/claims", "alarm.red ticket.claim")

		claims := d.to.Got("/claims")
		var m map[string]any
		if err := json.Unmarshal(claims[len(claims)-1].Body, &m); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"ticket_id": id, "number": "2023-000001", "title": "招不到工人", "status": "resolving", "event": "claim", "seq": 6.0,
			"office": map[string]any{"id": d.Departments["labour"], "name": "人社局"}, "link": "https://whistle.test/tickets/" + id,
		}
		if got, _ := json.Marshal(m["data"]); m["type"] != "ticket.claim" || m["timestamp"] != "2023-09-26T17:00:00+08:00" || !sameJSON(t, got, want) {
			t.Errorf("the message is %s", claims[len(claims)-1].Body)
		}

		secret := d.file(ticket.SubmitInput{Title: "秘密配方", Confidential: true})
		d.fire("desk", secret, ticket.EventAccept, ticket.None{})
		d.settle()
		d.wantTold("/secret", "ticket.submit ticket.submit ticket.accept ticket.accept ticket.dispatch ticket.return alarm.red ticket.dispatch ticket.claim")
		for _, got := range d.to.Got("/secret") {
			if strings.Contains(string(got.Body), "秘密配方") {
				t.Errorf("a confidential title went out: %s", got.Body)
			}
		}
		if n := len(d.to.Got("/desk")); n != 7 {
			t.Errorf("of a confidential ticket was told: %d messages", n)
		}

		// Who leaves is told nothing more, even of what waits.
		if err := d.RetireUser(t.Context(), d.Actor(t, "admin"), d.Users["lead-head"].ID); err != nil {
			t.Fatal(err)
		}
		d.fire("lead-officer", id, ticket.EventProgress, ticket.ProgressInput{Text: "已联系人力市场。"})
		d.settle()
		if got := d.told("/lead-head"); len(got) != 3 {
			t.Errorf("a retired owner's webhook was told of %s", got[len(got)-1].Type)
		}
		if got := d.told("/deputy"); got[len(got)-1].Type != "ticket.progress" {
			t.Errorf("the deputy's was not: %s", got[len(got)-1].Type)
		}
	})
}

func sameJSON(t *testing.T, got []byte, want any) bool {
	t.Helper()
	wanted, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := errors.Join(json.Unmarshal(got, &a), json.Unmarshal(wanted, &b)); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	wantAgain, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(again) == string(wantAgain)
}

// only is the one delivery that a webhook has.
func (d hooking) only(who, id string) service.DeliveryView {
	d.tb.Helper()
	all, err := d.WebhookDeliveries(d.tb.Context(), d.Actor(d.tb, who), id, service.WebhookDeliveryFilter{})
	if err != nil || len(all) != 1 {
		d.tb.Fatalf("%d deliveries, %v", len(all), err)
	}
	return all[0]
}

// hurry lets the time pass until a delivery is due, and has it tried then.
func (d hooking) hurry(who, id string) {
	d.tb.Helper()
	d.Clock.Set(*d.only(who, id).NextAt)
	for _, j := range d.jobs(store.JobRetrying) {
		if j.Kind == "webhook" {
			if err := d.RetryJob(d.tb.Context(), d.Actor(d.tb, "admin"), j.ID); err != nil {
				d.tb.Fatal(err)
			}
		}
	}
	d.settle()
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not today\x00", code) }
}

// TestWebhookIsTriedForADay: later and later under one id; what does not come
// through in a day ends with the webhook switched off and its owner told. It
// can be switched on and the message sent again by hand.
func TestWebhookIsTriedForADay(t *testing.T) {
	mails := testkit.NewMailServer(t)
	d := newHooking(t, testkit.MigratedSQLite(t), "2023-09-25 10:00", mailTo(t, mails))
	address := "desk@example.com"
	if _, err := d.ChangeUser(t.Context(), ticket.System, d.Users["desk"].ID, service.UserChange{Email: &address}); err != nil {
		t.Fatal(err)
	}
	began := d.Clock.Now()
	desk := d.Actor(t, "desk")
	id := d.listen("desk", "/hook", func(in *service.WebhookForm) { in.Events = []string{"ticket.submit"} })
	later := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	moved := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusPermanentRedirect)
	}
	cut := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	d.to.Answer(status(500), later, moved, cut, status(404), status(500), status(500), status(500), status(500))
	d.file(ticket.SubmitInput{})
	d.settle()
	var waits []string
	for n := 1; n < webhook.MaxAttempts(); n++ {
		waits = append(waits, d.only("desk", id).NextAt.Sub(d.Clock.Now()).String())
		d.hurry("desk", id)
	}
	if got := strings.Join(waits, " "); got != "5s 10m0s 5m0s 15m0s 1h0m0s 3h0m0s 6h0m0s 14h0m0s" {
		t.Errorf("the attempts came after %s", got)
	}
	if passed := d.Clock.Now().Sub(began); passed < webhook.Patience {
		t.Errorf("it was given up after %s", passed)
	}
	got := d.to.Got("/hook")
	for _, g := range got {
		if g.Header.Get("webhook-id") != got[0].Header.Get("webhook-id") || string(g.Body) != string(got[0].Body) {
			t.Error("the attempts are not the same message")
		}
	}
	if len(d.to.Got("/elsewhere")) != 0 {
		t.Error("a redirect was followed")
	}
	delivery := d.only("desk", id)
	log := delivery.Log
	if delivery.State != webhook.Failed || len(log) != webhook.MaxAttempts() || log[0].Status != 500 || log[0].Text != "not today\uFFFD\n" ||
		log[2].Status != 308 || log[3].Fault != webhook.FaultReach || log[3].Status != 0 || log[1].At.Sub(log[0].At) != 5*time.Second {
		t.Errorf("the log is %s %+v", delivery.State, log)
	}
	w, err := d.Webhook(t.Context(), desk, id)
	if err != nil || w.OffFor != webhook.Failing {
		t.Fatalf("it is off for %q, %v", w.OffFor, err)
	}
	notices := d.notices("desk")
	if notices[0].Kind != "webhook" || notices[0].Path != "/webhooks/"+id || !strings.Contains(notices[0].Text, "停用") {
		t.Errorf("its owner was told %+v", notices[0])
	}
	d.settle()
	told := false
	for mails.Waiting() > 0 {
		told = strings.Contains(mails.Next(t).Plain, "https://whistle.example.com/webhooks/"+id) || told
	}
	if !told {
		t.Error("its owner was told by no mail")
	}
	changes, err := d.AuditLog(t.Context(), d.Actor(t, "admin"), service.AuditFilter{Subject: "webhook", Limit: 10})
	if err != nil || changes[0].ActorID != ticket.System.ID || strings.Contains(changes[0].Before+changes[0].After, "whsec_") {
		t.Errorf("the audit log says %+v, %v", changes, err)
	}

	// Off it is told nothing, but what its owner sends by hand.
	d.file(ticket.SubmitInput{Title: "又一件"})
	d.settle()
	if _, err := d.TestWebhook(t.Context(), desk, id); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Redeliver(t.Context(), desk, delivery.ID); err != nil {
		t.Fatal(err)
	}
	d.settle()
	if got := d.to.Got("/hook")[webhook.MaxAttempts():]; len(got) != 2 || !slices.ContainsFunc(got, func(g testkit.Received) bool {
		return strings.Contains(string(g.Body), `"type":"ping"`)
	}) || !slices.ContainsFunc(got, func(g testkit.Received) bool { return g.Header.Get("webhook-id") == delivery.ID }) {
		t.Errorf("by hand %d were sent", len(got))
	}
	on := true
	if w, err = d.ChangeWebhook(t.Context(), desk, id, func(*service.WebhookForm) {}, &on); err != nil || !w.On() || w.FailingSince != nil {
		t.Errorf("it is not on again: %+v, %v", w, err)
	}
	d.to.Answer(status(http.StatusGone))
	d.file(ticket.SubmitInput{Title: "第三件"})
	d.settle()
	if w, err = d.Webhook(t.Context(), desk, id); err != nil || w.OffFor != webhook.Gone {
		t.Errorf("gone, it is off for %q, %v", w.OffFor, err)
	}

	d.Clock.Advance(31 * 24 * time.Hour)
	if err := d.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, err := d.WebhookDeliveries(t.Context(), desk, id, service.WebhookDeliveryFilter{}); err != nil || len(all) != 0 {
		t.Errorf("after 30 days the log still has %d, %v", len(all), err)
	}
}

// TestWebhookFollowsTheCommit: nothing is sent of what is rolled back, and what
// is committed is sent though the process ends before it could.
func TestWebhookFollowsTheCommit(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := hooking{telling{testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-25 10:00", testkit.AllowLoopback)), t}, testkit.NewReceiver(t)}
		d.listen("desk", "/hook")
		failed := errors.New("no")
		err := d.InTx(t.Context(), func(ctx context.Context) error {
			if _, err := d.File(ctx, d.Actor(t, "own"), ticket.SubmitInput{Title: "招不到工人", Description: "缺一百名装配工。", Category: "labour"}); err != nil {
				t.Fatal(err)
			}
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		id := d.file(ticket.SubmitInput{})
		if err := d.Store.Close(); err != nil {
			t.Fatal(err)
		}

		st, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		config := service.Config{Clock: d.Clock, Zone: d.Zone(), Log: slog.New(slog.DiscardHandler)}
		testkit.AllowLoopback(&config)
		next := service.New(st, config)
		if err := errors.Join(next.Prepare(t.Context()), next.StartQueue(t.Context())); err != nil {
			t.Fatal(err)
		}
		d.await("the message", func() bool { return len(d.to.Got("/hook")) > 0 })
		if err := next.StopQueue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := d.told("/hook"); len(got) != 1 || got[0].Data.TicketID != id {
			t.Errorf("told was %+v", got)
		}
	})
}

// TestWebhookStaysOutside: an address inside is refused when it is given, and
// when a name comes to lead there later.
func TestWebhookStaysOutside(t *testing.T) {
	var moved atomic.Bool
	resolver := testkit.NewResolver(t, func() netip.Addr {
		if moved.Load() {
			return netip.MustParseAddr("127.0.0.1")
		}
		return netip.MustParseAddr("8.8.8.8")
	})
	d := hooking{telling{testkit.NewDistrict(t, testkit.NewService(t, testkit.MigratedSQLite(t), "2023-09-25 10:00", func(c *service.Config) {
		c.Outbound = outbound.New(outbound.Options{Resolver: resolver})
	})), t}, testkit.NewReceiver(t)}
	d.work(d.Service)
	desk := d.Actor(t, "desk")
	for address, want := range map[string]string{
		d.to.URL:                         "own network",
		"https://169.254.169.254/latest": "own network",
		"http://8.8.8.8/":                "https://",
		"https://a:b@example.com/":       "without a name",
		"gopher":                         "such as https://",
	} {
		_, err := d.CreateWebhook(t.Context(), desk, service.WebhookForm{Name: "x", URL: address, Events: []string{"ticket.*", "ticket.gehe1m"}})
		var known *ticket.Error
		if !errors.As(err, &known) || len(known.Fields) != 2 || known.Fields[0].Pointer != "/url" || !strings.Contains(known.Fields[0].Message, want) || known.Fields[1].Pointer != "/events/1" {
			t.Errorf("%s: %v", address, err)
		}
	}
	port := d.to.URL[strings.LastIndexByte(d.to.URL, ':'):]
	d.to.URL = "https://changing.example.com" + port
	id := d.listen("desk", "/hook")
	moved.Store(true)
	d.file(ticket.SubmitInput{})
	d.settle()
	if got := d.only("desk", id); got.State != webhook.Waiting || got.Log[0].Fault != webhook.FaultInside || len(d.to.Got("/hook")) != 0 {
		t.Errorf("it is %s, %+v, and %d came", got.State, got.Log, len(d.to.Got("/hook")))
	}
}
