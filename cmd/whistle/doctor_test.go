package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
)

// examined is what doctor found, by part.
type examined map[string]service.Finding

// doctor runs whistle doctor with further settings.
func (d database) doctor(t *testing.T, code int, settings ...string) examined {
	t.Helper()
	cmd := d.command(t, "doctor", "--format", "json")
	cmd.Env = append(cmd.Env, settings...)
	out, _ := cmd.Output() // the exit code tells
	var told struct {
		OK       bool
		Findings []service.Finding
	}
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := cmd.ProcessState.ExitCode(); got != code || told.OK != (code == 0) {
		t.Errorf("doctor: exit %d, want %d: %s", got, code, out)
	}
	found := examined{}
	for _, f := range told.Findings {
		found[f.Part] = f
		if (f.Health == service.Well || f.Health == service.Unknown) != (f.Todo == "") {
			t.Errorf("%s is %s, and to be done is %q", f.Part, f.Health, f.Todo)
		}
	}
	if len(found) != 11 {
		t.Errorf("%d parts were looked at", len(found))
	}
	return found
}

// is holds a finding against what was expected.
func (e examined) is(t *testing.T, part string, health service.Health, says string) {
	t.Helper()
	if f := e[part]; f.Health != health || !strings.Contains(f.Found, says) {
		t.Errorf("%s is %s: %s; want %s with %q", part, f.Health, f.Found, health, says)
	}
}

// TestDoctorWhileTheServiceRuns finds nothing wrong, and changes nothing.
func TestDoctorWhileTheServiceRuns(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		tokens, _ := d.people(t)
		p := d.serve(t)
		p.file(t, tokens["own"])
		server := testkit.NewMailServer(t)
		found := d.doctor(t, 0, "WHISTLE_MAIL_HOST="+server.Host, "WHISTLE_MAIL_PORT="+strconv.Itoa(server.Port), "WHISTLE_MAIL_TLS=none", "WHISTLE_MAIL_FROM=whistle@example.com",
			"WHISTLE_OIDC_FILE="+testkit.ProviderFile(t, testkit.NewProvider(t, "city", time.Now).Settings()))
		found.is(t, "database", service.Well, "can be written")
		found.is(t, "migrations", service.Well, "all are applied")
		found.is(t, "clock", service.Well, "clock")
		found.is(t, "queue", service.Well, "0 have failed")
		found.is(t, "history", service.Well, "all 1 tickets")
		found.is(t, "drift", service.Concern, "not counted again yet")
		found.is(t, "mail", service.Well, "answers")
		found.is(t, "sign-in", service.Well, "answer: city")
		found.is(t, "storage", service.Well, "read and removed")
		if server.Waiting() != 0 {
			t.Error("doctor has sent mail")
		}
		if code, out, complaints := d.run(t, "doctor"); code != 0 || !strings.Contains(out, "To know now: whistle recount") {
			t.Errorf("as text: exit %d: %s%s", code, out, complaints)
		}
		p.stop(t)
		d.clean(t)
	})
}

// TestDoctorWithoutTheDatabase goes on with the rest, and makes nothing.
func TestDoctorWithoutTheDatabase(t *testing.T) {
	address := testkit.FreeAddress(t)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "files"), 0o750); err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(address)
	up, down := testkit.NewProvider(t, "city", time.Now).Settings(), testkit.NewProvider(t, "county", time.Now)
	down.Down(true)
	found := database{config: store.Config{URL: "postgres://whistle:geheim@" + address + "/whistle"}, files: dir}.doctor(t, exitWrong,
		"WHISTLE_MAIL_HOST="+host, "WHISTLE_MAIL_PORT="+port, "WHISTLE_MAIL_FROM=whistle@example.com", "WHISTLE_OIDC_FILE="+testkit.ProviderFile(t, up, down.Settings()))
	found.is(t, "database", service.Wrong, "does not open")
	found.is(t, "sign-in", service.Wrong, "1 answer, 1 do not: county")
	found.is(t, "history", service.Unknown, "not looked at")
	found.is(t, "mail", service.Wrong, "does not take us")
	found.is(t, "storage", service.Well, "read and removed")
	if strings.Contains(found["database"].Found, "geheim") {
		t.Errorf("the password is told: %s", found["database"].Found)
	}

	missing := filepath.Join(dir, "missing")
	found = database{config: store.Config{Dir: missing}}.doctor(t, exitWrong)
	found.is(t, "database", service.Wrong, "there is no whistle.db")
	found.is(t, "storage", service.Wrong, "is not there")
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Errorf("doctor has made the folder: %v", err)
	}
}

