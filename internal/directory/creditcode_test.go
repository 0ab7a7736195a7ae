package directory_test

import (
	"strings"
	"testing"

	"whistle/internal/directory"
)

func TestCreditCode(t *testing.T) {
	// Published codes of well-known companies.
	good := []string{"91320191MA1ML4CL25", "91440300708461136T", "91110000802100433B", "9144030071526726XG"}
	for _, code := range good {
		if !directory.ValidCreditCode(code) {
			t.Errorf("%s is refused", code)
		}
		for i := range code {
			// Any one wrong character shows.
			for _, other := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
				wrong := code[:i] + string(other) + code[i+1:]
				if wrong != code && directory.ValidCreditCode(wrong) {
					t.Errorf("%s is accepted for %s", wrong, code)
				}
			}
		}
		for _, wrong := range []string{strings.ToLower(code), code[:17], code + "0", strings.Replace(code, "1", "I", 1)} {
			if directory.ValidCreditCode(wrong) {
				t.Errorf("%s is accepted", wrong)
			}
		}
	}
	if directory.ValidCreditCode("") {
		t.Error("nothing is accepted")
	}
}
