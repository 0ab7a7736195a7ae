package rest_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

//go:embed testdata/matrix.txt
var matrixText string

// accounts are the district's people by the matrix's columns.
var accounts = map[string]string{
	"own": "own", "mgr": "manager", "filer": "manager", "desk": "desk",
	"lo": "lead-officer", "lh": "lead-head", "dep": "deputy",
	"so": "fire-officer", "sh": "fire-head", "co": "water-officer", "ch": "water-head",
	"fo": "land-officer", "fh": "land-head", "team": "team-member", "exp": "expert",
	"uo": "tax-officer", "uh": "tax-head", "oth": "stranger", "sta": "station-staff",
	"ldr": "leader", "adm": "admin", "gst": "guest",
}

// account is who stands in a column. Where land leads, it has changed places
// with labour.
func account(column, where string) string {
	if where == "lead-lets-officers-resolve" {
		switch column {
		case "lo":
			return "land-officer"
		case "lh":
			return "land-head"
		case "fo":
			return "lead-officer"
		case "fh":
			return "lead-head"
		}
	}
	return accounts[column]
}

type cell struct {
	event, where, column string
	confidential         bool
	want                 int
	id                   string // of the ticket that it is tried on
}

func (c cell) String() string {
	kind := "plain"
	if c.confidential {
		kind = "confidential"
	}
	return fmt.Sprintf("%s %s %s by %s", kind, c.where, c.event, c.column)
}

// readMatrix reads the table's cells.
func readMatrix(t *testing.T) []cell {
	t.Helper()
	return readCells(t, matrixText)
}

// readCells reads the cells of a table: a row a thing that is tried, a column a
// person.
func readCells(t *testing.T, table string) []cell {
	t.Helper()
	var cells []cell
	var columns []string
	confidential := false
	for n, line := range strings.Split(table, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			confidential = line == "[confidential]"
		case words[0] == "event":
			columns = words[2:]
			for _, column := range columns {
				if accounts[column] == "" {
					t.Fatalf("nobody stands in the column %q", column)
				}
			}
		case len(words) != len(columns)+2:
			t.Fatalf("line %d of the matrix has %d columns, want %d", n+1, len(words), len(columns)+2)
		default:
			for i, word := range words[2:] {
				if word == "." {
					continue
				}
				want, err := strconv.Atoi(word)
				if err != nil {
					t.Fatalf("line %d of the matrix: %v", n+1, err)
				}
				cells = append(cells, cell{event: words[0], where: words[1], column: columns[i], confidential: confidential, want: want})
			}
		}
	}
	return cells
}

// TestMatrixIsWhole: every event that a person may cause is in the matrix, and
// is allowed to somebody there, plain and confidential.
func TestMatrixIsWhole(t *testing.T) {
	allowed := map[string]bool{}
	for _, c := range readMatrix(t) {
		if c.want < 300 {
			allowed[fmt.Sprint(c.event, c.confidential)] = true
		}
	}
	for _, def := range ticket.Workflow() {
		name := strings.ReplaceAll(string(def.Event), "_", "-")
		byPeople := slices.ContainsFunc(def.Rows, func(r ticket.Row) bool { return r.Who != ticket.Service })
		for _, confidential := range []bool{false, true} {
			// An expert sees no trade secret, so nobody is invited to one and
			// nobody advises.
			toExperts := def.Event == ticket.EventInvite || def.Event == ticket.EventAdvise
			want := byPeople && (!confidential || !toExperts)
			if allowed[fmt.Sprint(name, confidential)] != want {
				t.Errorf("%s, confidential %t: allowed to somebody %t, want %t", name, confidential, !want, want)
			}
		}
	}
}

// sampleOf: with the race detector, SQLite (in Go, and so watched too) is ten
// times slower. It then tries one cell of so many; PostgreSQL tries all.
const sampleOf = 8

