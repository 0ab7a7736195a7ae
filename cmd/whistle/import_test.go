package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// whistle runs a command over a data directory as main does.
func whistle(t *testing.T, dir string, args ...string) (code int, out, complaints string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := newRoot()
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	root.SetArgs(append(args, "--data-dir", dir))
	err := root.ExecuteContext(t.Context())
	var usage usageError
	switch {
	case errors.As(err, &usage):
		code = exitUsage
	case err != nil:
		code = exitWrong
	}
	if err != nil && !errors.Is(err, errWrong) {
		stderr.WriteString(err.Error())
	}
	return code, stdout.String(), stderr.String()
}

func TestImportAndExport(t *testing.T) {
	dir, files := t.TempDir(), t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(files, name)
		if text != "" {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	content := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	missing := func(path string) {
		t.Helper()
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there", filepath.Base(path))
		}
	}
	expect := func(want int, says string, args ...string) (out string) {
		t.Helper()
		code, out, complaints := whistle(t, dir, args...)
		if code != want || !strings.Contains(out+complaints, says) {
			t.Fatalf("%q: exit %d with %q, not %d with %q", args, code, out+complaints, want, says)
		}
		return out
	}

	enterprises := file("enterprises.csv", "企业名称,外部编号\n甲公司,E-1\n")
	users := file("users.csv", "用户名,姓名,角色,企业\njia,王五,企业用户,E-1\n")
	good := file("good.csv", "留言编号,企业,标题,诉求内容,提交时间,答复时间,答复意见\nN-1,E-1,题,内容,2023-07-03 09:00,2023-07-05 09:00,已办\n")
	bad := file("bad.csv", "留言编号,企业,标题,诉求内容,提交时间\nN-2,E-1,题,内容,昨天\nN-3,E-1,题,内容,2023/7/3\n")
	header := file("header.csv", "留言编号,天气\n1,晴\n")
	mend, links := file("mend.csv", ""), file("links.csv", "")

	expect(0, "1 rows: 1 added", "import", "enterprises", enterprises)
	expect(0, "Nothing was done: this was a dry run", "import", "users", users, "--dry-run", "--links", links)
	missing(links)
	expect(0, "1 rows: 1 added", "import", "users", users, "--links", links)
	if text := content(links); !strings.Contains(text, "jia,王五,") {
		t.Error("the links do not name the account")
	}

	expect(0, "Made besides: 1 × department, 1 × policy", "import", "tickets", good, "--department", "信访局", "--resolve", "15d")
	expect(1, "row 2, “提交时间”", "import", "tickets", bad)
	expect(1, "unknown column “天气”", "import", "tickets", header)
	expect(1, "2 rows: 1 added, 0 changed, 0 there already, 1 bad", "import", "tickets", bad, "--skip-bad", mend)
	if text := content(mend); !strings.Contains(text, "N-2") || strings.Contains(text, "N-3") {
		t.Error("the file to mend has not the bad row alone")
	}
	expect(2, "is there already", "import", "tickets", bad, "--skip-bad", mend)
	if err := os.WriteFile(mend, []byte(strings.Replace(content(mend), "昨天", "2023-07-02", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(0, "1 rows: 1 added", "import", "tickets", mend, "--skip-bad", file("again.csv", ""))
	missing(file("again.csv", ""))

	for _, wrong := range [][]string{
		{"import", "tickets"},
		{"import", "weather", good},
		{"import", "tickets", file("none.csv", "")},
		{"import", "tickets", good, "--resolve", "soon"},
		{"import", "tickets", good, "--category", "weather"},
		{"import", "users", users, "--resolve", "15d"},
		{"export", "tickets", "--format", "pdf"},
		{"export", "tickets", "--state", "asleep"},
		{"export", "tickets", "--from", "1.7.2023"},
		{"export", "tickets", "--from", "2023-07-02", "--to", "2023-07-01"},
		{"export", "tickets", "--department", "没有的"},
		{"export", "history", "--format", "jsonl", "--state", "closed"},
		{"export", "figures", "--by", "weather"},
		{"export", "tickets", "--out", filepath.Join(files, "no", "where.csv")},
		{"export", "tickets", "--language", "fr"},
		{"export", "assignments", "--kind", "friend"},
		{"export", "snapshots", "--kind", "hourly"},
		{"export", "members"},
		{"export", "members", "none", "--part", "half"},
	} {
		expect(2, "", wrong...)
	}

	out := expect(0, "", "export", "tickets", "--format", "jsonl", "--department", "信访局")
	var row struct{ Number, State, Result string }
	if err := json.Unmarshal([]byte(out), &row); err != nil || row.State != "verifying" || row.Result != "已办" {
		t.Errorf("%+v, %v", row, err)
	}
	table := file("tickets.csv", "")
	expect(0, "3 rows written", "export", "tickets", "--out", table)
	if lines := strings.Count(content(table), "\n"); lines != 4 {
		t.Errorf("%d lines", lines)
	}
	whole := file("history.jsonl", "")
	expect(0, "", "export", "history", "--format", "jsonl", "--out", whole)
	if !strings.Contains(content(whole), `"whistle_history"`) {
		t.Error("the history has no header")
	}
	if out := expect(0, "", "export", "figures", "--from", "2023-01-01", "--to", "2023-12-31", "--format", "jsonl"); !strings.Contains(out, `"tickets":3`) {
		t.Errorf("figures: %s", out)
	}
	for list, begins := range map[string]string{
		"departments": "编码,名称,简称", "enterprises": "企业名称,统一社会信用代码", "projects": "编码,名称,企业", "duties": "类别,部门,依据",
		"categories": "编码,名称,顺序", "places": "编码,名称,上级", "chains": "编码,名称", "reasons": "用于,编码,名称", "users": "用户名,姓名,角色",
		"assignments": "类型,人员,对象", "audit": "时间,操作人,操作", "snapshots": "周期,开始日期,结束日期",
	} {
		if out := expect(0, "", "export", list); !strings.HasPrefix(out, "\ufeff"+begins) {
			t.Errorf("%s: %s", list, out)
		}
	}
	if out := expect(0, "", "export", "categories", "--text", "用工", "--language", "en"); !strings.HasPrefix(out, "\ufeffCode,Name,Position") || !strings.Contains(out, "\nlabour,用工,10,") || strings.Contains(out, "土地") {
		t.Errorf("%s", out)
	}
	expect(1, "", "export", "members", "none")
	left, err := filepath.Glob(filepath.Join(files, ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("%d files left over, %v", len(left), err)
	}
}
