package rest

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sort"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"whistle/internal/service"
)

// ErrorHandler answers what no operation answered: unknown routes, wrong
// methods, bodies over the limit, panics. All take the one form of a Problem.
func ErrorHandler(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		status, detail := http.StatusInternalServerError, instead[http.StatusInternalServerError]
		var known *echo.HTTPError
		if errors.As(err, &known) {
			status = known.Code
			detail = map[int]string{
				http.StatusNotFound:              "There is nothing at this address. The operations are listed at /docs.",
				http.StatusMethodNotAllowed:      "This address does not take this method. The operations are listed at /docs.",
				http.StatusRequestEntityTooLarge: instead[http.StatusRequestEntityTooLarge],
				http.StatusServiceUnavailable:    "The service is starting. Try again in a few seconds.",
			}[status]
			if status == http.StatusServiceUnavailable {
				c.Response().Header().Set("Retry-After", strconv.Itoa(retrySeconds))
			}
		} else {
			log.ErrorContext(c.Request().Context(), "request failed", slog.Any("error", err))
		}
		c.Response().Header().Set(echo.HeaderContentType, problemType)
		c.Response().WriteHeader(status)
		_ = json.NewEncoder(c.Response()).Encode(&Problem{
			Title: http.StatusText(status), Status: status, Detail: detail,
			RequestID: service.RequestID(c.Request().Context()),
		})
	}
}

// Operation is one line of the browsable docs.
type Operation struct {
	Tag, Method, Path, Summary, Description string
	Anchor                                  string
	Open                                    bool // needs no sign-in
	Parameters                              []Parameter
	Body                                    string // JSON schema, indented
}

// Parameter is one of an operation's parameters.
type Parameter struct {
	Name, In, Doc string
	Required      bool
}

// Operations lists what the document has, in the order of tag, path and method.
func (a *API) Operations() []Operation {
	doc := a.huma.OpenAPI()
	var all []Operation
	for path, item := range doc.Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		} {
			if op != nil {
				all = append(all, a.describe(doc, method, path, op))
			}
		}
	}
	sort.Slice(all, func(i, j int) bool {
		x, y := all[i], all[j]
		return strings.Join([]string{x.Tag, x.Path, x.Method}, " ") < strings.Join([]string{y.Tag, y.Path, y.Method}, " ")
	})
	return all
}

func (a *API) describe(doc *huma.OpenAPI, method, path string, op *huma.Operation) Operation {
	out := Operation{
		Method: method, Path: path, Summary: op.Summary, Description: op.Description,
		Anchor: op.OperationID, Open: len(op.Security) == 0,
	}
	if len(op.Tags) > 0 {
		out.Tag = op.Tags[0]
	}
	for _, p := range op.Parameters {
		out.Parameters = append(out.Parameters, Parameter{p.Name, p.In, p.Description, p.Required})
	}
	if op.RequestBody == nil {
		return out
	}
	if media, ok := op.RequestBody.Content["application/json"]; ok && media.Schema != nil {
		schema := media.Schema
		if schema.Ref != "" {
			schema = doc.Components.Schemas.SchemaFromRef(schema.Ref)
		}
		if raw, err := json.MarshalIndent(schema, "", "  "); err == nil {
			out.Body = string(raw)
		}
	}
	return out
}
