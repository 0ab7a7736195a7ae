package web_test

import (
	"log/slog"
	"testing"

	"github.com/labstack/echo/v4"

	"whistle/internal/testkit"
	"whistle/internal/web"
)

// Templates are made when they are first shown; a faulty one must not wait for
// that.
func TestEveryTemplateCanBeMade(t *testing.T) {
	svc := testkit.NewService(t, testkit.MigratedSQLite(t), "2023-09-27 10:00")
	pages, err := web.Register(echo.New(), svc.Service, slog.New(slog.DiscardHandler), web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := pages.ParseAll(); err != nil {
		t.Error(err)
	}
}
