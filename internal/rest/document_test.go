package rest_test

import (
	"testing"

	"whistle/internal/testkit"
	"whistle/internal/testkit/golden"
)

//go:generate go test . -run TestGenerated -update

// TestGeneratedDocumentIsCurrent holds the committed contract against the
// code, so that a change of it shows in review.
func TestGeneratedDocumentIsCurrent(t *testing.T) {
	now, err := serve(t, testkit.MigratedSQLite(t)).API.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	golden.File(t, "../../api/openapi.yaml", string(now))
}
