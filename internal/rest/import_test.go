package rest_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/testkit"
)

type enterpriseEntry = directory.Enterprise

var enterprisesFilter = service.EntryFilter{}

// uploadOf is a multipart form with one file and some fields.
func uploadOf(t *testing.T, fields map[string]string, name, content string) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for field, value := range fields {
		if err := w.WriteField(field, value); err != nil {
			t.Fatal(err)
		}
	}
	file, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = file.Write([]byte(content))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

func TestImportsOverHTTP(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		if err := s.StartQueue(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.StopQueue(context.Background()); err != nil {
				t.Error(err)
			}
		})
		hints, stop := s.Hints()
		defer stop()
		admin := s.As(t, "admin")
		const table = "编码,名称,类型\nb1,局一,\nb2,局二,衙门\n"
		send := func(who *testkit.Client, key string, fields map[string]string) *testkit.Answer {
			t.Helper()
			body, contentType := uploadOf(t, fields, "部门.csv", table)
			return who.With("Content-Type", contentType).With("Idempotency-Key", key).Post("/imports", body)
		}
		send(s.As(t, "desk"), "1", map[string]string{"kind": "departments"}).Want(http.StatusForbidden)
		if got := pointers(send(admin, "2", map[string]string{"kind": "people"}).Want(http.StatusUnprocessableEntity)); !slices.Equal(got, []string{"/kind"}) {
			t.Errorf("faults at %v", got)
		}
		if got := pointers(send(admin, "3", map[string]string{"kind": "departments", "dry_run": "maybe", "skip_bad": "x"}).Want(http.StatusUnprocessableEntity)); !slices.Equal(got, []string{"/dry_run", "/skip_bad"}) {
			t.Errorf("faults at %v", got)
		}
		started := send(admin, "4", map[string]string{"kind": "departments", "skip_bad": "true"}).Want(http.StatusCreated)
		id := started.Text("id")
		if started.Header.Get("Location") != "/api/v1/imports/"+id || started.Text("file_name") != "部门.csv" {
			t.Errorf("started %s at %s", started.Body, started.Header.Get("Location"))
		}
		if again := send(admin, "4", map[string]string{"kind": "departments", "skip_bad": "true"}).Want(http.StatusCreated).Text("id"); again != id {
			t.Error("the same form under the same key was taken twice")
		}
		send(admin, "4", map[string]string{"kind": "departments"}).Want(http.StatusUnprocessableEntity)

		var run map[string]any
		for patience := time.After(time.Minute); ; {
			if run = admin.Get("/imports/" + id).Want(http.StatusOK).Map(); run["ended_at"] != nil {
				break
			}
			select {
			case <-hints:
			case <-patience:
				t.Fatalf("the import stays %v", run)
			}
		}
		for field, want := range map[string]any{"state": "done", "applied": true, "rows": 2.0, "done": 2.0, "added": 1.0, "bad": 1.0, "faults": 1.0, "bad_rows": true, "skip_bad": true, "failure": ""} {
			if run[field] != want {
				t.Errorf("%s is %v, want %v", field, run[field], want)
			}
		}
		var faults struct {
			Items []struct {
				Row             int
				Column, Message string
			}
		}
		admin.Get("/imports/" + id + "/faults").Want(http.StatusOK).Into(&faults)
		if len(faults.Items) != 1 || faults.Items[0].Row != 3 || faults.Items[0].Column != "类型" || !strings.Contains(faults.Items[0].Message, "衙门") {
			t.Errorf("faults %+v", faults)
		}
		bad := admin.Get("/imports/" + id + "/bad-rows").Want(http.StatusOK)
		if !strings.Contains(string(bad.Body), "b2,局二,衙门") || strings.Contains(string(bad.Body), "b1") || !strings.HasPrefix(bad.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("bad rows %s", bad.Body)
		}
		admin.Do(http.MethodDelete, "/imports/"+id, nil).Want(http.StatusConflict)
		if list := string(admin.Get("/imports?state=done&kind=departments").Want(http.StatusOK).Body); strings.Count(list, id) != 1 {
			t.Errorf("listed %s", list)
		}
		for _, path := range []string{"", "/" + id, "/" + id + "/faults", "/" + id + "/bad-rows"} {
			s.As(t, "desk").Get("/imports" + path).Want(http.StatusForbidden)
		}

		for format, begins := range map[string]string{"csv": "\ufeff编码,名称,简称", "xlsx": "PK"} {
			template := s.As(t, "admin").Get("/import-templates/departments?format=" + format).Want(http.StatusOK)
			if !strings.HasPrefix(string(template.Body), begins) {
				t.Errorf("the template in %s begins %.40q", format, template.Body)
			}
		}
		admin.Get("/import-templates/people").Want(http.StatusUnprocessableEntity)
	})
}

// The stream tells administrators of imports, and nobody else.
func TestStreamOfImports(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		admin, desk := listens(t, s, "admin"), listens(t, s, "desk")
		body, contentType := uploadOf(t, map[string]string{"kind": "departments"}, "x.csv", "编码,名称\n")
		id := s.As(t, "admin").With("Content-Type", contentType).Post("/imports", body).Want(http.StatusCreated).Text("id")
		if h, err := next(t, admin); err != nil || h.event != "import" || h.ImportID != id {
			t.Errorf("the admin hears %+v, %v", h, err)
		}
		// The desk hears the next thing that it may.
		ticket := s.As(t, "own").Post("/tickets", filed).Want(http.StatusCreated).Text("id")
		hears(t, desk, ticket, 1)
	})
}
