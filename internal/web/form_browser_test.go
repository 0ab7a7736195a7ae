package web_test

import (
	"os"
	"path/filepath"
	"testing"

	"whistle/internal/testkit"
)

// TestFilesInThePagesWords: a field for files speaks the page's language, by
// script what is chosen too, can be reached by keys, and works without script.
func TestFilesInThePagesWords(t *testing.T) {
	o := quick(t)
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	english := testkit.Phone
	english.Language = "en"

	for name, c := range map[string]struct {
		screen            testkit.Screen
		label, none, many string
	}{
		"chinese": {testkit.Phone, "照片或文件", "还没选文件", "已选 2 个文件"},
		"english": {english, "Photos or files", "No file chosen yet", "2 files chosen"},
	} {
		t.Run(name, func(t *testing.T) {
			p := o.Visit(t, "own", c.screen).Open("/requests/new").See(c.none).NoHorizontalScroll().Axe()
			p.TabTo(c.label) // the field itself, with a ring on what stands for it
			var ring string
			if p.Eval(`getComputedStyle(document.querySelector(".file-choice > .btn")).outlineStyle`, &ring); ring != "solid" {
				t.Errorf("focused, the button's outline is %s", ring)
			}
			p.Upload(c.label, file("门口.txt", "a")).See("门口.txt").DontSee(c.none)
			p.Upload(c.label, file("a-name-as-long-as-no-line-of-a-phone-can-hold-it-without-breaking.txt", "b")).See(c.many)
			p.NoHorizontalScroll().Axe().Screenshot("form-files-" + name)
		})
	}
	t.Run("without script", func(t *testing.T) {
		plain := testkit.Phone
		plain.NoScript = true
		p := o.Visit(t, "own", plain).Open("/requests/new").See("选择照片或文件").DontSee("还没选文件").NoHorizontalScroll().Axe()
		p.Upload("照片或文件", file("门口.txt", "a")).Screenshot("form-files-plain")
		p.Choose("类别", "用工").Fill("标题", "缺工人").Fill("具体情况", "缺六十人，请帮忙").Submit("提交诉求").See("诉求已提交").Click("看这件诉求").See("门口.txt")
	})
	t.Run("one file", func(t *testing.T) {
		p := o.Visit(t, "admin", testkit.Tablet).Open("/admin/imports").See("选择文件", "还没选文件").Axe()
		p.Upload("文件", file("企业.csv", "a")).See("企业.csv").DontSee("还没选文件").NoHorizontalScroll().Axe().Screenshot("form-file")
	})
}