// TestDoctorBeforeTheMigrations says what to run.
func TestDoctorBeforeTheMigrations(t *testing.T) {
	d := database{config: store.Config{URL: testkit.Postgres(t)}, files: t.TempDir()}
	found := d.doctor(t, exitWrong)
	found.is(t, "database", service.Well, "answers")
	found.is(t, "migrations", service.Wrong, "are not applied")
	found.is(t, "calendar", service.Unknown, "not looked at")
}

// TestRecountByHandQuietsDoctor: what a recount by hand finds counts like what
// the last night's did.
func TestRecountByHandQuietsDoctor(t *testing.T) {
	d := database{config: testkit.MigratedSQLite(t)}
	tokens, _ := d.people(t)
	p := d.serve(t)
	p.file(t, tokens["own"])
	p.stop(t)
	d.exec(t, "UPDATE ticket_facts SET category = 'land'")
	if code, out, _ := d.run(t, "recount"); code != exitWrong || !strings.Contains(out, "category") {
		t.Errorf("exit %d: %s", code, out)
	}
	d.doctor(t, exitWrong).is(t, "drift", service.Wrong, "1 differences")
	d.exec(t, "UPDATE ticket_facts SET category = 'labour'")
	if code, out, complaints := d.run(t, "recount"); code != 0 {
		t.Errorf("exit %d: %s%s", code, out, complaints)
	}
	d.doctor(t, 0).is(t, "drift", service.Well, "found no difference")
}

// TestDoctorFinds what somebody with the database in hand has spoilt.
func TestDoctorFinds(t *testing.T) {
	for name, c := range map[string]struct {
		statements []string
		part       string
		health     service.Health
		says       string
	}{
		"a byte changed":  {[]string{"DROP TRIGGER history_refuses_update", "UPDATE history SET canonical = replace(canonical, 'submit', 'accept')"}, "history", service.Wrong, "faults, the first: ticket"},
		"a newer program": {[]string{"INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)"}, "migrations", service.Wrong, "newer than this program"},
		"no calendar":     {[]string{"DELETE FROM calendar_days"}, "calendar", service.Concern, "no year is loaded"},
		"drift": {
			[]string{"INSERT INTO ticks (job, due_at, started_at, ended_at, error) VALUES ('recount', '2023-09-27 10:00:00+00:00', '2023-09-27 10:00:00+00:00', '2023-09-27 10:00:01+00:00', '3 differences')"},
			"drift", service.Wrong, "3 differences",
		},
		"a line from the future": {[]string{"DROP TRIGGER history_refuses_update", "UPDATE history SET recorded_at = '2999-09-27 10:00:00+00:00'"}, "clock", service.Wrong, "ahead of now"},
		"a queue that stands": {
			[]string{"UPDATE river_job SET state = 'available', finalized_at = NULL, scheduled_at = '2023-09-27 10:00:00'"},
			"queue", service.Wrong, "the oldest has waited",
		},
		"a job that failed": {[]string{"UPDATE river_job SET state = 'discarded', finalized_at = '2023-09-27 10:00:00'"}, "queue", service.Concern, "have failed"},
		"a robot that was stopped": {[]string{`INSERT INTO robots (user_id, department_id, vendor, url, secret, language, free_at, stopped_at, updated_by, updated_at)
			VALUES ('somebody', '', 'wecom', 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x', '', 'zh-CN', '2023-09-27 10:00:00', '2023-09-27 10:00:00', 'somebody', '2023-09-27 10:00:00')`}, "robots", service.Concern, "1 were stopped"},
	} {
		t.Run(name, func(t *testing.T) {
			d := database{config: testkit.MigratedSQLite(t)}
			tokens, _ := d.people(t)
			p := d.serve(t)
			p.file(t, tokens["own"])
			p.stop(t)
			if code, _, complaints := d.run(t, "verify"); code != 0 {
				t.Fatal(complaints)
			}
			d.exec(t, c.statements...)
			code := 0
			if c.health == service.Wrong || c.part == "calendar" { // deadlines in the history followed from it
				code = exitWrong
			}
			d.doctor(t, code).is(t, c.part, c.health, c.says)
		})
	}
}
