package web_test

import (
	"net/http"
	"slices"
	"testing"
)

// The offices come to the subjects around the tickets from the bar, and find
// enterprises there; nobody else does.
func TestAroundTheTickets(t *testing.T) {
	offices(t, func(t *testing.T, s *office) {
		for _, who := range []string{"desk", "leader", "lead-officer", "lead-head"} {
			seen := s.SignInAs(t, who).Get("/enterprises?q=no-such").Want(http.StatusOK)
			if !slices.Contains(seen.Attrs(".shell-nav a[aria-current]", "href"), "/enterprises") {
				t.Errorf("%s: the bar does not say where they are: %v", who, seen.All(".shell-nav a"))
			}
			if rows := seen.All("tbody tr"); len(rows) > 0 {
				t.Errorf("%s finds %v by what nothing is called", who, rows)
			}
			all := s.SignInAs(t, who).Get("/enterprises")
			if len(all.All("tbody tr")) == 0 {
				t.Fatalf("%s finds no enterprise", who)
			}
			s.SignInAs(t, who).Get(all.Attrs("tbody tr a", "href")[0]).Want(http.StatusOK)
		}
		for _, who := range []string{"own", "admin", "guest"} {
			s.SignInAs(t, who).Get("/enterprises").Want(http.StatusNotFound)
		}
	})
}
