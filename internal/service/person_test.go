package service_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/visit"
	"whistle/internal/worktime"
)

const (
	theirName  = "王晓明"
	theirPhone = "13812345678"
	theirMail  = "xiaoming@example.com"
)

// met is a district in which one person left traces everywhere.
func (d searched) met() (own directory.User, closed, open, others string) {
	d.t.Helper()
	ctx, system := d.t.Context(), ticket.System
	must := func(err error) {
		d.t.Helper()
		if err != nil {
			d.t.Fatal(err)
		}
	}
	name, phone, mail := theirName, theirPhone, theirMail
	own, err := d.ChangeUser(ctx, system, d.Users["own"].ID, service.UserChange{Name: &name, Phone: &phone, Email: &mail})
	must(err)
	must(d.SetPassword(ctx, system, own.ID, "a long password"))
	_, err = d.SignIn(ctx, own.Username, "a long password", "192.0.2.7")
	must(err)
	_, err = d.Service.Enterprises().Change(ctx, system, d.Enterprises["own"], func(e *directory.Enterprise) error {
		e.Contact, e.Phone = theirName, theirPhone
		return nil
	})
	must(err)
	file, err := d.Upload(ctx, d.Actor(d.t, "own"), theirName+"的证明.txt", strings.NewReader("证明"))
	must(err)
	filed, err := d.File(ctx, d.Actor(d.t, "own"), ticket.SubmitInput{
		Title: "缺工，请找" + theirName, Description: "缺一百名工人。", Category: "labour", Attached: ticket.Attached{Attachments: []string{file.ID}},
	})
	must(err)
	d.do("desk", filed.ID, ticket.EventCorrect, ticket.CorrectInput{Title: "缺工", Reason: "标题里有人名"})
	d.do("desk", filed.ID, ticket.EventAccept, ticket.None{})
	d.do("desk", filed.ID, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["labour"]})
	d.do("lead-officer", filed.ID, ticket.EventClaim, ticket.None{})
	d.do("lead-officer", filed.ID, ticket.EventProgress, ticket.ProgressInput{Text: "已与王晓明通话"})
	d.Clock.Advance(time.Hour)
	d.do("lead-head", filed.ID, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "招到了"})
	d.do("own", filed.ID, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5, Text: "谢谢"})
	waiting, err := d.File(ctx, d.Actor(d.t, "own"), ticket.SubmitInput{Title: "又缺工", Description: "还缺十名。", Category: "labour"})
	must(err)
	theirs, err := d.File(ctx, d.Actor(d.t, "stranger"), ticket.SubmitInput{Title: "水压不足", Description: "隔壁的王晓明（138-1234-5678）也知道。", Category: "labour"})
	must(err)
	_, err = d.RecordVisit(ctx, d.Actor(d.t, "manager"), visit.Record{
		EnterpriseID: d.Enterprises["own"], Seen: "见到王晓明，电话138 1234 5678", Location: "厂区",
	})
	must(err)
	return own, filed.ID, waiting.ID, theirs.ID
}

