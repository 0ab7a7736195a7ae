package service_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// searched is a district in which there is something to find.
type searched struct {
	*testkit.District
	t   *testing.T
	raw *district // reaches the same database past the service
}

func searchedOnBoth(t *testing.T, test func(d searched)) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		test(searched{d, t, &district{tb: t, cfg: cfg, raw: openRaw(t, cfg)}})
	})
}

func (d searched) file(who, title, description string) string {
	d.t.Helper()
	in := ticket.SubmitInput{Title: title, Description: description, Category: "labour", EnterpriseID: d.Enterprises[who]}
	one, err := d.File(d.t.Context(), d.Actor(d.t, "desk"), in)
	if err != nil {
		d.t.Fatal(err)
	}
	d.Clock.Advance(1e9)
	return one.ID
}

func (d searched) do(who, id string, event ticket.Event, in ticket.Input) {
	d.t.Helper()
	if _, err := d.Fire(d.t.Context(), d.Actor(d.t, who), id, service.Command{Event: event, Input: in}); err != nil {
		d.t.Fatalf("%s: %v", event, err)
	}
}

// finds is what a search finds: the titles of tickets, then the names of
// enterprises, each in their order.
func (d searched) finds(who, text string) string {
	d.t.Helper()
	r, err := d.Search(d.t.Context(), d.Actor(d.t, who), text, 20)
	if err != nil {
		d.t.Fatalf("%q: %v", text, err)
	}
	var all []string
	for _, one := range r.Tickets {
		all = append(all, one.Title)
	}
	all = append(all, "|")
	for _, e := range r.Enterprises {
		all = append(all, e.Name)
	}
	return strings.Join(all, " ")
}

func (d searched) want(who, text, want string) {
	d.t.Helper()
	if got := d.finds(who, text); got != want {
		d.t.Errorf("%s finds %q by %q, want %q", who, got, text, want)
	}
}

func TestSearch(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		_, err := d.Service.Enterprises().Change(d.t.Context(), ticket.System, d.Enterprises["other"], func(e *directory.Enterprise) error {
			e.CreditCode, e.Phone, e.Contact = "91440300708461136T", "025-58880001", "王女士"
			return nil
		})
		if err != nil {
			d.t.Fatal(err)
		}
		d.file("own", "厂房漏雨", "二号厂房一下雨就漏，招工也受影响。")
		d.file("own", "招工难", "节后缺一百名装配工。")
		d.file("other", "５Ｇ基站选址", "需要在园区建5G基站，Wi-Fi6也要。")
		d.file("other", "贷款", "想申请 2023-000002 那样的贴息。")
		for text, want := range map[string]string{
			// Numbers and how they begin; the very number comes first.
			"2023-000002":   "招工难 贷款 |",
			"２０２３－０００００２":   "招工难 贷款 |",
			" 2023-000002 ": "招工难 贷款 |",
			"2023-0000":     "贷款 ５Ｇ基站选址 招工难 厂房漏雨 |",
			"000003":        "５Ｇ基站选址 |",
			"2023-9":        " |",
			// Words of two characters, of one, of more; titles first.
			"招工":   "招工难 厂房漏雨 |",
			"漏":    "厂房漏雨 |",
			"厂房漏":  "厂房漏雨 |",
			"房漏雨":  "厂房漏雨 |",
			"漏厂房":  " |",
			"雨就":   "厂房漏雨 |",
			"5g":   "５Ｇ基站选址 |",
			"5G基站": "５Ｇ基站选址 |",
			"wi-f": "５Ｇ基站选址 |",
			"fi6":  "５Ｇ基站选址 |",
			// Several must all be found, wherever.
			"招工 厂房":              "厂房漏雨 |",
			"招工，装配":              "招工难 |",
			"招工　贷款":              " |",
			"农业 基站":              "５Ｇ基站选址 |",
			"乙农业合作社":             "贷款 ５Ｇ基站选址 | 乙农业合作社",
			"科技":                 "招工难 厂房漏雨 | 甲科技有限公司",
			"有限 甲":               "招工难 厂房漏雨 | 甲科技有限公司",
			"9144030":            " | 乙农业合作社",
			"70846113":           " | 乙农业合作社",
			"91440300708461136t": " | 乙农业合作社",
			"025-5888":           " | 乙农业合作社",
			"王女士":                " | 乙农业合作社",
			"own":                " | 甲科技有限公司",
			"。，？":                " |",
			"":                   " |",
		} {
			d.want("desk", text, strings.TrimPrefix(want, " "))
		}
		const both = "招工难 厂房漏雨 | 甲科技有限公司"
		for who, want := range map[string]string{
			"own": both, "manager": both, "desk": both, "leader": both,
			// The offices read the roster, but not others' tickets.
			"lead-officer": "| 甲科技有限公司", "admin": "| 甲科技有限公司",
			"stranger": "|", "guest": "|",
		} {
			d.want(who, "甲科技有限公司", want)
		}
		few, err := d.Search(d.t.Context(), d.Actor(d.t, "desk"), "2023", 2)
		if err != nil || len(few.Tickets) != 2 || !few.MoreTickets || few.MoreEnterprises {
			d.t.Errorf("two at the most: %d, more %v, %v", len(few.Tickets), few.MoreTickets, err)
		}
		marked := few.Words.Mark(few.Tickets[0].Number)
		if len(marked) != 2 || marked[0].Text != "2023" || !marked[0].Found {
			d.t.Errorf("marked %v", marked)
		}
	})
}

