// Package rest is the HTTP API: one function with its input and output an
// operation, from which the OpenAPI document is made too.
package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"whistle/internal/auth"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

// API serves the operations over a service.
type API struct {
	huma huma.API
	svc  *service.Service
	log  *slog.Logger
	opts Options
}

// Options are what the API shows of its surroundings.
type Options struct {
	Version   string // of the program
	PublicURL string // under which people reach the service, without a slash at the end; for links
	Providers *auth.Providers
}

const prefix = "/api/v1"

// ContractVersion is the version of the API, not of the program: it changes
// when the contract does.
const ContractVersion = "1.0.0"

// security is what an operation needs unless it is open to all.
var security = []map[string][]string{{"bearer": {}}}

// Register puts every operation on the router.
func Register(e *echo.Echo, svc *service.Service, log *slog.Logger, opts Options) *API {
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false // a list without items is [], never null
	a := &API{svc: svc, log: log, opts: opts}
	huma.NewErrorWithContext = newProblem
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return newProblem(nil, status, msg, errs...)
	}
	e.Use(patient)
	a.huma = humaecho.New(e, configure())
	a.huma.UseMiddleware(a.authenticate, a.readable)
	a.tickets()
	a.events()
	a.figures()
	a.snapshots()
	a.stream()
	a.people()
	a.persons()
	a.invitations()
	a.directory()
	a.alliances()
	a.visits()
	a.support()
	a.milestones()
	a.charges()
	a.stations()
	a.experts()
	a.calendar()
	a.policies()
	a.attachments()
	a.imports()
	a.audit()
	a.notices()
	a.webhooks()
	a.channels()
	a.exports()
	a.search()
	sayNull(a.huma.OpenAPI().Components.Schemas)
	return a
}

func configure() huma.Config {
	cfg := huma.DefaultConfig("whistle 企业吹哨、部门报到", ContractVersion)
	cfg.Info.Description = "Enterprises file problems, departments report in and solve them, the enterprise says whether it was solved, and honest figures follow."
	cfg.Servers = []*huma.Server{{URL: "/", Description: "The service that gives this document"}}
	cfg.OpenAPIPath = "/openapi"
	cfg.DocsPath = ""    // huma's page loads from elsewhere; the server has its own
	cfg.SchemasPath = "" // and no $schema in bodies:
	cfg.CreateHooks = nil
	cfg.Transformers = nil
	cfg.RejectUnknownQueryParameters = true
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "A session's token from POST /api/v1/sessions, or an API token from POST /api/v1/tokens."},
	}
	strict := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshalStrict}
	cfg.Formats = map[string]huma.Format{"application/json": strict, "json": strict}
	return cfg
}

var (
	errNotUTF8   = errors.New("must be valid UTF-8, without lone surrogates")
	errZero      = errors.New("must not contain the character U+0000")
	errNotJSON   = errors.New("is not well-formed JSON")
	errWrongForm = errors.New("holds a value that is not of its field's form")
)

// unmarshalStrict refuses what encoding/json would repair silently, and what
// PostgreSQL cannot keep. Its errors never repeat what was sent.
func unmarshalStrict(data []byte, v any) error {
	if err := checkText(data); err != nil {
		return err
	}
	err := huma.DefaultJSONFormat.Unmarshal(data, v)
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errNotJSON
	}
	return errWrongForm
}

// checkText finds bytes that are no UTF-8 and escapes that name no character:
// halves of surrogate pairs, and U+0000.
func checkText(data []byte) error {
	if !utf8.Valid(data) {
		return errNotUTF8
	}
	var high bool // the half before waits for its other
	for i := 0; i < len(data); {
		unit, length := escapeAt(data[i:])
		low := utf16.IsSurrogate(unit) && unit >= 0xDC00
		switch {
		case high != low:
			return errNotUTF8
		case length > 0 && unit == 0:
			return errZero
		}
		high = utf16.IsSurrogate(unit) && !low
		i += max(length, 1)
	}
	return nil
}

// escapeAt reads a \u escape that the text begins with: its UTF-16 unit, and
// its length. Another escape is -1 and as long as it is.
func escapeAt(text []byte) (unit rune, length int) {
	if len(text) < 2 || text[0] != '\\' {
		return -1, 0
	}
	const long = len(`\u0000`)
	if text[1] != 'u' || len(text) < long {
		return -1, 2
	}
	n, err := strconv.ParseUint(string(text[2:long]), 16, 16)
	if err != nil {
		return -1, 2
	}
	return rune(n), long
}

// OpenAPI is the document of every operation, as YAML.
func (a *API) OpenAPI() ([]byte, error) { return a.huma.OpenAPI().YAML() }