// standsIn lists where in the whole database a text stands.
func (d searched) standsIn(text string) []string {
	d.t.Helper()
	schema, err := d.Store.Columns(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	var places []string
	for table, columns := range schema {
		for column := range columns {
			query := fmt.Sprintf("SELECT CAST(count(*) AS TEXT) FROM %s WHERE CAST(%q AS TEXT) LIKE '%%%s%%'", table, column, text)
			if n := d.raw.text(query); n != "0" {
				places = append(places, table+"."+column+" "+n)
			}
		}
	}
	slices.Sort(places)
	return places
}

func TestRedactedPersonIsGoneAndTheChainsAreWhole(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		ctx, admin := t.Context(), d.Actor(t, "admin")
		own, closed, open, others := d.met()
		ref := service.PersonRef{UserID: own.ID}
		d.want("desk", theirPhone, "| 甲科技有限公司")
		figures := func() string {
			r, err := d.Figures(ctx, d.Actor(t, "leader"), service.FiguresQuery{From: worktime.Date{Year: 2023, Month: 9, Day: 1}, To: worktime.Date{Year: 2023, Month: 9, Day: 30}})
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(r.Total)
		}

		var counted string
		// An open ticket stands against it, and all is said at once.
		in := service.Redaction{Reason: "王晓明要求删除", Attachments: true}
		_, err := d.Redact(ctx, admin, ref, in)
		var refused *ticket.Error
		if !errors.As(err, &refused) || len(refused.Fields) != 2 || refused.Fields[0].Pointer != "/reason" || !strings.Contains(refused.Fields[1].Message, "is open and was filed by this person") {
			t.Fatalf("%+v", err)
		}
		d.do("own", open, ticket.EventWithdraw, ticket.ReasonInput{Reason: "不需要了"})
		in.Reason, counted = "本人要求", figures()
		if _, err := d.Redact(ctx, d.Actor(t, "desk"), ref, in); !errors.As(err, &refused) || refused.Code != ticket.CodeForbidden {
			t.Fatalf("the desk: %v", err)
		}

		// A dry run tells what would go, and touches nothing.
		stood := d.standsIn(theirName)
		try := in
		try.DryRun = true
		would, err := d.Redact(ctx, admin, ref, try)
		if err != nil || !slices.Equal(d.standsIn(theirName), stood) {
			t.Fatalf("%v, %v", err, d.standsIn(theirName))
		}
		did, err := d.Redact(ctx, admin, ref, in)
		if err != nil {
			t.Fatal(err)
		}
		// The title that was corrected away, what the officer wrote of them,
		// and the telephone number in a stranger's ticket.
		if did.Lines != 4 || did.Texts != 4 || did.Files != 1 || !did.Account || len(did.Tickets) != 2 {
			t.Errorf("%+v", did)
		}
		would.DryRun = false
		if fmt.Sprint(would.Lines, would.Texts, would.Tickets, would.Files) != fmt.Sprint(did.Lines, did.Texts, did.Tickets, did.Files) {
			t.Errorf("would: %+v, did: %+v", would, did)
		}
		for _, text := range []string{theirName, theirPhone, "138-1234-5678", "138 1234 5678", theirMail, "192.0.2.7"} {
			if places := d.standsIn(text); len(places) > 0 {
				t.Errorf("%s still stands in %v", text, places)
			}
		}
		for _, text := range []string{theirName, theirPhone, "138-1234-5678"} {
			d.want("desk", text, "|")
		}
		d.want("desk", "缺工", "又缺工 缺工 |")

		report, err := d.Verify(ctx, nil)
		if err != nil || !report.OK() || report.Redacted != 4 {
			t.Errorf("verify: %+v, %v", report, err)
		}
		recount, err := d.Recount(ctx, nil)
		if err != nil || !recount.OK() {
			t.Errorf("recount: %+v, %v", recount, err)
		}
		if after := figures(); after != counted {
			t.Errorf("figures: %s, before: %s", after, counted)
		}
		one, err := d.Store.Ticket(ctx, ticket.System, closed)
		if err != nil || one.Title != "缺工" || one.Description != "缺一百名工人。" {
			t.Errorf("%+v, %v", one, err)
		}
		if one, err = d.Store.Ticket(ctx, ticket.System, others); err != nil || one.Title != "水压不足" || one.Description != ticket.Redacted {
			t.Errorf("%+v, %v", one, err)
		}
		if _, err := d.SignIn(ctx, own.Username, "a long password", "192.0.2.7"); err == nil {
			t.Error("the account still opens")
		}

		// Again, with the words they wrote: only these go. A third time nothing.
		in.OwnWords = true
		again, err := d.Redact(ctx, admin, ref, in)
		if err != nil || again.Account || again.Files != 0 || again.Lines != 4 {
			t.Errorf("%+v, %v", again, err)
		}
		if one, err = d.Store.Ticket(ctx, ticket.System, closed); err != nil || one.Title != "缺工" || one.Description != ticket.Redacted {
			t.Errorf("%+v, %v", one, err)
		}
		if again, err = d.Redact(ctx, admin, ref, in); err != nil || !again.Nothing() {
			t.Errorf("%+v, %v", again, err)
		}
		if report, err = d.Verify(ctx, nil); err != nil || !report.OK() {
			t.Errorf("verify: %+v, %v", report, err)
		}
		log, err := d.AuditLog(ctx, admin, service.AuditFilter{Action: "remove", Subject: "personal_data"})
		if err != nil || len(log) != 2 || !strings.Contains(log[0].After, "本人要求") {
			t.Errorf("%+v, %v", log, err)
		}
	})
}

func TestPersonalDataIsHandedOutWhole(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		ctx := t.Context()
		own, closed, _, _ := d.met()
		data, err := d.MyPersonalData(ctx, d.Actor(t, "own"))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := d.WritePersonalData(ctx, data, &out); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil || len(z.File) != 2 || !strings.HasSuffix(z.File[1].Name, theirName+"的证明.txt") {
			t.Fatalf("%v, %v", z, err)
		}
		r, err := z.File[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		var read struct {
			Sections []struct {
				Table string
				Rows  []map[string]any
			}
		}
		if err := json.Unmarshal(raw, &read); err != nil {
			t.Fatal(err)
		}
		tables := map[string][]map[string]any{}
		for _, s := range read.Sections {
			tables[s.Table] = s.Rows
		}
		if u := tables["users"]; len(u) != 1 || u[0]["phone"] != theirPhone || u[0]["email"] != theirMail {
			t.Errorf("users: %v", u)
		}
		if s := tables["tokens"]; len(s) != 1 || s[0]["address"] != "192.0.2.7" {
			t.Errorf("tokens: %v", s)
		}
		if words := tables["history_words"]; len(words) != 3 || !strings.Contains(fmt.Sprint(words), "谢谢") || strings.Contains(fmt.Sprint(words), "通话") {
			t.Errorf("words: %v", words)
		}
		if len(tables["tickets"]) != 2 || len(tables["attachments"]) != 1 || len(tables["enterprises"]) != 1 || tables["audit"] == nil {
			t.Errorf("%v", tables)
		}
		for _, secret := range []string{"argon2id", "password_hash", "head_hash", "salt"} {
			if bytes.Contains(raw, []byte(secret)) {
				t.Errorf("%s is handed out", secret)
			}
		}
		if !bytes.Contains(raw, []byte(closed)) {
			t.Error("the ticket is not in it")
		}

		// By their telephone number, for the administrator alone.
		other, err := d.PersonalDataOf(ctx, d.Actor(t, "admin"), service.PersonRef{Phone: theirPhone})
		if err != nil || other.Username != own.Username {
			t.Errorf("%+v, %v", other, err)
		}
		var refused *ticket.Error
		if _, err := d.PersonalDataOf(ctx, d.Actor(t, "leader"), service.PersonRef{UserID: own.ID}); !errors.As(err, &refused) || refused.Code != ticket.CodeForbidden {
			t.Errorf("a leader: %v", err)
		}
	})
}
