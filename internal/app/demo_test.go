package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	_ "time/tzdata"

	"whistle/internal/app"
	"whistle/internal/config"
	"whistle/internal/demo"
	"whistle/internal/testkit"
)

// startDemo serves the demo until stop is called, and gives its address and
// what it told.
func startDemo(t *testing.T, dir, password string) (addr string, told *bytes.Buffer, stop func()) {
	t.Helper()
	cfg, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir, cfg.Addr, cfg.TimeZone, cfg.LogLevel = dir, "127.0.0.1:0", demo.Zone, "error"
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan string, 1), make(chan error, 1)
	told = &bytes.Buffer{}
	go func() {
		ended <- app.RunDemo(ctx, cfg, app.DemoOptions{Version: "test", Password: password, Out: told, Ready: func(addr string) { ready <- addr }})
	}()
	select {
	case addr = <-ready:
	case err := <-ended:
		cancel()
		t.Fatal("the demo ended before it served: ", err)
	}
	return addr, told, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// ask sends a request and reads the answer's JSON into into.
func ask(t *testing.T, method, url, token, body string, into any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil && answer.StatusCode < 300 {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return answer.StatusCode
}

func signIn(t *testing.T, addr, username, password string) (token string, status int) {
	t.Helper()
	var session struct{ Token string }
	status = ask(t, http.MethodPost, "http://"+addr+"/api/v1/sessions", "", `{"username":"`+username+`","password":"`+password+`"}`, &session)
	return session.Token, status
}

// tellsFigures holds the year's resolution rate, as the API tells it, against
// the article's.
func tellsFigures(t *testing.T, addr, password string) {
	t.Helper()
	token, status := signIn(t, addr, "leader", password)
	if status != http.StatusCreated {
		t.Fatalf("sign-in: %d", status)
	}
	var figures struct {
		Total struct {
			ResolutionRate struct {
				Numerator, Denominator int
				Percent                string
			} `json:"resolution_rate"`
		}
	}
	if status := ask(t, http.MethodGet, "http://"+addr+"/api/v1/figures?from=2023-01-01&to=2023-12-31", token, "", &figures); status != http.StatusOK {
		t.Fatalf("figures: %d", status)
	}
	if r := figures.Total.ResolutionRate; r.Numerator != demo.Solved || r.Denominator != demo.Tickets || r.Percent != "94.18" {
		t.Errorf("%+v", r)
	}
}

func TestDemo(t *testing.T) {
	testkit.LongForRace(t)
	dir := t.TempDir()
	addr, told, stop := startDemo(t, dir, "")
	_, rest, _ := strings.Cut(told.String(), "password of each: ")
	password, _, _ := strings.Cut(rest, "\n")
	for _, a := range demo.Accounts() {
		if !strings.Contains(told.String(), "  "+a.Username+" ") {
			t.Errorf("%s is not told of", a.Username)
		}
	}
	if !strings.Contains(told.String(), "http://"+addr) {
		t.Errorf("the address is not told: %s", told)
	}
	tellsFigures(t, addr, password)
	stop()

	const other = "another short sentence"
	addr, told, stop = startDemo(t, dir, other)
	defer stop()
	if strings.Contains(told.String(), "Making") {
		t.Error("the second start made the year again")
	}
	if _, status := signIn(t, addr, "leader", password); status != http.StatusUnauthorized {
		t.Errorf("the password before is answered by %d", status)
	}
	tellsFigures(t, addr, other)
}

func TestDemoPasswordFault(t *testing.T) {
	if app.DemoPasswordFault("short") == "" || app.DemoPasswordFault("dispatcher") == "" {
		t.Error("a bad password will do")
	}
	if fault := app.DemoPasswordFault("a short sentence"); fault != "" {
		t.Error(fault)
	}
}
