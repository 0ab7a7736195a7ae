package rest

import "github.com/danielgtaylor/huma/v2"

// Document is the OpenAPI document, for tests that hold answers to it.
func (a *API) Document() *huma.OpenAPI { return a.huma.OpenAPI() }
