package journey_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/xuri/excelize/v2"

	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// download fetches what a link of the page leads to, as the browser would.
func download(t *testing.T, p *testkit.Person, link string) *excelize.File {
	t.Helper()
	var content string
	p.Eval(fmt.Sprintf(`fetch(document.querySelector(%q).href).then((r) => r.ok ? r.arrayBuffer() : Promise.reject(r.status)).then((b) => {
		let s = ""; for (const c of new Uint8Array(b)) s += String.fromCharCode(c); return btoa(s);
	})`, link), &content)
	raw, err := base64.StdEncoding.DecodeString(content)
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	return book
}

// set writes cells of the first sheet.
func set(t *testing.T, book *excelize.File, cells map[string]string) {
	t.Helper()
	for cell, value := range cells {
		if err := book.SetCellStr(book.GetSheetName(0), cell, value); err != nil {
			t.Fatal(err)
		}
	}
}

func saved(t *testing.T, book *excelize.File, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	var content bytes.Buffer
	if err := book.Write(&content); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestImportFromTheTemplate goes the whole way of a list of enterprises: from the
// template over a preview with faults and the mended file to what is there in
// the end.
func TestImportFromTheTemplate(t *testing.T) {
	s := opened(t)
	if err := s.StartQueue(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.StopQueue(context.Background()); err != nil {
			t.Error(err)
		}
	})
	there := func() int {
		t.Helper()
		all, err := s.Service.Service.Enterprises().List(t.Context(), ticket.System, service.EntryFilter{Text: "导入企业"})
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}

	admin := s.Visit(t, "admin", testkit.Tablet).Open("/admin/imports").See("先预览，看清").NoHorizontalScroll().Axe()
	book := download(t, admin, `a[href="/admin/imports/template/enterprises"]`)
	set(t, book, map[string]string{"A2": "导入企业一", "C2": "0012", "D2": "合作社", "I2": "02785551234", "A3": "导入企业二", "B3": "12345", "D3": "工厂"})
	admin.Choose("导入什么", "企业").Upload("文件", saved(t, book, "企业名单.xlsx")).Submit("预览")
	admin.See("现在什么都还没有改", "不认识“工厂”", "前 2 行会这样理解", "合作社", "有 1 行有错").NoHorizontalScroll().Axe().Screenshot("import-1-faulty-1024")
	if n := there(); n != 0 {
		t.Fatalf("the preview imported %d", n)
	}

	marked := download(t, admin, `a[href$="/marked.xlsx"]`)
	comments, err := marked.GetComments(marked.GetSheetName(0))
	if err != nil || len(comments) != 2 || comments[0].Cell != "B3" && comments[1].Cell != "B3" {
		t.Fatalf("marked: %+v, %v", comments, err)
	}
	// Mended, with enough more for the bar to be seen.
	set(t, marked, map[string]string{"B3": "", "C3": "0013", "D3": "企业"})
	for row := 4; row <= 600; row++ {
		set(t, marked, map[string]string{"A" + strconv.Itoa(row): "导入企业 " + strconv.Itoa(row), "C" + strconv.Itoa(row): "9" + strconv.Itoa(row)})
	}
	admin.Click("重新上传").Choose("导入什么", "企业").Upload("文件", saved(t, marked, "企业名单（改好）.xlsx")).Submit("预览")
	admin.See("确认导入 599 行").DontSee("有错的").NoHorizontalScroll().Axe().Screenshot("import-2-preview-1024")
	preview := admin.Path()

	// Who leaves the page comes back to where it stands.
	admin.Submit("确认导入 599 行").See("看当时的预览")
	run := admin.Path()
	admin.Open("/admin").Open(run).See("完成", "要撤销", "看操作日志").NoHorizontalScroll().Axe().Screenshot("import-3-done-1024")
	if n := there(); n != 599 {
		t.Errorf("%d are there", n)
	}
	admin.Click("看操作日志").See("导入")
	admin.Open(preview).See("已经确认导入").DontSee("确认导入 599 行").Click("已经确认导入，看结果").See("要撤销")
	if admin.Path() != run {
		t.Errorf("the preview leads to %s, not %s", admin.Path(), run)
	}
}