type (
	actorKey struct{}
	pathKey  struct{}
)

// pathOf is the path that was asked for.
func pathOf(ctx context.Context) string {
	path, _ := ctx.Value(pathKey{}).(string)
	return path
}

// actorOf is the caller of an operation that is not open to all.
func actorOf(ctx context.Context) ticket.Actor {
	actor, _ := ctx.Value(actorKey{}).(ticket.Actor)
	return actor
}

// tokenOf is the token that comes in one of the two headers.
func tokenOf(authorization, cookie string) string {
	return auth.Token(http.Header{"Authorization": {authorization}, "Cookie": {cookie}})
}

// authenticate finds out who is calling before anything of the input is read.
func (a *API) authenticate(ctx huma.Context, next func(huma.Context)) {
	if len(ctx.Operation().Security) == 0 {
		next(ctx)
		return
	}
	token := tokenOf(ctx.Header("Authorization"), ctx.Header("Cookie"))
	if token == "" {
		a.refuse(ctx, ticket.Errorf(ticket.CodeUnauthenticated, "Sign in first, and send the token as Authorization: Bearer …"))
		return
	}
	actor, err := a.svc.Authenticate(ctx.Context(), token)
	if err != nil {
		a.refuse(ctx, err)
		return
	}
	u := ctx.URL()
	next(huma.WithValue(huma.WithValue(ctx, actorKey{}, actor), pathKey{}, u.Path))
}

// readable refuses parameters that are no text, which a database would not
// take.
func (a *API) readable(ctx huma.Context, next func(huma.Context)) {
	var faults []Fault
	check := func(name string, values ...string) {
		for _, value := range values {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				faults = append(faults, Fault{Parameter: name, Message: "must be valid UTF-8, without U+0000"})
				return
			}
		}
	}
	u := ctx.URL()
	query := u.Query()
	for _, p := range ctx.Operation().Parameters {
		switch p.In {
		case "path":
			check(p.Name, ctx.Param(p.Name))
		case "query":
			check(p.Name, query[p.Name]...)
		case "header":
			check(p.Name, ctx.Header(p.Name))
		}
	}
	if len(faults) > 0 {
		a.refuse(ctx, badParameters(faults...))
		return
	}
	next(ctx)
}

func (a *API) refuse(ctx huma.Context, err error) {
	p := a.problem(ctx.Context(), err)
	for name, values := range p.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetHeader("Content-Type", problemType)
	ctx.SetStatus(p.Status)
	_ = json.NewEncoder(ctx.BodyWriter()).Encode(p)
}

// operation describes one, with what nearly all have in common.
func operation(method, path, id, tag, summary string) huma.Operation {
	op := huma.Operation{
		OperationID: id, Method: method, Path: prefix + path, Tags: []string{tag}, Summary: summary,
		Security: security,
		Errors:   []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}
	if method != http.MethodGet {
		op.Errors = append(op.Errors, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge)
	}
	return op
}

// open makes an operation that needs no sign-in.
func open(op huma.Operation) huma.Operation {
	op.Security = []map[string][]string{} // said, not left out
	return op
}

// register puts an operation on the router; its handler's errors are mapped
// here, once.
func register[I, O any](a *API, op huma.Operation, handler func(ctx context.Context, actor ticket.Actor, in *I) (*O, error)) {
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, actorOf(ctx), in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
}

// Keyed is embedded in the input of a POST that may be sent twice.
type Keyed struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"Sent again within 24 hours with the same body, the first answer comes again and nothing happens twice"`
}

func (k Keyed) idempotencyKey() string { return k.IdempotencyKey }

// registerKeyed is register for a POST whose input embeds Keyed. The answer is
// kept in the transaction of the command.
func registerKeyed[I interface{ idempotencyKey() string }, O any](a *API, op huma.Operation, handler func(ctx context.Context, actor ticket.Actor, in *I) (*O, error)) {
	register(a, op, func(ctx context.Context, actor ticket.Actor, in *I) (*O, error) {
		key := (*in).idempotencyKey()
		if key == "" {
			return handler(ctx, actor, in)
		}
		said, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(said)
		route := op.Method + " " + pathOf(ctx)
		var out *O
		kept, err := a.svc.Once(ctx, actor, route, key, hex.EncodeToString(sum[:]), func(ctx context.Context) ([]byte, error) {
			var err error
			if out, err = handler(ctx, actor, in); err != nil {
				return nil, err
			}
			return json.Marshal(out)
		})
		if err != nil || out != nil {
			return out, err
		}
		out = new(O)
		return out, json.Unmarshal(kept, out)
	})
}

// Named is something that has a name beside its id.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// optional is nil for the empty string.
func optional[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}
