package rest_test

import (
	"context"
	"net/http"
	"testing"

	"whistle/internal/testkit"
)

// TestNotices: somebody is told, over the stream too, reads it in their
// language and has it counted as read; nobody else does.
func TestNotices(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		if err := s.StartQueue(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.StopQueue(context.Background()); err != nil {
				t.Error(err)
			}
		})
		own, stranger := s.As(t, "own"), s.As(t, "stranger")
		stream, strangers := listens(t, s, "own"), listens(t, s, "stranger")
		unread := func(want int) {
			t.Helper()
			for {
				h, err := next(t, stream)
				if err != nil || h.event != "notice" && h.event != "ticket" {
					t.Fatalf("heard %+v, %v", h, err)
				}
				if h.event == "notice" && h.Unread == want {
					break
				}
			}
			var count struct{ Unread int }
			if own.Get("/notices/unread").Want(http.StatusOK).Into(&count); count.Unread != want {
				t.Errorf("%d unread, want %d", count.Unread, want)
			}
		}
		id := own.Post("/tickets", filed).Want(http.StatusCreated).Text("id")
		s.As(t, "desk").Post("/tickets/"+id+"/request-info", map[string]any{"question": "要几名？"}).Want(http.StatusOK)
		unread(1)
		type page struct {
			Items []struct {
				ID, Kind, Text, Todo, Path string
				Ticket                     struct{ ID, Title string }
				ReadAt                     *string `json:"read_at"`
			}
		}
		var all page
		own.Get("/notices?unread=true").Want(http.StatusOK).Into(&all)
		if len(all.Items) != 1 || all.Items[0].Text != "服务中心请您补充说明" || all.Items[0].Ticket.ID != id || all.Items[0].Path != "/tickets/"+id {
			t.Fatalf("%+v", all)
		}
		own.Do(http.MethodPut, "/me/language", map[string]any{"language": "en"}).Want(http.StatusNoContent)
		if own.Get("/notices").Want(http.StatusOK).Into(&all); all.Items[0].Text != "The service centre asks you for more information" || all.Items[0].Kind != "request_info" {
			t.Errorf("%+v", all)
		}
		if got := own.Get("/me").Want(http.StatusOK).Text("language"); got != "en" {
			t.Errorf("the language is %q", got)
		}
		var none page
		if stranger.Get("/notices").Want(http.StatusOK).Into(&none); len(none.Items) != 0 {
			t.Errorf("a stranger was told %+v", none)
		}
		stranger.Post("/notices/read", map[string]any{"ids": []string{all.Items[0].ID}}).Want(http.StatusNoContent)
		own.Post("/notices/read", map[string]any{"ids": []string{all.Items[0].ID}}).Want(http.StatusNoContent)
		unread(0)
		if own.Get("/notices").Want(http.StatusOK).Into(&all); all.Items[0].ReadAt == nil {
			t.Errorf("%+v", all)
		}
		own.Get("/notices?language=fr").Want(http.StatusUnprocessableEntity)
		own.Do(http.MethodPut, "/me/language", map[string]any{"language": "fr"}).Want(http.StatusUnprocessableEntity)
		s.As(t, "").Get("/notices").Want(http.StatusUnauthorized)
		// The stranger heard nothing of all that, and hears of their own.
		theirs := stranger.Post("/tickets", filed).Want(http.StatusCreated).Text("id")
		hears(t, strangers, theirs, 1)
	})
}
