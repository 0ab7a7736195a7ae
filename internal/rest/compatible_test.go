package rest_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"

	"whistle/internal/testkit"
)

// release makes the contract of now the one that clients rely on. With a release
// of the service: go test ./internal/rest -run TestContractBreaksNobody -release
var release = flag.Bool("release", false, "write the contract as the released one")

const releasedContract = "testdata/released.yaml.gz"

// TestContractBreaksNobody holds the contract against the one released last: what
// breaks a client that was made from that asks for a new major version.
func TestContractBreaksNobody(t *testing.T) {
	raw, err := serve(t, testkit.MigratedSQLite(t)).API.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *release {
		writeReleased(t, raw)
	}
	released := readReleased(t)
	now := contract(t, raw)
	if major(t, now) > major(t, released) {
		return
	}
	for _, fault := range breaks(t, released, now) {
		t.Errorf("%s: give it back, or raise the major version of rest.ContractVersion", fault)
	}

	// What breaks is found.
	for name, change := range map[string]func(doc *openapi3.T){
		"an operation is gone": func(doc *openapi3.T) { doc.Paths.Delete("/api/v1/tickets/{id}/claim") },
		"an answer's field is gone": func(doc *openapi3.T) {
			delete(doc.Components.Schemas["Ticket"].Value.Properties, "number")
		},
		"an input asks for more": func(doc *openapi3.T) {
			confirm := doc.Paths.Find("/api/v1/tickets/{id}/confirm").Post.RequestBody.Value.Content["application/json"].Schema
			confirm.Value.Required = append(confirm.Value.Required, "text")
		},
		"an input takes less": func(doc *openapi3.T) {
			doc.Paths.Find("/api/v1/tickets").Post.RequestBody.Value.Content["application/json"].Schema.Value.Properties["title"].Value.MaxLength = new(uint64(3))
		},
	} {
		t.Run(name, func(t *testing.T) {
			changed := contract(t, raw)
			change(changed)
			if len(breaks(t, released, changed)) == 0 {
				t.Error("it was let through")
			}
		})
	}
}

func contract(t *testing.T, raw []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func breaks(t *testing.T, before, after *openapi3.T) (faults []string) {
	t.Helper()
	difference, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), &load.SpecInfo{Url: "released", Spec: before}, &load.SpecInfo{Url: "now", Spec: after})
	if err != nil {
		t.Fatal(err)
	}
	words := checker.NewDefaultLocalizer()
	for _, change := range checker.CheckBackwardCompatibility(checker.NewConfig(checker.GetAllChecks()), difference, sources) {
		if change.GetLevel() == checker.ERR {
			faults = append(faults, change.GetOperation()+" "+change.GetPath()+": "+change.GetUncolorizedText(words))
		}
	}
	return faults
}

func major(t *testing.T, doc *openapi3.T) int {
	t.Helper()
	first, _, _ := strings.Cut(doc.Info.Version, ".")
	n, err := strconv.Atoi(first)
	if err != nil {
		t.Fatalf("the version %q of the contract has no number first", doc.Info.Version)
	}
	return n
}

func writeReleased(t *testing.T, raw []byte) {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(releasedContract, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readReleased(t *testing.T) *openapi3.T {
	t.Helper()
	packed, err := os.ReadFile(releasedContract)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return contract(t, raw)
}
