package rest_test

import (
	"encoding/json"
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
