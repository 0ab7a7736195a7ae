package rest_test

import (
	"testing"

	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// servers runs a test against a served district on each database.
func servers(t *testing.T, test func(t *testing.T, s *testkit.Server)) {
	t.Helper()
	testkit.Databases(t, func(t *testing.T, cfg store.Config) { test(t, serve(t, cfg)) })
}

// serve serves a new district that stands at a Wednesday morning before the
// National Day holiday. Every answer of it is held to the document.
func serve(t *testing.T, cfg store.Config, with ...func(c *service.Config)) *testkit.Server {
	t.Helper()
	s := testkit.NewServer(t, testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00", with...)))
	s.Check = holdToDocument(s.API.Document())
	return s
}
