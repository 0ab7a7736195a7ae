package rest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"whistle/internal/testkit"
)

// TestStrangersClient: the document passes a linter, and a client made from it
// alone, in another language, compiles and goes through the whole loop.
func TestStrangersClient(t *testing.T) {
	const folder = "../../api/typescript"
	for _, script := range []string{"lint", "generate", "compile"} {
		testkit.NPM(t, folder, script)
	}
	servers(t, func(t *testing.T, s *testkit.Server) {
		tokens := map[string]string{}
		for part, who := range map[string]string{"enterprise": "own", "desk": "desk", "officer": "lead-officer", "head": "lead-head", "summoned": "fire-officer", "leader": "leader"} {
			tokens[part] = s.Token(t, who)
		}
		people, err := json.Marshal(tokens)
		if err != nil {
			t.Fatal(err)
		}
		out := testkit.NPM(t, folder, "loop", "WHISTLE_URL="+s.URL, "WHISTLE_TOKENS="+string(people))
		var seen struct {
			Ticket         string
			ResolutionRate struct{ Numerator, Denominator int } `json:"resolution_rate"`
		}
		if err := json.Unmarshal([]byte(out), &seen); err != nil || seen.Ticket != "2023-000001" || seen.ResolutionRate.Numerator != 1 || seen.ResolutionRate.Denominator != 1 {
			t.Errorf("the client saw %s, %v", out, err)
		}
	})
}

// TestExamplesWork runs the examples that stand beside the document, by curl.
func TestExamplesWork(t *testing.T) {
	const script = "../../api/examples/loop.sh"
	if _, err := exec.LookPath("curl"); err != nil {
		testkit.Lacks(t, "curl", err)
	}
	servers(t, func(t *testing.T, s *testkit.Server) {
		cmd := exec.CommandContext(t.Context(), "sh", script)
		cmd.Env = append(os.Environ(), "URL="+s.URL)
		for part, who := range map[string]string{"ENTERPRISE": "own", "DESK": "desk", "OFFICER": "lead-officer", "HEAD": "lead-head", "FIRE_OFFICER": "fire-officer", "LEADER": "leader"} {
			cmd.Env = append(cmd.Env, part+"="+s.Token(t, who))
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		want := "closed submit accept dispatch claim whistle report_in conclude finish_task resolve confirm"
		if got := strings.Join(strings.Fields(string(out)), " "); !strings.HasPrefix(got, want+` "resolution_rate":{"numerator":1,"denominator":1,`) {
			t.Errorf("it printed %s", got)
		}
	})

	lines, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := filepath.Glob("../../api/examples/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range bodies {
		if name := strings.TrimSuffix(filepath.Base(body), ".json"); !strings.Contains(string(lines), " "+name+" ") {
			t.Errorf("the example %s is not sent", name)
		}
	}
}
