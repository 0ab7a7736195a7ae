package rest_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"whistle/internal/service"
	"whistle/internal/support"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

//go:embed testdata/support_matrix.txt
var supportMatrix string

// supportCell is one try of the table.
type supportCell struct {
	operation, where, column string
	want                     int
}

func readSupportMatrix(t *testing.T) []supportCell {
	t.Helper()
	var cells []supportCell
	var columns []string
	for n, line := range strings.Split(supportMatrix, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#" || strings.HasPrefix(line, "#"):
		case words[0] == "operation":
			columns = words[2:]
		case len(words) != len(columns)+2:
			t.Fatalf("line %d has %d columns, want %d", n+1, len(words), len(columns)+2)
		default:
			for i, word := range words[2:] {
				want, err := strconv.Atoi(word)
				if err != nil {
					t.Fatalf("line %d: %v", n+1, err)
				}
				cells = append(cells, supportCell{words[0], words[1], columns[i], want})
			}
		}
	}
	return cells
}

// TestSupportMatrix tries every operation on the three lists for everybody, each
// on rows of its own.
func TestSupportMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		m := &supportTries{t: t, s: s, secret: bringOne(t, s, "resolving", "改造配方", true)}
		cells := readSupportMatrix(t)
		t.Logf("%d cells", len(cells))
		for _, c := range cells {
			client := s.As(t, accounts[c.column])
			method, path, body := m.request(c)
			var sent any // nothing, where nothing is to be said
			if body != nil {
				sent = body
			}
			a := client.Do(method, path, sent)
			if a.Status != c.want {
				t.Errorf("%s %s by %s: %d, want %d: %.300s", c.where, c.operation, c.column, a.Status, c.want, a.Body)
			}
		}
	})
}

// supportTries makes what is tried on.
type supportTries struct {
	t      *testing.T
	s      *testkit.Server
	secret string // a confidential ticket
	n      int
}

// file is one that the system uploaded.
func (m *supportTries) file() string {
	m.t.Helper()
	a, err := m.s.Upload(m.t.Context(), ticket.System, "文件.txt", strings.NewReader("第一条"))
	if err != nil {
		m.t.Fatal(err)
	}
	return a.ID
}

func (m *supportTries) policy(files ...string) string {
	m.t.Helper()
	m.n++
	p, err := m.s.PolicyResources().Create(m.t.Context(), ticket.System, support.PolicyResource{
		Code: fmt.Sprintf("T%d", m.n), Name: "稳岗补贴", Gives: "钱", DepartmentID: m.s.Departments["labour"], Orderable: true, Attachments: files,
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return p.ID
}

func (m *supportTries) need(where string) string {
	m.t.Helper()
	in := service.NewNeed{EnterpriseID: m.s.Enterprises["own"], Category: "labour", Text: "缺人"}
	if where == "secret" {
		in.TicketID = m.secret
	}
	n, err := m.s.AddNeed(m.t.Context(), ticket.System, in)
	if err != nil {
		m.t.Fatal(err)
	}
	return n.ID
}

func (m *supportTries) service(where, state string) string {
	m.t.Helper()
	in := service.NewService{EnterpriseID: m.s.Enterprises["own"], PolicyID: m.policy(), State: state}
	if where == "secret" {
		in.TicketID = m.secret
	}
	v, err := m.s.AddService(m.t.Context(), ticket.System, in)
	if err != nil {
		m.t.Fatal(err)
	}
	return v.ID
}

// request is what is sent to try a cell.
func (m *supportTries) request(c supportCell) (method, path string, body map[string]any) {
	own := m.s.Enterprises["own"]
	switch c.operation {
	case "read-policy":
		return http.MethodGet, "/policy-resources/" + m.policy(), nil
	case "read-policy-files":
		return http.MethodGet, "/policy-resources/" + m.policy() + "/attachments", nil
	case "read-policy-file":
		file := m.file()
		m.policy(file)
		return http.MethodGet, "/attachments/" + file, nil
	case "read-unused-file":
		return http.MethodGet, "/attachments/" + m.file(), nil
	case "add-policy":
		m.n++
		return http.MethodPost, "/policy-resources", map[string]any{"code": fmt.Sprintf("T%d", m.n), "name": "新的", "gives": "钱", "department_id": m.s.Departments["labour"]}
	case "change-policy":
		return http.MethodPatch, "/policy-resources/" + m.policy(), map[string]any{"gives": "更多的钱"}
	case "retire-policy":
		return http.MethodDelete, "/policy-resources/" + m.policy(), nil
	case "propose":
		return http.MethodGet, "/enterprises/" + own + "/policy-proposals", nil
	case "order":
		return http.MethodPost, "/policy-resources/" + m.policy() + "/orders", map[string]any{"enterprise_id": own}
	case "read-need":
		return http.MethodGet, "/needs/" + m.need(c.where), nil
	case "add-need":
		return http.MethodPost, "/needs", map[string]any{"enterprise_id": m.s.Enterprises[map[string]string{"plain": "own", "other": "other"}[c.where]], "category": "labour", "text": "缺人"}
	case "decide-need":
		return http.MethodPost, "/needs/" + m.need(c.where) + "/decide", map[string]any{"state": "met"}
	case "read-service":
		return http.MethodGet, "/services/" + m.service(c.where, "proposed"), nil
	case "add-service":
		return http.MethodPost, "/services", map[string]any{"enterprise_id": own, "policy_resource_id": m.policy(), "state": "accepted"}
	case "decide-service":
		return http.MethodPost, "/services/" + m.service(c.where, "proposed") + "/decide", map[string]any{"accept": true}
	case "deliver-service":
		return http.MethodPost, "/services/" + m.service(c.where, "accepted") + "/deliver", map[string]any{"amount_fen": 100}
	case "totals":
		return http.MethodGet, "/support-totals", nil
	case "export-payouts":
		return http.MethodGet, "/exports/payouts?format=jsonl", nil
	}
	m.t.Fatalf("nothing tries %s", c.operation)
	return "", "", nil
}