// TestSearchFollowsWhatChanges: what is corrected or renamed is found as it is
// now, and a department that gave a ticket back finds it as it was then.
func TestSearchFollowsWhatChanges(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		id := d.file("own", "厂房漏雨", "二号楼")
		d.do("desk", id, ticket.EventAccept, nil)
		give := func(title string) {
			d.do("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["land"]})
			d.want("land-officer", title, title+" |")
			d.do("land-head", id, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "不归我们管"})
		}
		give("厂房漏雨")
		d.do("desk", id, ticket.EventCorrect, ticket.CorrectInput{Title: "屋顶渗水", EnterpriseID: d.Enterprises["other"], Reason: "核对"})
		d.want("desk", "漏雨", "|")
		d.want("desk", "渗水", "屋顶渗水 |")
		d.want("desk", "农业 渗水", "屋顶渗水 |")
		// Nothing tells those who gave it back of what it became.
		d.want("land-head", "渗水", "|")
		d.want("land-head", "农业 二号", "|")
		d.want("land-head", "漏雨", "厂房漏雨 |")
		d.want("land-officer", "科技 二号", "厂房漏雨 |")
		d.want("land-officer", "2023-000001", "厂房漏雨 |")
		d.want("fire-head", "漏雨", "|")
		// They lead it again, and give it back as it is now.
		give("屋顶渗水")
		d.want("land-head", "漏雨", "|")
		d.want("land-head", "渗水", "屋顶渗水 |")

		if _, err := d.Service.Enterprises().Change(d.t.Context(), ticket.System, d.Enterprises["other"], func(e *directory.Enterprise) error {
			e.Name = "丙生态农场"
			return nil
		}); err != nil {
			d.t.Fatal(err)
		}
		d.want("desk", "合作", "|")
		d.want("desk", "生态", "屋顶渗水 | 丙生态农场")
		d.want("land-head", "生态", "屋顶渗水 | 丙生态农场")

		// A trade secret is not for those who gave it back.
		secret := true
		d.do("desk", id, ticket.EventCorrect, ticket.CorrectInput{Confidential: &secret, Reason: "商业秘密"})
		d.want("land-head", "渗水", "|")
		d.want("desk", "渗水", "屋顶渗水 |")
	})
}

// TestIndexIsFilled: what was there before the index is found once the
// service has started, as it stands and as it was given back.
func TestIndexIsFilled(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		id := d.file("own", "厂房漏雨", "二号楼")
		d.do("desk", id, ticket.EventAccept, nil)
		d.do("desk", id, ticket.EventDispatch, ticket.DispatchInput{LeadID: d.Departments["land"]})
		d.do("land-head", id, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "other", Text: "不归我们管"})
		for _, title := range []string{"屋顶渗水", "屋顶裂缝"} {
			d.do("desk", id, ticket.EventCorrect, ticket.CorrectInput{Title: title, Reason: "核对"})
		}
		const many = 1100 // more than are filled at a time
		if err := d.Batch(d.t.Context(), func(b *service.Batch) error {
			for i := range many {
				in := ticket.SubmitInput{Title: fmt.Sprintf("事项%d", i), Description: "批量", Category: "labour", EnterpriseID: d.Enterprises["own"]}
				if _, err := b.File(d.Actor(d.t, "desk"), in, service.Backdated{At: d.Now()}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			d.t.Fatal(err)
		}
		before := d.raw.text("SELECT CAST(count(*) AS TEXT) FROM ticket_search")
		for range 2 {
			d.raw.exec("DELETE FROM ticket_search WHERE ticket_id <> '" + id + "' OR department_id = '" + d.Departments["land"] + "'")
			d.raw.exec("DELETE FROM ticket_search")
			d.raw.exec("DELETE FROM enterprise_search")
			d.want("desk", "批量", "|")
			d.want("desk", "科技", "|")
			if err := d.Prepare(d.t.Context()); err != nil {
				d.t.Fatal(err)
			}
		}
		if after := d.raw.text("SELECT CAST(count(*) AS TEXT) FROM ticket_search"); after != before {
			d.t.Errorf("%s rows, want %s", after, before)
		}
		all, err := d.Tickets(d.t.Context(), d.Actor(d.t, "desk"), service.TicketFilter{Text: "科技 批量"})
		if err != nil || len(all) != many {
			d.t.Errorf("%d found, %v", len(all), err)
		}
		d.want("desk", "裂缝", "屋顶裂缝 |")
		d.want("land-head", "裂缝", "|")
		d.want("land-head", "渗水", "|")
		d.want("land-head", "漏雨 科技", "厂房漏雨 |")
	})
}

