package main

import (
	"strings"
	"testing"
)

func TestBulletin(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		want int
		says string
		args []string
	}{
		{exitUsage, "--kind must be weekly or monthly\n--day must be a day", []string{"--kind", "daily", "--day", "soon"}},
		{exitUsage, "must not be in a period that has not begun", []string{"--day", "2199-01-01"}},
		{exitUsage, "not published yet", []string{"--day", "2023-09-27", "--kind", "monthly"}},
	} {
		code, out, complaints := whistle(t, dir, append([]string{"bulletin"}, c.args...)...)
		if code != c.want || !strings.Contains(out+complaints, c.says) {
			t.Errorf("bulletin %v: exit %d, want %d with %q: %s%s", c.args, code, c.want, c.says, out, complaints)
		}
	}
}
