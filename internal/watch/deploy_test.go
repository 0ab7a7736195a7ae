package watch_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"whistle/internal/jobs"
	"whistle/internal/testkit"
	"whistle/internal/watch"
)

const prometheusFolder = "../../deploy/prometheus"

// promtool runs Prometheus' own checker in the folder of its configuration.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		testkit.Lacks(t, "promtool", err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = prometheusFolder
	if told, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, told)
	}
}

func TestRules(t *testing.T) {
	promtool(t, "check", "config", "prometheus.yml")
	promtool(t, "check", "rules", "whistle.rules.yml")
	promtool(t, "test", "rules", "whistle.rules.test.yml")
	rules, cases := read(t, prometheusFolder+"/whistle.rules.yml"), read(t, prometheusFolder+"/whistle.rules.test.yml")
	for _, alert := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(rules, -1) {
		if strings.Count(cases, "alertname: "+alert[1]+",") < 1 || strings.Count(cases, "alertname: "+alert[1]+"\n") < 2 {
			t.Errorf("%s has no case in which it is quiet, or none in which it is raised", alert[1])
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// boardQueries are the queries of the board, by panel, as Grafana sends them.
func boardQueries(t *testing.T) map[string]string {
	t.Helper()
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "../../deploy/grafana/whistle.json")), &board); err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			queries[p.Title+" "+target.RefID] = strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*").Replace(target.Expr)
		}
	}
	return queries
}

// TestBoard has a Prometheus scrape the service by the configuration in deploy,
// and every query of the board find something in it.
func TestBoard(t *testing.T) {
	program, err := exec.LookPath("prometheus")
	if err != nil {
		testkit.Lacks(t, "prometheus", err)
	}
	w := newWatched(t, testkit.MigratedSQLite(t), slog.New(slog.DiscardHandler))
	nothing := func(context.Context) error { return nil }
	if _, err := w.Tick(t.Context(), jobs.Sweep, w.Clock.Now(), nothing); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Recount(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}

	// What the rules name is there, too; most of them find nothing on a good day.
	queries := boardQueries(t)
	w.do(t)
	families := w.scrape(t)
	named := read(t, prometheusFolder+"/whistle.rules.yml")
	for _, query := range queries {
		named += query
	}
	for _, name := range regexp.MustCompile(`\bwhistle_\w+`).FindAllString(named, -1) {
		if families[name] == nil && families[strings.TrimSuffix(name, "_bucket")] == nil {
			t.Errorf("%s is not told by the service", name)
		}
	}

	dir := t.TempDir()
	config := read(t, prometheusFolder+"/prometheus.yml")
	config = strings.NewReplacer("127.0.0.1:9464", strings.TrimPrefix(w.closed, "http://"), "15s", "1s").Replace(config)
	for name, text := range map[string]string{"prometheus.yml": config, "whistle.rules.yml": read(t, prometheusFolder+"/whistle.rules.yml")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	addr := testkit.FreeAddress(t)
	cmd := exec.CommandContext(t.Context(), program, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr)
	var told strings.Builder
	cmd.Stderr = &told
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(told.String())
		}
	})
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for len(queries) > 0 {
		select {
		case <-ctx.Done():
			for panel, query := range queries {
				t.Errorf("%s finds nothing: %s", panel, query)
			}
			return
		case <-again.C:
		}
		w.do(t) // something to be counted
		for panel, query := range queries {
			if finds(ctx, t, addr, query) {
				delete(queries, panel)
			}
		}
	}
}

// do has the service do something of each kind that is counted.
func (w *watched) do(t *testing.T) {
	t.Helper()
	if status, _ := w.ask(t, http.MethodGet, w.url+"/healthz", ""); status != http.StatusOK {
		t.Fatal(status)
	}
	if err := w.Run(t.Context(), jobs.Sweep, w.metrics.Ran(watch.ByClock), func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// finds says whether a query gives a number that is one.
func finds(ctx context.Context, t *testing.T, addr, query string) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/api/v1/query?query="+url.QueryEscape(query), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false // it does not answer yet
	}
	defer res.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return false // it answers by words while it starts
	}
	if answer.Status != "success" {
		t.Fatalf("%s: %s", query, answer.Error)
	}
	for _, r := range answer.Data.Result {
		if r.Value[1] != "NaN" {
			return true
		}
	}
	return false
}
