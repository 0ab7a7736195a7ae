package rest_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"whistle/internal/testkit"
)

var update = flag.Bool("update", false, "write api/openapi.yaml anew")

const document = "../../api/openapi.yaml"

// TestDocumentIsCurrent holds the committed contract to the code.
func TestDocumentIsCurrent(t *testing.T) {
	now, err := serve(t, testkit.SQLite(t)).API.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(document, now, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, now) {
		t.Errorf("%s is not what the code says; make it anew with: go test ./internal/rest -run TestDocumentIsCurrent -update", filepath.Base(document))
	}
}
