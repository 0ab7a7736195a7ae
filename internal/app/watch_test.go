package app_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"whistle/internal/app"
	"whistle/internal/config"
)

func TestClosedAddressIsServed(t *testing.T) {
	cfg, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir, cfg.Addr, cfg.WatchAddr, cfg.LogLevel = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", "error"
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	public, closed, ended := make(chan string, 1), make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- app.Run(ctx, cfg, app.Options{
			Version: "test", Out: io.Discard,
			Ready: func(addr string) { public <- addr }, Watched: func(addr string) { closed <- addr },
		})
	}()
	var at [2]string
	for i, addr := range []chan string{closed, public} {
		select {
		case at[i] = <-addr:
		case err := <-ended:
			t.Fatal("the service ended before it served: ", err)
		}
	}
	for _, c := range []struct {
		addr, path string
		status     int
	}{
		{at[0], "/metrics", http.StatusOK},
		{at[0], "/debug/pprof/", http.StatusOK},
		{at[0], "/api/v1/tickets", http.StatusNotFound},
		{at[1], "/metrics", http.StatusNotFound},
		{at[1], "/debug/pprof/", http.StatusNotFound},
	} {
		if status := ask(t, http.MethodGet, "http://"+c.addr+c.path, "", "", nil); status != c.status {
			t.Errorf("%s%s answered %d, want %d", c.addr, c.path, status, c.status)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
