package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestPolicyShowsItsFiles: the desk adds the document in the form, and an
// enterprise reads it on the policy's page, which says that it ends soon.
func TestPolicyShowsItsFiles(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		desk := o.SignInAs(t, "desk")
		form := desk.Get("/support/policies/new").Want(http.StatusOK).Form("main form")
		for name, value := range map[string]string{"code": "P1", "name": "贷款贴息", "department_id": o.Departments["labour"], "gives": "贴息", "words": "贷款，周转", "valid_to": "2023-10-20", "orderable": "true"} {
			form.Set(name, value)
		}
		made := desk.PostFiles("/support/policies/new", form, map[string][]byte{"办法.txt": []byte("第一条")}).Want(http.StatusOK)
		path, _, _ := strings.Cut(made.Path, "?")
		for who, words := range map[string]bool{"desk": true, "own": false} {
			seen := o.SignInAs(t, who).Get(path).Want(http.StatusOK)
			if files := seen.All("main .attachments a"); len(files) != 1 || files[0] != "办法.txt" {
				t.Errorf("%s is shown the files %v", who, files)
			}
			file := o.SignInAs(t, who).Get(seen.Attrs("main .attachments a", "href")[0]).Want(http.StatusOK)
			if kind := file.Header.Get("Content-Disposition"); !strings.HasPrefix(kind, "attachment") {
				t.Errorf("it is handed out as %q", kind)
			}
			if got := strings.Contains(seen.Words("main"), "周转"); got != words || !strings.Contains(seen.Words("main"), "30 天内到期") {
				t.Errorf("%s reads %s", who, seen.Words("main"))
			}
		}
		if own := o.SignInAs(t, "own").Get("/support").Words("main"); strings.Count(own, "30 天内到期") != 2 {
			t.Errorf("among what is proposed and what may be ordered: %s", own)
		}
	})
}
