package main

import (
	"strings"
	"testing"
)

func TestUser(t *testing.T) {
	dir := t.TempDir()
	expect := func(want int, says string, args ...string) string {
		t.Helper()
		code, out, complaints := whistle(t, dir, append([]string{"user"}, args...)...)
		if code != want || !strings.Contains(out+complaints, says) {
			t.Errorf("user %v: exit %d, want %d with %q: %s%s", args, code, want, says, out, complaints)
		}
		return out
	}
	invited := expect(0, "/invite/wsl_", "create", "--username", "zhang.wei", "--name", "张伟", "--role", "admin")
	if !strings.Contains(invited, "/api/v1/links/use") {
		t.Errorf("no word of the API: %s", invited)
	}
	expect(exitUsage, "/username: is taken", "create", "--username", "zhang.wei", "--name", "张伟", "--role", "admin")
	expect(exitUsage, "/role: must be one of", "create", "--username", "li.na", "--name", "李娜", "--role", "king")
	expect(exitUsage, "/department_id: is required", "create", "--username", "li.na", "--name", "李娜", "--role", "officer")
	expect(exitUsage, "no department with this code", "create", "--username", "li.na", "--name", "李娜", "--role", "officer", "--department", "D9")
	expect(exitUsage, "none with this credit code or name", "create", "--username", "li.na", "--name", "李娜", "--role", "enterprise", "--enterprise", "无")
	expect(exitUsage, "unknown flag", "create", "--password", "given in plain")
	expect(0, "/invite/wsl_", "create", "--username", "li.na", "--name", "李娜", "--role", "dispatcher")

	if again := expect(0, "/invite/wsl_", "reset-link", "zhang.wei"); again == invited {
		t.Error("the same link again")
	}
	expect(exitUsage, "no such account", "reset-link", "nobody")
	expect(exitUsage, "accepts 1 arg", "reset-link")
	expect(exitWrong, "no admin could sign in", "retire", "zhang.wei")
	expect(0, "li.na is retired", "retire", "li.na")
	if list := expect(0, "without a password", "list"); !strings.Contains(list, "zhang.wei") || strings.Contains(list, "li.na") {
		t.Errorf("listed:\n%s", list)
	}
	if list := expect(0, "retired", "list", "--all", "--role", "dispatcher"); !strings.Contains(list, "li.na") || strings.Contains(list, "zhang.wei") {
		t.Errorf("listed:\n%s", list)
	}
}
