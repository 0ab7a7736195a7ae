package rest_test

import (
	_ "embed"
	"net/http"
	"strings"
	"testing"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

//go:embed testdata/identity_matrix.txt
var identityMatrix string

// TestIdentityMatrix tries every operation on sign-ins by providers as everybody.
func TestIdentityMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		fill := strings.NewReplacer("{own}", s.Users["own"].ID, "{officer}", s.Users["lead-officer"].ID)
		tryOperations(t, s, identityMatrix, fill, nil)
	})
}

// TestIdentitiesByAPI: the providers are told to whoever asks; an account's link
// is read, its owner keeps the last way in, an admin takes it away with the
// sessions that came by it.
func TestIdentitiesByAPI(t *testing.T) {
	d := testkit.NewDistrict(t, testkit.NewService(t, testkit.MigratedSQLite(t), "2023-09-27 10:00"))
	p := testkit.NewProvider(t, "city", d.Clock.Now)
	s := testkit.NewServerFor(t, d, p.Settings())
	s.Check = holdToDocument(s.API.Document())
	var providers struct {
		Items []struct{ Key, Name, URL string }
	}
	s.As(t, "").Get("/sign-in/providers").Want(http.StatusOK).Into(&providers)
	if len(providers.Items) != 1 || providers.Items[0].Key != "city" || providers.Items[0].Name != "市统一身份认证" || providers.Items[0].URL != s.URL+"/signin/with/city" {
		t.Fatalf("providers %+v", providers)
	}

	link, err := s.MakeLink(t.Context(), ticket.System, s.Users["desk"].ID, directory.InvitationLink)
	if err != nil {
		t.Fatal(err)
	}
	p.Is(testkit.ProviderUser{Subject: "0001", Says: map[string]any{"name": "王芳"}})
	browser := s.SignInAs(t, "")
	browser.Follow(browser.Post(service.LinkURL("", link)+"/with/city", nil)).Want(http.StatusOK)

	mine := s.As(t, "desk")
	var linked struct {
		Items []struct {
			ID, Provider, Subject, Name string
			Mapped                      bool
		}
	}
	mine.Get("/me/identities").Want(http.StatusOK).Into(&linked)
	if len(linked.Items) != 1 || linked.Items[0].Provider != "city" || linked.Items[0].Subject != "0001" || linked.Items[0].Name != "王芳" || linked.Items[0].Mapped {
		t.Fatalf("linked by %+v", linked)
	}
	mine.Do(http.MethodDelete, "/me/identities/"+linked.Items[0].ID, nil).Want(http.StatusConflict)
	path := "/users/" + s.Users["desk"].ID + "/identities/"
	s.As(t, "admin").Do(http.MethodDelete, path+linked.Items[0].ID, nil).Want(http.StatusNoContent)
	s.As(t, "admin").Do(http.MethodDelete, path+linked.Items[0].ID, nil).Want(http.StatusNotFound)
	if at := browser.Get("/account").Path; !strings.HasPrefix(at, "/signin") {
		t.Errorf("the session goes on at %s", at)
	}
}
