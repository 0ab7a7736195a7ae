package notify_test

import (
	"strings"
	"testing"
	"time"

	"whistle/internal/notify"
	"whistle/internal/testkit"
	"whistle/internal/text"
)

func newMail(t *testing.T, server *testkit.MailServer) *notify.Mail {
	t.Helper()
	m, err := notify.NewMail(notify.MailConfig{
		Host: server.Host, Port: server.Port, TLS: notify.NoTLS, From: "吹哨 <whistle@example.com>", PublicURL: "https://whistle.example.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func message(items ...notify.Item) notify.Message {
	return notify.Message{
		ID: "0192", At: time.Date(2023, 9, 27, 2, 0, 0, 0, time.UTC),
		To:    notify.Recipient{Name: "王经理", Email: "wang@example.com", Language: text.Chinese},
		Items: items,
	}
}

var dispatched = notify.Item{
	Subject: "2023-000001 招不到工人", Text: "您的诉求已派给人社局", Todo: "请核验。", Path: "/tickets/1",
}

// TestMailArrives: what is sent by SMTP is what a mail program reads.
func TestMailArrives(t *testing.T) {
	server := testkit.NewMailServer(t)
	mail := newMail(t, server)
	if mail.Reaches(notify.Recipient{Name: "王经理"}) || !mail.Reaches(message().To) {
		t.Error("mail reaches whoever has an address, and nobody else")
	}
	if err := mail.Send(t.Context(), message(dispatched)); err != nil {
		t.Fatal(err)
	}
	l := server.Next(t)
	if l.To != "wang@example.com" || l.Subject != "【吹哨】您的诉求已派给人社局（2023-000001 招不到工人）" {
		t.Errorf("to %q: %q", l.To, l.Subject)
	}
	for _, part := range []string{l.Plain, l.HTML} {
		for _, want := range []string{"王经理", dispatched.Subject, dispatched.Text, dispatched.Todo, "https://whistle.example.com/tickets/1"} {
			if !strings.Contains(part, want) {
				t.Errorf("%q is missing in:\n%s", want, part)
			}
		}
	}
	for header, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "List-Id": "<notices.whistle.example.com>", "Message-Id": "<0192@whistle.example.com>",
		"Content-Language": "zh-CN", "Date": "Wed, 27 Sep 2023 02:00:00 +0000",
	} {
		if got := l.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}

	english := message(dispatched, dispatched)
	english.To.Language = text.English
	if err := mail.Send(t.Context(), english); err != nil {
		t.Fatal(err)
	}
	if l := server.Next(t); l.Subject != "[whistle] You have 2 new notices" || strings.Count(l.Plain, "/tickets/1") != 2 {
		t.Errorf("%q:\n%s", l.Subject, l.Plain)
	}
}

// TestMailTakesNoOrders: whatever people wrote into a name or a title adds no
// header, no address and no markup.
func TestMailTakesNoOrders(t *testing.T) {
	server := testkit.NewMailServer(t)
	mail := newMail(t, server)
	const evil = "x\r\nBcc: everybody@example.com\r\n\r\n<script>alert(1)</script>\x00"
	m := message(notify.Item{Subject: evil, Text: evil, Todo: evil, Path: "/tickets/1", Urgent: true})
	m.To.Name = evil
	if err := mail.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	l := server.Next(t)
	if l.To != "wang@example.com" || l.Header.Get("Bcc") != "" || strings.ContainsAny(l.Subject, "\r\n") {
		t.Errorf("to %q, %v", l.To, l.Header)
	}
	if strings.Contains(l.HTML, "<script>") {
		t.Errorf("markup of somebody's:\n%s", l.HTML)
	}
	if server.Waiting() != 0 {
		t.Error("it went to others, too")
	}
	m.To.Email = "wang@example.com\r\nRCPT TO:<everybody@example.com>"
	if err := mail.Send(t.Context(), m); !notify.IsPermanent(err) {
		t.Errorf("an address with a line break: %v", err)
	}
}

// TestMailTellsRefusals: what is refused for good is not worth another try.
func TestMailTellsRefusals(t *testing.T) {
	server := testkit.NewMailServer(t)
	mail := newMail(t, server)
	for code, permanent := range map[int]bool{450: false, 550: true} {
		server.Refuse(code, "no")
		if err := mail.Send(t.Context(), message(dispatched)); err == nil || notify.IsPermanent(err) != permanent {
			t.Errorf("%d: %v", code, err)
		}
	}
	server.Refuse(0, "")
	closed := newMail(t, &testkit.MailServer{Host: "127.0.0.1", Port: 1})
	if err := closed.Send(t.Context(), message(dispatched)); err == nil || notify.IsPermanent(err) {
		t.Errorf("nobody listens: %v", err)
	}
	needsTLS, err := notify.NewMail(notify.MailConfig{Host: server.Host, Port: server.Port, TLS: notify.StartTLS, From: "whistle@example.com", PublicURL: "https://whistle.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if err := needsTLS.Send(t.Context(), message(dispatched)); err == nil || server.Waiting() != 0 {
		t.Errorf("sent in the clear: %v", err)
	}
}

func TestMailIsConfiguredRightly(t *testing.T) {
	for _, cfg := range []notify.MailConfig{
		{From: "nobody", PublicURL: "https://whistle.example.com"},
		{From: "whistle@example.com", PublicURL: "whistle"},
	} {
		if _, err := notify.NewMail(cfg); err == nil {
			t.Errorf("%+v was accepted", cfg)
		}
	}
}
