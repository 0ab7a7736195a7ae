package rest_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"whistle/internal/clock"
	"whistle/internal/service"
	"whistle/internal/testkit"
)

//go:embed testdata/webhook_matrix.txt
var webhookMatrix string

func webhookBody(name string) map[string]any {
	return map[string]any{"name": name, "url": "https://8.8.8.8/hook", "events": []string{"ticket.*", "alarm.red"}}
}

// TestWebhookMatrix tries every cell; then what administrators may, who keep an
// eye on where data goes.
func TestWebhookMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		desk, admin := s.As(t, "desk"), s.As(t, "admin")
		made := desk.Post("/webhooks", webhookBody("desk")).Want(http.StatusCreated)
		if !strings.HasPrefix(made.Text("secret"), "whsec_") || made.Header.Get("Location") != "/api/v1/webhooks/"+made.Text("id") {
			t.Errorf("made was %s", made.Body)
		}
		id := made.Text("id")
		head := s.As(t, "lead-head").Post("/webhooks", webhookBody("head")).Want(http.StatusCreated).Text("id")
		sent := desk.Post("/webhooks/"+id+"/test", nil).Want(http.StatusAccepted).Text("id")
		tryOperations(t, s, webhookMatrix, strings.NewReplacer("{desk}", id, "{head}", head, "{sent}", sent), map[string]any{
			"POST:/webhooks": webhookBody("tried"), "PATCH:/webhooks/{desk}": map[string]any{"name": "别名"},
		})
		read := desk.Get("/webhooks/" + id)
		if strings.Contains(string(read.Body), "whsec_") || read.Text("name") != "别名" || read.Text("old_secret_until") == "" {
			t.Errorf("read is %s", read.Body)
		}
		if n := len(list(s.As(t, "leader"), "/webhooks").Items); n != 1 {
			t.Errorf("the leader has %d", n)
		}
		if n := len(list(admin, "/webhooks").Items); n != 6 {
			t.Errorf("the admin sees %d", n)
		}
		path := "/webhooks/" + id
		if off := admin.Do(http.MethodPatch, path, map[string]any{"on": false}).Want(http.StatusOK); off.Text("off_for") != "by_hand" {
			t.Errorf("off: %s", off.Body)
		}
		admin.Do(http.MethodPatch, path, map[string]any{"on": true}).Want(http.StatusForbidden)
		admin.Do(http.MethodDelete, path, nil).Want(http.StatusNoContent)
		desk.Get(path).Want(http.StatusNotFound)
		wantFaults(t, desk.Post("/webhooks", map[string]any{"name": " ", "url": "", "events": []string{}}), "/name", "/url", "/events")
		wantFaults(t, desk.Post("/webhooks", map[string]any{"name": "x", "url": "https://10.0.0.1/", "events": []string{"ticket.gehe1m", "alarm.*"}}), "/url", "/events/0")
	})
}

// TestStrangersReceiver: a receiver in another language, with the library that
// the standard gives it, believes what is sent, under the old and the new secret.
func TestStrangersReceiver(t *testing.T) {
	const folder = "../../api/typescript"
	for _, script := range []string{"generate", "compile"} {
		testkit.NPM(t, folder, script)
	}
	s := serve(t, testkit.MigratedSQLite(t), testkit.AllowLoopback, func(c *service.Config) { c.Wall = clock.Wall{} })
	if err := s.StartQueue(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.StopQueue(context.Background()); err != nil {
			t.Error(err)
		}
	})
	people, err := json.Marshal(map[string]string{"desk": s.Token(t, "desk"), "enterprise": s.Token(t, "own")})
	if err != nil {
		t.Fatal(err)
	}
	out := testkit.NPM(t, folder, "webhook", "WHISTLE_URL="+s.URL, "WHISTLE_TOKENS="+string(people))
	const want = `{"taken":["ping","ping","ticket.submit"],"log":["ticket.submit delivered 204","ping delivered 204","ping delivered 204"]}`
	if strings.TrimSpace(out) != want {
		t.Errorf("the receiver saw %s", out)
	}
}