// TestMatrix tries every cell. Whoever is refused is tried on one ticket,
// which must stay as it is; whoever is not has a ticket of their own.
func TestMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		cells := readMatrix(t)
		if testkit.RaceDetector && s.Database() == "sqlite" {
			var sample []cell
			for i := 0; i < len(cells); i += sampleOf {
				sample = append(sample, cells[i])
			}
			cells = sample
		}
		master := bringOne(t, s, "submitted", "并入的总单", false)
		err := s.Batch(t.Context(), func(b *service.Batch) error {
			shared := map[string]string{}
			for i := range cells {
				c := &cells[i]
				filer := "own"
				if c.column == "filer" {
					filer = "manager"
				}
				place := fmt.Sprint(c.event, c.where, c.confidential, filer)
				if id, ok := shared[place]; ok && (c.want >= 300 || c.event == "read") {
					c.id = id
					continue
				}
				c.id = bring(t, s, b, c.where, filer, fmt.Sprintf("第%d号事项", i), c.confidential)
				if c.want >= 300 || c.event == "read" {
					shared[place] = c.id
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d cells", len(cells))
		byEvent := map[string][]cell{}
		for _, c := range cells {
			byEvent[c.event] = append(byEvent[c.event], c)
		}
		for event, cells := range byEvent {
			t.Run(event, func(t *testing.T) {
				t.Parallel()
				unchanged := map[string]*ticket.Ticket{}
				for _, c := range cells {
					switch event {
					case "submit":
						c.trySubmit(t, s)
					case "read":
						c.tryReads(t, s)
					default:
						before, ok := unchanged[c.id]
						if !ok {
							before = standing(t, s, c.id)
							if c.want >= 300 {
								unchanged[c.id] = before
							}
						}
						c.tryEvent(t, s, before, master)
					}
				}
				for id, before := range unchanged {
					if after := standing(t, s, id); after.Version != before.Version || after.HeadHash != before.HeadHash {
						t.Errorf("%s is refused while the ticket is %s, and changed it", event, before.State)
					}
				}
			})
		}
	})
}

func (c cell) trySubmit(t *testing.T, s *testkit.Server) {
	t.Helper()
	body := map[string]any{
		"enterprise_id": s.Enterprises["own"], "title": "新事项", "description": "新事项的内容", "category": "labour", "confidential": c.confidential,
	}
	if c.where == "project" {
		body["project_id"] = s.Projects["plant"]
	}
	before := len(tickets(t, s, "新事项"))
	a := s.As(t, account(c.column, c.where)).Post("/tickets", body)
	if a.Status != c.want {
		t.Errorf("%v: %d, want %d: %s", c, a.Status, c.want, a.Body)
	}
	filed := 0
	if c.want < 300 {
		filed = 1
		if a.Text("id") == "" || a.Text("title") != "新事项" || a.Text("state") != "submitted" {
			t.Errorf("%v: the answer is not the ticket: %s", c, a.Body)
		}
	}
	if after := len(tickets(t, s, "新事项")); after != before+filed {
		t.Errorf("%v: %d tickets more, want %d", c, after-before, filed)
	}
}

// tickets are those that hold a text, whoever sees them.
func tickets(t *testing.T, s *testkit.Server, text string) []*ticket.Ticket {
	t.Helper()
	all, err := s.Store.Tickets(t.Context(), ticket.System, service.TicketFilter{Text: text, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (c cell) tryReads(t *testing.T, s *testkit.Server) {
	t.Helper()
	client := s.As(t, account(c.column, c.where))
	for _, path := range []string{"", "/history", "/clocks", "/clocks?explain=true", "/attachments"} {
		if a := client.Get("/tickets/" + c.id + path); a.Status != c.want {
			t.Errorf("%v: GET …%s: %d, want %d: %s", c, path, a.Status, c.want, a.Body)
		}
	}
	stored := standing(t, s, c.id)
	for _, text := range []string{stored.Title, stored.Description, stored.Number} {
		var found struct{ Items []struct{ ID string } }
		client.Get("/tickets?q=" + text).Want(http.StatusOK).Into(&found)
		listed := slices.ContainsFunc(found.Items, func(i struct{ ID string }) bool { return i.ID == c.id })
		if listed != (c.want == http.StatusOK) {
			t.Errorf("%v: listed %t with %q", c, listed, text)
		}
	}
}

func (c cell) tryEvent(t *testing.T, s *testkit.Server, before *ticket.Ticket, master string) {
	t.Helper()
	who := account(c.column, c.where)
	client := s.As(t, who)
	event := ticket.Event(strings.ReplaceAll(c.event, "-", "_"))
	if c.want < 300 {
		var read struct{ Actions []ticket.Event }
		client.Get("/tickets/" + c.id).Want(http.StatusOK).Into(&read)
		if !slices.Contains(read.Actions, event) {
			t.Errorf("%v: not among the actions offered, %s", c, read.Actions)
		}
	}
	a := client.Post("/tickets/"+c.id+"/"+c.event, bodyOf(s, before, c.event, s.Users[who].DepartmentID, master))
	if a.Status != c.want {
		t.Errorf("%v: %d, want %d: %s", c, a.Status, c.want, a.Body)
	}
	if c.want < 300 {
		after := standing(t, s, c.id)
		if after.Version != before.Version+1 || a.Text("id") != c.id || a.Text("state") != string(after.State) {
			t.Errorf("%v: version %d after %d; answered %s", c, after.Version, before.Version, a.Body)
		}
	}
	if a.Status == http.StatusConflict {
		var problem struct {
			Legal *[]ticket.Event `json:"legal_events"`
		}
		a.Into(&problem)
		if problem.Legal != nil && slices.Contains(*problem.Legal, event) {
			t.Errorf("%v: refused as illegal now, and called legal", c)
		}
	}
}
