package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// NPM runs a script of the npm package in a folder, with further environment
// variables such as NAME=value, and returns what it prints. Where the package's
// dependencies are not installed the test is skipped, or fails when CI=true.
func NPM(tb testing.TB, folder, script string, env ...string) string {
	tb.Helper()
	npm, err := exec.LookPath("npm")
	if err == nil {
		_, err = os.Stat(filepath.Join(folder, "node_modules"))
	}
	if err != nil {
		const missing = "needs Node.js and the npm packages that `make test` installs"
		if os.Getenv("CI") == "true" {
			tb.Fatalf("%s: %v", missing, err)
		}
		tb.Skipf("%s: %v", missing, err)
	}
	cmd := exec.CommandContext(tb.Context(), npm, "run", "--silent", script)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("npm run %s: %v\n%s", script, err, out)
	}
	return string(out)
}
