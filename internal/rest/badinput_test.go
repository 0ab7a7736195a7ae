package rest_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// marker is in every bad value, and must be in no answer.
const marker = "泄露XYZZY"

type fault struct{ Pointer, Parameter, Message string }

type problem struct {
	Title, Detail string
	Status        int
	RequestID     string `json:"request_id"`
	Errors        []fault
	Legal         []ticket.Event `json:"legal_events"`
}

// bad is a request that must be refused.
type bad struct {
	name    string
	who     string // own by default; nobody for ""
	method  string // POST by default
	path    string // $id is a ticket of the own enterprise that was just filed
	headers map[string]string
	body    any
	status  int
	detail  string   // words that the answer has
	faults  []string // "/pointer words" or "parameter words", every one of them
}

var filed = map[string]any{"title": "t", "description": "d", "category": "labour"}

// with is a good body with some fields changed; nil takes one out.
func with(changes map[string]any) map[string]any {
	body := map[string]any{}
	for name, value := range filed {
		body[name] = value
	}
	for name, value := range changes {
		if value == nil {
			delete(body, name)
			continue
		}
		body[name] = value
	}
	return body
}

func cursor(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

const (
	notForm = "The input is not of the right form."
	nobody  = "-"
)

// badInputs has a line for every kind of bad input.
func badInputs(s *testkit.Server, others, closed string) []bad {
	long := func(n int) string { return marker + strings.Repeat("长", n) }
	return []bad{
		// 401 before all else.
		{name: "no token", who: nobody, path: "/tickets", body: "{", status: 401, detail: "Authorization: Bearer"},
		{name: "no token, unknown ticket", who: nobody, method: "GET", path: "/tickets/" + marker, status: 401},
		{name: "token of nobody", who: nobody, path: "/tickets", headers: map[string]string{"Authorization": "Bearer " + marker}, body: filed, status: 401, detail: "ign in"},
		{name: "another scheme", who: nobody, path: "/tickets", headers: map[string]string{"Authorization": "Basic b3duOm93bg=="}, body: filed, status: 401},

		// 422: the form.
		{name: "missing field", path: "/tickets", body: with(map[string]any{"title": nil}), status: 422, detail: notForm, faults: []string{"/title is required"}},
		{name: "all missing", path: "/tickets", body: "{}", status: 422, faults: []string{"/title is required", "/description is required", "/category is required"}},
		{name: "no body", path: "/tickets", body: nil, status: 422, detail: "body is required"},
		{name: "empty", path: "/tickets", body: with(map[string]any{"title": ""}), status: 422, faults: []string{"/title must not be empty"}},
		{name: "blank", path: "/tickets", body: with(map[string]any{"title": " 　\t"}), status: 422, faults: []string{"/title must not be empty"}},
		{name: "too long", path: "/tickets", body: with(map[string]any{"title": long(200)}), status: 422, faults: []string{"/title must have at most 200 characters"}},
		{name: "description too long", path: "/tickets", body: with(map[string]any{"description": long(10000)}), status: 422, faults: []string{"/description must have at most 10000 characters"}},
		{name: "wrong type", path: "/tickets", body: with(map[string]any{"title": []string{marker}}), status: 422, faults: []string{"/title must be a text"}},
		{name: "null", path: "/tickets", body: `{"title":null,"description":"d","category":"labour"}`, status: 422, faults: []string{"/title must be a text"}},
		{name: "text for a boolean", path: "/tickets", body: with(map[string]any{"confidential": marker}), status: 422, faults: []string{"/confidential must be true or false"}},
		{name: "list for an object", path: "/tickets", body: `["` + marker + `"]`, status: 422, faults: []string{" must be an object"}},
		{name: "text for an object", path: "/tickets", body: `"` + marker + `"`, status: 422, faults: []string{" must be an object"}},
		{name: "unknown field", path: "/tickets", body: with(map[string]any{"titel": marker}), status: 422, faults: []string{"/titel is not a field of this body"}},
		{name: "another case", path: "/tickets", body: with(map[string]any{"title": nil, "Title": marker}), status: 422, faults: []string{"/title is required", "/Title is not a field of this body"}},
		{name: "not among the choices", path: "/tickets", body: with(map[string]any{"urgency": marker}), status: 422, faults: []string{"/urgency must be one of: normal, urgent"}},
		{name: "malformed JSON", path: "/tickets", body: `{"title": "` + marker + `",`, status: 422, faults: []string{" is not well-formed JSON"}},
		{name: "no JSON at all", path: "/tickets", body: marker, status: 422, faults: []string{" is not well-formed JSON"}},
		{name: "trailing JSON", path: "/tickets", body: `{"title":"t","description":"d","category":"labour"} {"x":"` + marker + `"}`, status: 422, faults: []string{" is not well-formed JSON"}},
		{name: "bad UTF-8", path: "/tickets", body: "{\"title\":\"" + marker + "\xff\",\"description\":\"d\",\"category\":\"labour\"}", status: 422, faults: []string{" must be valid UTF-8"}},
		{name: "GB18030", path: "/tickets", body: "{\"title\":\"\xd5\xd0\xb9\xa4\",\"description\":\"d\",\"category\":\"labour\"}", status: 422, faults: []string{" must be valid UTF-8"}},
		{name: "lone high surrogate", path: "/tickets", body: `{"title":"` + marker + `\ud800","description":"d","category":"labour"}`, status: 422, faults: []string{" must be valid UTF-8, without lone surrogates"}},
		{name: "lone low surrogate", path: "/tickets", body: `{"title":"` + marker + `\uDC00","description":"d","category":"labour"}`, status: 422, faults: []string{" must be valid UTF-8, without lone surrogates"}},
		{name: "two high surrogates", path: "/tickets", body: `{"title":"\ud83d\ud83d\ude00","description":"d","category":"labour"}`, status: 422, faults: []string{" must be valid UTF-8, without lone surrogates"}},
		{name: "U+0000", path: "/tickets", body: `{"title":"` + marker + `\u0000","description":"d","category":"labour"}`, status: 422, faults: []string{" must not contain the character U+0000"}},
		{name: "deep nesting", path: "/tickets", body: strings.Repeat("[", 20000), status: 422, faults: []string{" is not well-formed JSON"}},
		{
			name: "several faults at once", path: "/tickets?colour=" + marker,
			headers: map[string]string{"Idempotency-Key": strings.Repeat("k", 201)},
			body:    map[string]any{"title": long(200), "category": 7, "urgency": marker, "weight": marker, "attachments": []any{"a", "a"}},
			status:  422,
			faults:  []string{"colour is not a parameter of this operation"},
		},
		{
			name: "several faults of the body at once", path: "/tickets",
			headers: map[string]string{"Idempotency-Key": strings.Repeat("k", 201)},
			body:    map[string]any{"title": long(200), "category": 7, "urgency": marker, "weight": marker, "attachments": []any{"a", "a"}},
			status:  422,
			faults: []string{
				"Idempotency-Key must have at most 200 characters", "/title must have at most 200 characters", "/description is required",
				"/category must be a text", "/urgency must be one of", "/weight is not a field", "/attachments must not name anything twice",
			},
		},
		{name: "fault inside a list", path: "/tickets/$id/conclude", body: map[string]any{"minutes": "m", "tasks": []any{map[string]any{"department_id": "d"}}}, status: 422, faults: []string{"/tasks/0/text is required"}},
		{name: "bad moment in a body", path: "/tickets/$id/request-extension", body: map[string]any{"due_at": marker, "reason": "r"}, status: 422, faults: []string{"/due_at must be a moment such as"}},
		{name: "moment without offset", path: "/tickets/$id/request-extension", body: map[string]any{"due_at": "2023-10-11T18:00:00", "reason": "r"}, status: 422, faults: []string{"/due_at must be a moment such as"}},
		{name: "bad day in a body", path: "/tickets/$id/request-suspension", body: map[string]any{"condition": "c", "review_date": "2023-02-30"}, status: 422, faults: []string{"/review_date must be a day, YYYY-MM-DD"}},
		{name: "number too large", path: "/tickets/$id/confirm", body: map[string]any{"satisfaction": 6}, status: 422, faults: []string{"/satisfaction must be at most 5"}},
		{name: "number too small", path: "/tickets/$id/confirm", body: map[string]any{"satisfaction": 0}, status: 422, faults: []string{"/satisfaction must be at least 1"}},
		{name: "number not whole", path: "/tickets/$id/confirm", body: map[string]any{"satisfaction": 4.5}, status: 422, faults: []string{"/satisfaction must be a whole number"}},
		{name: "number beyond all bounds", path: "/tickets/$id/confirm", body: `{"satisfaction":1e400}`, status: 422},
		{name: "empty list", path: "/tickets/$id/whistle", body: map[string]any{"question": "q", "department_ids": []string{}}, status: 422, faults: []string{"/department_ids must have at least 1"}},
		{name: "field of an event without words", who: "desk", path: "/tickets/$id/accept", body: map[string]any{"text": marker}, status: 422, faults: []string{"/text is not a field"}},
		{name: "If-Match is no ETag", who: "desk", path: "/tickets/$id/accept", headers: map[string]string{"If-Match": marker}, status: 422, faults: []string{"If-Match must be an ETag that this API gave"}},
		{name: "form before existence", path: "/tickets/" + marker + "/withdraw", body: "{}", status: 422, faults: []string{"/reason is required"}},

		// 422: parameters.
		{name: "bad cursor", method: "GET", path: "/tickets?cursor=" + marker, status: 422, faults: []string{"cursor is not one that this list gave"}},
		{name: "cursor made up", method: "GET", path: "/tickets?cursor=" + cursor(`{"FiledAt":7}`), status: 422, faults: []string{"cursor is not one that this list gave"}},
		{name: "cursor of another list", method: "GET", path: "/tickets?cursor=" + cursor(`{}`), status: 422, faults: []string{"cursor is not one that this list gave"}},
		{name: "limit too large", method: "GET", path: "/tickets?limit=201", status: 422, faults: []string{"limit must be at most 200"}},
		{name: "limit too small", method: "GET", path: "/tickets?limit=0", status: 422, faults: []string{"limit must be at least 1"}},
		{name: "limit is no number", method: "GET", path: "/tickets?limit=" + marker, status: 422, faults: []string{"limit must be a whole number"}},
		{name: "limit beyond all bounds", method: "GET", path: "/tickets?limit=99999999999999999999", status: 422, faults: []string{"limit must be a whole number"}},
		{name: "bad day", method: "GET", path: "/tickets?from=2023-13-01", status: 422, faults: []string{"from must be a day, YYYY-MM-DD"}},
		{name: "no day", method: "GET", path: "/tickets?to=" + marker, status: 422, faults: []string{"to must be a day, YYYY-MM-DD"}},
		{name: "days the wrong way round", method: "GET", path: "/tickets?from=2023-02-01&to=2023-01-01", status: 422, faults: []string{"to must not be before from"}},
		{name: "unknown parameter", method: "GET", path: "/tickets?colour=" + marker, status: 422, faults: []string{"colour is not a parameter"}},
		{name: "unknown state", method: "GET", path: "/tickets?state=open," + marker, status: 422, faults: []string{"state must be"}},
		{name: "unknown stage", method: "GET", path: "/tickets?stage=" + marker, status: 422, faults: []string{"stage must be one of"}},
		{name: "unknown light", method: "GET", path: "/tickets?light=" + marker, status: 422, faults: []string{"light must be one of"}},
		{name: "mine is no boolean", method: "GET", path: "/tickets?mine=" + marker, status: 422, faults: []string{"mine must be true or false"}},
		{name: "search too long", method: "GET", path: "/tickets?q=" + long(200), status: 422, faults: []string{"q must have at most 200 characters"}},
		{name: "search with U+0000", method: "GET", path: "/tickets?q=%00", status: 422, faults: []string{"q must be valid UTF-8"}},
		{name: "search with bad UTF-8", method: "GET", path: "/tickets?q=%ff%fe", status: 422, faults: []string{"q must be valid UTF-8"}},
		{name: "id with U+0000", method: "GET", path: "/tickets/%00", status: 422, faults: []string{"id must be valid UTF-8"}},
		{name: "id with bad UTF-8", method: "GET", path: "/tickets/%FF", status: 422, faults: []string{"id must be valid UTF-8"}},
		{name: "id too long", method: "GET", path: "/tickets/" + long(64), status: 422, faults: []string{"id must have at most 64 characters"}},
		{name: "key with bad UTF-8", path: "/tickets", headers: map[string]string{"Idempotency-Key": "\xff"}, body: filed, status: 422, faults: []string{"Idempotency-Key must be valid UTF-8"}},
		{name: "figures: bad day", who: "leader", method: "GET", path: "/figures?from=" + marker, status: 422, faults: []string{"from must be a day"}},
		{name: "figures: bad moment", who: "leader", method: "GET", path: "/figures?as_of=" + marker, status: 422, faults: []string{"as_of must be a moment"}},
		{name: "figures: unknown cut", who: "leader", method: "GET", path: "/figures?by=" + marker, status: 422, faults: []string{"by must be one of"}},
		{name: "figures: days the wrong way round", who: "leader", method: "GET", path: "/figures?from=2023-02-01&to=2023-01-01", status: 422, faults: []string{"to must not be before from"}},

		// 404 in the same words, whether it is there or not.
		{name: "unknown id", method: "GET", path: "/tickets/" + marker, status: 404, detail: "There is no such ticket, or you may not see it."},
		{name: "another's ticket", method: "GET", path: "/tickets/" + others, status: 404, detail: "There is no such ticket, or you may not see it."},
		{name: "event at an unknown id", path: "/tickets/" + marker + "/withdraw", body: map[string]any{"reason": marker}, status: 404, detail: "There is no such ticket, or you may not see it."},
		{name: "event at another's ticket", path: "/tickets/" + others + "/withdraw", body: map[string]any{"reason": marker}, status: 404, detail: "There is no such ticket, or you may not see it."},
		{name: "another's, stale and illegal", path: "/tickets/" + others + "/confirm", headers: map[string]string{"If-Match": `"9"`}, body: map[string]any{"satisfaction": 5}, status: 404},

		// 403 before 412 before 409 before the rules.
		{name: "never, stale and illegal", path: "/tickets/$id/claim", headers: map[string]string{"If-Match": `"9"`}, status: 403, detail: "You may not"},
		{name: "for another enterprise", path: "/tickets", body: with(map[string]any{"enterprise_id": s.Enterprises["other"]}), status: 403, detail: "You may not"},
		{name: "stale and illegal", path: "/tickets/$id/confirm", headers: map[string]string{"If-Match": `"9"`}, body: map[string]any{"satisfaction": 5}, status: 412, detail: "Read it again"},
		{name: "stale", who: "desk", path: "/tickets/$id/accept", headers: map[string]string{"If-Match": `"2"`}, status: 412, detail: "Read it again"},
		{name: "illegal in this state", path: "/tickets/$id/confirm", headers: map[string]string{"If-Match": `"1"`}, body: map[string]any{"satisfaction": 5}, status: 409, detail: "not possible while"},
		{name: "illegal before the rules", who: "desk", path: "/tickets/" + closed + "/merge", body: map[string]any{"into_id": marker}, status: 409},

		// 422: rules on the values.
		{name: "unknown category", path: "/tickets", body: with(map[string]any{"category": marker}), status: 422, detail: "cannot be accepted", faults: []string{"/category is not a category in use; see /categories"}},
		{name: "unknown enterprise", who: "desk", path: "/tickets", body: with(map[string]any{"enterprise_id": marker}), status: 422, faults: []string{"/enterprise_id is no enterprise on the roster"}},
		{name: "several rules at once", who: "desk", path: "/tickets", body: with(map[string]any{"enterprise_id": marker, "category": marker, "project_id": marker, "attachments": []string{marker}}), status: 422, faults: []string{"/enterprise_id is no enterprise", "/category is not a category", "/project_id is no key project", "/attachments/0 is no attachment"}},
		{name: "import by hand", path: "/tickets", body: with(map[string]any{"source": "import"}), status: 422, faults: []string{"/source import is for imports alone"}},
		{name: "unknown reason", who: "desk", path: "/tickets/$id/reject", body: map[string]any{"reason_code": marker, "text": "t"}, status: 422, faults: []string{"/reason_code is not a reject reason in use"}},
		{name: "merge into itself", who: "desk", path: "/tickets/$id/merge", body: map[string]any{"into_id": "$id"}, status: 422, faults: []string{"/into_id must be another ticket"}},
		{name: "merge into nothing", who: "desk", path: "/tickets/$id/merge", body: map[string]any{"into_id": marker}, status: 422, faults: []string{"/into_id is no ticket"}},
		{name: "merge into what is closed", who: "desk", path: "/tickets/$id/merge", body: map[string]any{"into_id": closed}, status: 422, faults: []string{"/into_id must be an open ticket"}},
		{name: "a correction of nothing", path: "/tickets/$id/correct", body: map[string]any{"reason": marker}, status: 422, faults: []string{" must name at least one of"}},

		// What no operation takes.
		{name: "wrong content type", path: "/tickets", headers: map[string]string{"Content-Type": "application/" + "xml"}, body: "<title>" + marker + "</title>", status: 415, detail: "application/json"},
		{name: "a form", path: "/tickets", headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: "title=" + marker, status: 415, detail: "application/json"},
		{name: "body over a megabyte", path: "/tickets", body: `{"title":"` + marker + strings.Repeat("x", 1<<20) + `"}`, status: 413, detail: "too large"},
		{name: "body of 20 MB", path: "/tickets", body: `{"title":"` + marker + strings.Repeat("x", 20<<20) + `"}`, status: 413, detail: "too large"},
		{name: "body of 30 MB", path: "/tickets", body: `{"title":"` + marker + strings.Repeat("x", 30<<20) + `"}`, status: 413, detail: "too large"},
		{name: "wrong method", method: "PATCH", path: "/tickets/$id", body: map[string]any{"title": marker}, status: 405, detail: "does not take this method"},
		{name: "delete a ticket", method: "DELETE", path: "/tickets/$id", status: 405, detail: "does not take this method"},
		{name: "unknown route", method: "GET", path: "/tockets/" + marker, status: 404, detail: "nothing at this address"},
		{name: "unknown event", path: "/tickets/$id/explode", body: map[string]any{"text": marker}, status: 404, detail: "nothing at this address"},
		{name: "the service's own event", path: "/tickets/$id/redate", status: 404, detail: "nothing at this address"},
		{name: "an event by its other name", who: "desk", path: "/tickets/$id/request_info", body: map[string]any{"question": marker}, status: 404, detail: "nothing at this address"},
		{name: "outside the API", method: "GET", path: "/api/v2/tickets", status: 404, detail: "nothing at this address"},
	}
}

// TestBadInput: each is refused with its status, in words that say what to do
// and never repeat what was sent, with every fault at once; and nothing has
// changed.
func TestBadInput(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		id := bringOne(t, s, "submitted", "好单", false)
		closed := bringOne(t, s, "closed", "旧单", false)
		others := s.As(t, "stranger").Post("/tickets", filed).Want(http.StatusCreated).Text("id")
		before := everything(t, s)
		for _, b := range badInputs(s, others, closed) {
			t.Run(b.name, func(t *testing.T) { b.try(t, s, id) })
		}
		if after := everything(t, s); !slices.Equal(before, after) {
			t.Errorf("something has changed:\n%q\n%q", before, after)
		}
	})
}

