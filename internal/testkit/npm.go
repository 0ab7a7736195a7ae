package testkit

import (
	"fmt"
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
		Lacks(tb, "Node.js and the npm packages of "+folder, err)
	}
	cmd := exec.CommandContext(tb.Context(), npm, "run", "--silent", script) //nolint:gosec // the tests' own scripts
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("npm run %s: %v\n%s", script, err, out)
	}
	return string(out)
}

// Lacks skips a test that needs what is not there, or fails it when CI=true.
func Lacks(tb testing.TB, what string, err error) {
	tb.Helper()
	lacks(tb, fmt.Errorf("needs %s, which `make test` installs: %w", what, err))
}

func lacks(tb testing.TB, missing error) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf("testkit: %v", missing)
	}
	tb.Skip(missing.Error())
}
