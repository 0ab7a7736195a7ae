package rest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// methodsOf are an address's operations by method.
func methodsOf(item *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
		http.MethodPatch: item.Patch, http.MethodDelete: item.Delete, http.MethodHead: item.Head,
		http.MethodOptions: item.Options, http.MethodTrace: item.Trace,
	}
	for method, op := range all {
		if op == nil {
			delete(all, method)
		}
	}
	return all
}

// addressed finds the document's address that a path is one of; "" for none.
// Where two fit, the one with fewer parameters is meant.
func addressed(doc *huma.OpenAPI, path string) string {
	asked := strings.Split(path, "/")
	best, fewest := "", len(asked)+1
	for address := range doc.Paths {
		parts := strings.Split(address, "/")
		if len(parts) != len(asked) {
			continue
		}
		parameters := 0
		for i, part := range parts {
			if strings.HasPrefix(part, "{") {
				parameters++
			} else if part != asked[i] {
				parameters = len(asked) + 1
				break
			}
		}
		if parameters < fewest {
			best, fewest = address, parameters
		}
	}
	return best
}

// holdToDocument says where an answer is none that the document promises.
// What the document knows nothing of must be a problem.
func holdToDocument(doc *huma.OpenAPI) func(method, path string, a *testkit.Answer) error {
	return func(method, path string, a *testkit.Answer) error {
		media, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
		if err != nil && len(a.Body) > 0 {
			return fmt.Errorf("content type: %w", err)
		}
		if a.Header.Get("X-Request-Id") == "" {
			return errors.New("it has no X-Request-Id")
		}
		if a.Status >= http.StatusBadRequest {
			if media != "application/problem+json" {
				return fmt.Errorf("an error is %s", media)
			}
			return fits(doc, &huma.Schema{Ref: "#/components/schemas/Problem"}, a.Body)
		}
		op := methodsOf(doc.Paths[addressed(doc, path)])[method]
		if op == nil {
			return errors.New("no operation of the document answers there")
		}
		promised := op.Responses[strconv.Itoa(a.Status)]
		if promised == nil {
			return errors.New("the document knows no such status here")
		}
		for name := range promised.Headers {
			if a.Header.Get(name) == "" {
				return fmt.Errorf("the header %s is missing", name)
			}
		}
		if len(promised.Content) == 0 {
			if len(a.Body) > 0 {
				return errors.New("the document knows of no body here")
			}
			return nil
		}
		content := promised.Content[media]
		if content == nil {
			return fmt.Errorf("the document does not know %s here", media)
		}
		if media != "application/json" {
			return nil
		}
		return fits(doc, content.Schema, a.Body)
	}
}

func fits(doc *huma.OpenAPI, schema *huma.Schema, body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	res := &huma.ValidateResult{}
	huma.Validate(doc.Components.Schemas, schema, huma.NewPathBuffer([]byte{}, 0), huma.ModeReadFromServer, v, res)
	return errors.Join(res.Errors...)
}

// TestEveryEventHasItsOperation holds the API to the workflow: an operation
// for every event that a person may cause, with that event's body, and no
// other.
func TestEveryEventHasItsOperation(t *testing.T) {
	doc := serve(t, testkit.MigratedSQLite(t)).API.Document()
	const events = "/api/v1/tickets/{id}/"
	found := map[string]*huma.Operation{}
	for address, item := range doc.Paths {
		if name, ok := strings.CutPrefix(address, events); ok && item.Post != nil {
			found[name] = item.Post
		}
	}
	for _, def := range ticket.Workflow() {
		name := strings.ReplaceAll(string(def.Event), "_", "-")
		op := found[name]
		delete(found, name)
		byPeople := slices.ContainsFunc(def.Rows, func(r ticket.Row) bool { return r.Who != ticket.Service })
		switch {
		case def.Event == ticket.EventSubmit:
			op = doc.Paths["/api/v1/tickets"].Post
		case !byPeople && op != nil:
			t.Errorf("%s is the service's own, yet it has an operation", def.Event)
			continue
		case !byPeople:
			continue
		}
		if op == nil {
			t.Errorf("%s has no operation", def.Event)
			continue
		}
		body := op.RequestBody.Content["application/json"].Schema
		if body.Ref == "" {
			t.Errorf("%s takes a body without a name", def.Event)
			continue
		}
		if got, want := doc.Components.Schemas.TypeFromRef(body.Ref), reflect.TypeOf(def.Input); got != want {
			t.Errorf("%s takes %s, want %s", def.Event, got, want)
		}
		if needed := len(doc.Components.Schemas.SchemaFromRef(body.Ref).Required) > 0; op.RequestBody.Required != needed {
			t.Errorf("%s: body required %t, want %t", def.Event, op.RequestBody.Required, needed)
		}
	}
	for name := range found {
		t.Errorf("%s%s is no event", events, name)
	}
}

// TestRoutesAreOperations compares the router with the document both ways.
func TestRoutesAreOperations(t *testing.T) {
	s := serve(t, testkit.MigratedSQLite(t))
	router, ok := s.Handler.(*echo.Echo)
	if !ok {
		t.Fatalf("the handler is a %T", s.Handler)
	}
	routes := map[string]bool{}
	for _, r := range router.Routes() {
		if !strings.HasPrefix(r.Path, "/api/") {
			continue
		}
		parts := strings.Split(r.Path, "/")
		for i, part := range parts {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				parts[i] = "{" + name + "}"
			}
		}
		routes[r.Method+" "+strings.Join(parts, "/")] = true
	}
	ids := map[string]string{}
	for address, item := range s.API.Document().Paths {
		for method, op := range methodsOf(item) {
			name := method + " " + address
			if !routes[name] {
				t.Errorf("%s is in the document, not on the router", name)
			}
			delete(routes, name)
			if other, taken := ids[op.OperationID]; taken || op.OperationID == "" {
				t.Errorf("%s has the id %q of %s", name, op.OperationID, other)
			}
			ids[op.OperationID] = name
		}
	}
	for name := range routes {
		t.Errorf("%s is on the router, not in the document", name)
	}
}

// TestConventions holds every operation to what is promised of all.
func TestConventions(t *testing.T) {
	doc := serve(t, testkit.MigratedSQLite(t)).API.Document()
	open := []string{"POST /api/v1/sessions"}
	for address, item := range doc.Paths {
		for method, op := range methodsOf(item) {
			name := method + " " + address
			if !strings.HasPrefix(address, "/api/v1/") {
				t.Errorf("%s is not below /api/v1", name)
			}
			if op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s needs a summary and one tag", name)
			}
			if slices.Contains(open, name) && len(op.Security) > 0 {
				t.Errorf("%s asks for a token", name)
			}
			keyed := slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == "Idempotency-Key" })
			if method != http.MethodPost && keyed {
				t.Errorf("%s takes an Idempotency-Key", name)
			}
		}
	}
	for name, schema := range doc.Components.Schemas.Map() {
		for property := range schema.Properties {
			if property != strings.ToLower(property) || strings.Contains(property, "-") {
				t.Errorf("%s.%s is not in snake case", name, property)
			}
		}
	}
}
