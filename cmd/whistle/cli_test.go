package main

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"whistle/internal/store"
	"whistle/internal/testkit"
)

// TestBadUse exits with 2 and says what is wrong.
func TestBadUse(t *testing.T) {
	d := database{config: testkit.SQLite(t)}
	for _, c := range []struct{ args, says string }{
		{"serve --no-such-flag", "unknown flag"},
		{"no-such-command", "unknown command"},
		{"migrate sideways", "unknown command"},
		{"figures extra", "unknown command"},
		{"version extra", "unknown command"},
		{"figures --from 2023-13-01", "--from must be a day"},
		{"figures --to tomorrow", "--to must be a day"},
		{"figures --as-of yesterday", "--as-of"},
		{"figures --from 2023-12-31 --to 2023-01-01", "must not be before from"},
		{"figures --by weather", "/by: must be one of"},
		{"workflow --format xml", "--format must be"},
		{"serve --addr nowhere", "WHISTLE_ADDR"},
		{"serve --migrate=perhaps", "invalid argument"},
	} {
		code, out, complaints := d.run(t, strings.Fields(c.args)...)
		if code != exitUsage || !strings.Contains(complaints, c.says) {
			t.Errorf("whistle %s: exit %d, want 2 with %q: %s%s", c.args, code, c.says, out, complaints)
		}
	}
}

// TestWrongConfiguration names every fault at once, of form and of value, and
// not what was given.
func TestWrongConfiguration(t *testing.T) {
	wrong := map[string]string{
		"WHISTLE_ADDR": "wrong-1", "WHISTLE_DATABASE_URL": "wrong-2", "WHISTLE_PUBLIC_URL": "wrong-3", "WHISTLE_TIME_ZONE": "wrong-4",
		"WHISTLE_TRUSTED_PROXIES": "wrong-5", "WHISTLE_LOG_FORMAT": "wrong-6", "WHISTLE_SHUTDOWN_WAIT": "wrong-7",
		"WHISTLE_REQUEST_TIMEOUT": "wrong-8", "WHISTLE_MIGRATE": "wrong-9", "WHISTLE_CRON_FREEZE": "wrong-10",
	}
	cmd := database{config: testkit.SQLite(t)}.command(t, "serve")
	cmd.Args = cmd.Args[:2] // all from the environment
	for variable, value := range wrong {
		cmd.Env = append(cmd.Env, variable+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != exitUsage {
		t.Errorf("exit %d, %v", code, err)
	}
	for variable := range wrong {
		if !strings.Contains(string(out), variable) {
			t.Errorf("%s is not named", variable)
		}
	}
	if t.Failed() || strings.Contains(string(out), "wrong-") {
		t.Errorf("said:\n%s", out)
	}
}

// TestDone exits with 0.
func TestDone(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		for _, c := range []struct{ args, says string }{
			{"version", "whistle dev"},
			{"--help", "whistle serve"},
			{"", "Usage:"},
			{"migrate", "status"},
			{"migrate up", "applied"},
			{"migrate status", "applied"},
			{"workflow --format mermaid", "stateDiagram"},
			{"openapi", "openapi: 3.1"},
			{"figures --from 2023-01-01 --to 2023-12-31", "no figure"},
			{"figures --json", `"percent": null`},
			{"verify", "0 faults"},
			{"recount", "0 tickets"},
		} {
			code, out, complaints := d.run(t, strings.Fields(c.args)...)
			if code != 0 || !strings.Contains(out, c.says) {
				t.Errorf("whistle %s: exit %d, want 0 with %q: %s%s", c.args, code, c.says, out, complaints)
			}
		}
	})
}

// TestHealthcheck asks the running service as the container does.
func TestHealthcheck(t *testing.T) {
	d := database{config: testkit.SQLite(t)}
	p := d.serve(t)
	check := func() int {
		cmd := d.command(t, "healthcheck")
		cmd.Env = append(cmd.Env, "WHISTLE_ADDR="+strings.TrimPrefix(p.url, "http://"))
		_ = cmd.Run() // the exit code tells
		return cmd.ProcessState.ExitCode()
	}
	if code := check(); code != 0 {
		t.Errorf("exit %d while the service runs", code)
	}
	p.stop(t)
	if code := check(); code != exitWrong {
		t.Errorf("exit %d while none runs", code)
	}
}

// TestFoundWrong exits with 1 and names the ticket, after somebody with the
// database in hand has changed its history.
func TestFoundWrong(t *testing.T) {
	for name, tamper := range map[string]struct{ sql, verify, recount string }{
		"a byte changed":   {"UPDATE history SET canonical = replace(canonical, '\"accept\"', '\"reject\"') WHERE seq = 2", "line 2", "cannot be replayed"},
		"a line removed":   {"DELETE FROM history WHERE seq = 1", "line 1", "cannot be replayed"},
		"a ticket's state": {"UPDATE tickets SET state = 'closed'", "state", ""},
		"a fact":           {"UPDATE ticket_facts SET satisfaction = 5", "", "satisfaction"},
	} {
		t.Run(name, func(t *testing.T) {
			d := database{config: testkit.SQLite(t)}
			tokens, _ := d.people(t)
			p := d.serve(t)
			id := p.file(t, tokens["own"])
			desk := testkit.Caller{URL: p.url, Token: tokens["desk"], HTTP: http.DefaultClient}
			raw, err := desk.Call(t.Context(), http.MethodPost, "/api/v1/tickets/"+id+"/accept", nil, "")
			if err != nil {
				t.Fatal(err)
			}
			p.stop(t)
			d.clean(t)
			d.exec(t, "DROP TRIGGER history_refuses_update", "DROP TRIGGER history_refuses_delete", tamper.sql)
			number, _ := decoded(t, raw).(map[string]any)["number"].(string)
			for command, says := range map[string]string{"verify": tamper.verify, "recount": tamper.recount} {
				code, out, complaints := d.run(t, command)
				want := exitWrong
				if says == "" {
					want = 0
				}
				if code != want || want != 0 && (!strings.Contains(out, says) || !strings.Contains(out, number) && !strings.Contains(out, id)) {
					t.Errorf("%s: exit %d, want %d with %q and the ticket's number: %s%s", command, code, want, says, out, complaints)
				}
			}
		})
	}
}

// exec changes the SQLite file behind the service's back.
func (d database) exec(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(d.config.Dir, store.SQLiteFile))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, statement := range statements {
		done, err := db.ExecContext(t.Context(), statement)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		if n, err := done.RowsAffected(); strings.HasPrefix(statement, "DROP") == (n > 0) || err != nil {
			t.Fatalf("%s: %d rows, %v", statement, n, err)
		}
	}
}
