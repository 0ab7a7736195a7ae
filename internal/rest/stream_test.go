package rest_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"whistle/internal/testkit"
)

// hint is one message of a stream.
type hint struct {
	event    string
	TicketID string `json:"ticket_id"`
	Version  int
	ImportID string `json:"import_id"`
	Unread   int
}

// next reads the next message of a stream; io.EOF at its end.
func next(t *testing.T, stream *bufio.Reader) (hint, error) {
	t.Helper()
	var h hint
	h.event = "message"
	for {
		line, err := stream.ReadString('\n')
		if err != nil {
			return hint{}, err
		}
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			h.event = name
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			if err := json.Unmarshal([]byte(data), &h); err != nil {
				t.Fatal(err)
			}
		}
		if line == "" {
			return h, nil
		}
	}
}

// listens opens somebody's stream, which begins by saying that it is up.
func listens(t *testing.T, s *testkit.Server, who string) *bufio.Reader {
	t.Helper()
	stream := s.As(t, who).Open("/stream")
	if h, err := next(t, stream); err != nil || h.event != "alive" {
		t.Fatalf("the stream begins with %+v, %v", h, err)
	}
	return stream
}

func hears(t *testing.T, stream *bufio.Reader, id string, version int) {
	t.Helper()
	h, err := next(t, stream)
	if err != nil || h.event != "ticket" || h.TicketID != id || h.Version != version {
		t.Fatalf("heard %+v, %v; want version %d of %s", h, err, version, id)
	}
}

// TestStreamTellsOfWhatIsInSight: whoever listens hears of each change of a
// ticket in sight, and of nothing else: what is out of sight comes before it
// and is not heard.
func TestStreamTellsOfWhatIsInSight(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		given := bringOne(t, s, "returned", "退回过的", false) // land led it
		own, manager, former, leader := listens(t, s, "own"), listens(t, s, "manager"), listens(t, s, "land-head"), listens(t, s, "leader")

		others := s.As(t, "stranger").Post("/tickets", filed).Want(http.StatusCreated).Text("id")
		hidden := s.As(t, "own").Post("/tickets", with(map[string]any{"confidential": true})).Want(http.StatusCreated).Text("id")
		s.As(t, "desk").Post("/tickets/"+given+"/message", map[string]any{"text": "另派"}).Want(http.StatusOK)
		plain := s.As(t, "own").Post("/tickets", filed).Want(http.StatusCreated).Text("id")
		// A refused event tells nobody.
		s.As(t, "own").Post("/tickets/"+plain+"/confirm", map[string]any{"satisfaction": 5}).Want(http.StatusConflict)
		s.As(t, "desk").Post("/tickets/"+plain+"/accept", nil).Want(http.StatusOK)
		s.As(t, "desk").Post("/tickets/"+plain+"/dispatch", map[string]any{"lead_id": s.Departments["land"]}).Want(http.StatusOK)

		version := standing(t, s, given).Version
		hears(t, own, hidden, 1)
		hears(t, own, given, version)
		hears(t, own, plain, 1)
		hears(t, own, plain, 2)
		hears(t, manager, given, version)
		hears(t, manager, plain, 1)
		// Nothing of what it gave back. What it leads now it may hear of from
		// the start: sight is looked at when a hint is sent.
		for h := (hint{}); h.Version < 3; {
			var err error
			if h, err = next(t, former); err != nil || h.TicketID != plain {
				t.Fatalf("the former lead heard %+v, %v; want only of %s", h, err, plain)
			}
		}
		hears(t, leader, others, 1)
		hears(t, leader, hidden, 1)
	})
}

// TestStreamEndsWithTheServer: a stop lets no listener hold it up.
func TestStreamEndsWithTheServer(t *testing.T) {
	s := serve(t, testkit.MigratedSQLite(t))
	stream := listens(t, s, "own")
	s.Stop()
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, stream)
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil && !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the stream goes on")
	}
}

// TestStreamNeedsAToken holds the stream to the order of refusals.
func TestStreamNeedsAToken(t *testing.T) {
	s := serve(t, testkit.MigratedSQLite(t))
	s.As(t, "").Get("/stream").Want(http.StatusUnauthorized)
	s.As(t, "own").Get("/stream?since=" + marker).Want(http.StatusUnprocessableEntity)
}