// TestClearedTermsAreGone: of a text that is removed by law the index keeps
// nothing, and nobody fills it in again.
func TestClearedTermsAreGone(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		id := d.file("own", "驫麤难题", "麤驫配方")
		d.file("own", "别的", "别的")
		inIndex := func() bool {
			if d.raw.cfg.URL != "" {
				return d.raw.text("SELECT CAST(count(*) AS TEXT) FROM ticket_search WHERE CAST(words AS text) LIKE '%驫%'") != "0"
			}
			return d.raw.text("SELECT CAST(count(*) AS TEXT) FROM ticket_search_words_data WHERE instr(block, CAST('驫' AS BLOB)) > 0") != "0" ||
				d.raw.text("SELECT CAST(count(*) AS TEXT) FROM ticket_search WHERE heading || description LIKE '%驫%'") != "0"
		}
		if !inIndex() {
			d.t.Fatal("the test does not see what is in the index")
		}
		d.want("desk", "驫麤", "驫麤难题 |")
		one, err := d.Store.Ticket(d.t.Context(), ticket.System, id)
		if err != nil {
			d.t.Fatal(err)
		}
		one.Title, one.Description = ticket.Redacted, ticket.Redacted
		if err := d.Store.InTx(d.t.Context(), func(ctx context.Context) error { return d.Store.RewriteTexts(ctx, one, nil) }); err != nil {
			d.t.Fatal(err)
		}
		if err := d.Prepare(d.t.Context()); err != nil {
			d.t.Fatal(err)
		}
		d.want("desk", "驫麤", "|")
		d.want("desk", "别的", "别的 |")
		d.want("desk", "redacted", "|")
		if inIndex() {
			d.t.Error("the index keeps what was cleared")
		}
	})
}

// TestListsFindByTheIndex: the lists of tickets and enterprises find what the
// search finds.
func TestListsFindByTheIndex(t *testing.T) {
	searchedOnBoth(t, func(d searched) {
		var ids []string
		for i := range 5 {
			ids = append(ids, d.file("own", fmt.Sprintf("招工难%d", i), "缺人"))
		}
		d.file("other", "贷款", "缺钱")
		first, err := d.Tickets(d.t.Context(), d.Actor(d.t, "desk"), service.TicketFilter{Text: "招工 科技", Limit: 3})
		if err != nil || len(first) != 3 || first[0].ID != ids[4] {
			d.t.Fatalf("%d, %v", len(first), err)
		}
		last := first[2]
		second, err := d.Tickets(d.t.Context(), d.Actor(d.t, "desk"), service.TicketFilter{
			Text: "招工 科技", Limit: 3, After: &service.Position{FiledAt: last.FiledAt, ID: last.ID},
		})
		if err != nil || len(second) != 2 || second[1].ID != ids[0] {
			d.t.Fatalf("%d, %v", len(second), err)
		}
		found, err := d.Service.Enterprises().List(d.t.Context(), d.Actor(d.t, "desk"), service.EntryFilter{Text: "有限 科技"})
		if err != nil || !slices.Equal(namesOf(found), []string{"甲科技有限公司"}) {
			d.t.Errorf("%v, %v", namesOf(found), err)
		}
	})
}

func namesOf(all []directory.Enterprise) []string {
	names := make([]string, len(all))
	for i, e := range all {
		names[i] = e.Name
	}
	return names
}