// TestBodyThatBreaksOff: a client whose line breaks off has made no failure of
// the service's.
func TestBodyThatBreaksOff(t *testing.T) {
	s := testkit.NewServer(t, testkit.NewDistrict(t, testkit.NewService(t, testkit.MigratedSQLite(t), "2023-09-27 10:00")))
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/sessions HTTP/1.1\r\nHost: whistle.test\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"username\"")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode != http.StatusBadRequest || !bytes.Contains(answer, []byte("Send it again")) {
		t.Errorf("%d %s %v", res.StatusCode, answer, err)
	}
}

// everything is what may not change: each ticket as its last line has it.
func everything(t *testing.T, s *testkit.Server) []string {
	t.Helper()
	var heads []string
	for _, one := range tickets(t, s, "") {
		heads = append(heads, fmt.Sprint(one.ID, one.Version, one.HeadHash))
	}
	return heads
}

func (b bad) try(t *testing.T, s *testkit.Server, id string) {
	t.Helper()
	switch b.who {
	case "":
		b.who = "own"
	case nobody:
		b.who = ""
	}
	if b.method == "" {
		b.method = http.MethodPost
	}
	client := s.As(t, b.who)
	for name, value := range b.headers {
		client = client.With(name, value)
	}
	if body, ok := b.body.(map[string]any); ok && body["into_id"] == "$id" {
		body["into_id"] = id
	}
	a := client.Do(b.method, strings.ReplaceAll(b.path, "$id", id), b.body)
	if a.Status != b.status {
		t.Fatalf("status %d, want %d: %.500s", a.Status, b.status, a.Body)
	}
	var p problem
	a.Into(&p)
	if p.Status != b.status || p.Title != http.StatusText(b.status) || p.RequestID == "" || p.RequestID != a.Header.Get("X-Request-Id") {
		t.Errorf("the problem does not say what it is: %.500s", a.Body)
	}
	if strings.Contains(string(a.Body), marker) || strings.Contains(string(a.Body), "XYZZY") {
		t.Errorf("the answer repeats what was sent: %.500s", a.Body)
	}
	if p.Detail == "" || !strings.Contains(p.Detail, b.detail) {
		t.Errorf("detail %q, want %q", p.Detail, b.detail)
	}
	b.holdFaults(t, p.Errors)
	switch b.status {
	case http.StatusUnauthorized:
		if a.Header.Get("WWW-Authenticate") == "" {
			t.Error("no WWW-Authenticate")
		}
	case http.StatusMethodNotAllowed:
		if a.Header.Get("Allow") == "" {
			t.Error("no Allow")
		}
	case http.StatusConflict:
		if p.Legal == nil {
			t.Error("no legal events")
		}
	}
}

// holdFaults wants these faults and no others, in any order.
func (b bad) holdFaults(t *testing.T, got []fault) {
	t.Helper()
	if b.faults == nil {
		return
	}
	left := slices.Clone(b.faults)
	for _, f := range got {
		said := f.Pointer + f.Parameter + " " + f.Message
		i := slices.IndexFunc(left, func(want string) bool { return strings.HasPrefix(said, want) })
		if i < 0 {
			t.Errorf("unasked fault %q", said)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	if len(left) > 0 {
		t.Errorf("not told of %q, only of %+v", left, got)
	}
}
