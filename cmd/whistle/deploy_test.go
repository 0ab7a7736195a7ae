package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"whistle/internal/store"
	"whistle/internal/testkit"
)

// TestUnitIsValid: systemd takes the unit, and finds the service walled off.
func TestUnitIsValid(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		testkit.Lacks(t, "systemd-analyze", err)
	}
	raw, err := os.ReadFile("../../deploy/systemd/whistle.service")
	if err != nil {
		t.Fatal(err)
	}
	path, err := program() // the unit's own may not be installed here
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "whistle.service")
	if err := os.WriteFile(unit, bytes.ReplaceAll(raw, []byte("/usr/local/bin/whistle"), []byte(path)), 0o600); err != nil { //nolint:gosec // the test's own folder
		t.Fatal(err)
	}
	// The threshold is of tenths: 2.0 of 10 is the most exposure that passes.
	for _, args := range [][]string{{"verify", unit}, {"security", "--offline=true", "--threshold=20", unit}} {
		out, err := exec.CommandContext(t.Context(), analyze, args...).CombinedOutput()
		if err != nil || args[0] == "verify" && strings.Contains(string(out), unit) {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}

// TestRollingRestart restarts two processes one after the other behind a proxy of
// deploy/, while people read and file: no read fails, and what was filed is there
// once, whether its first answer came or not.
func TestRollingRestart(t *testing.T) {
	for name, behind := range map[string]proxy{"nginx": nginx, "caddy": caddy} {
		t.Run(name, func(t *testing.T) { rollingRestart(t, behind) })
	}
}

func rollingRestart(t *testing.T, behind proxy) {
	d := database{config: store.Config{URL: testkit.MigratedPostgres(t).URL}, files: t.TempDir()}
	tokens, _ := d.people(t)
	addresses := []string{testkit.FreeAddress(t), testkit.FreeAddress(t)}
	processes := make([]*process, len(addresses))
	for i, address := range addresses {
		processes[i] = d.launch(t, "--addr", address)
		processes[i].become(t, http.StatusOK)
	}
	client, url := front(t, behind, addresses)

	call := func(method, path, token, key, body string) (int, []byte, error) {
		req, err := http.NewRequestWithContext(t.Context(), method, url+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			return 0, nil, err
		}
		req.Header.Set("Authorization", "Bearer "+tokens[token])
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Idempotency-Key", key)
		}
		res, err := client.Do(req)
		if err != nil {
			return 0, nil, err
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		return res.StatusCode, answer, err
	}

	restarted, stopped := make(chan struct{}), make(chan struct{})
	var under sync.WaitGroup
	reads := make([]int, 4)
	for i := range reads {
		under.Go(func() {
			for open := true; open; reads[i]++ {
				if status, answer, err := call(http.MethodGet, "/tickets?limit=1", "desk", "", ""); err != nil || status != http.StatusOK {
					t.Errorf("a read failed: %d %s %v", status, answer, err)
					return
				}
				select {
				case <-restarted:
					open = false
				default:
				}
			}
		})
	}
	filed := make([]map[string]string, 2) // ids by title
	for i := range filed {
		filed[i] = map[string]string{}
		under.Go(func() {
			for n := 0; ; n++ {
				title := fmt.Sprintf("第 %d 人的第 %d 件", i, n)
				id, tries := "", 0
				for id == "" && tries < 100 {
					tries++
					status, answer, err := call(http.MethodPost, "/tickets", "own", title, `{"title":"`+title+`","description":"缺人","category":"labour"}`)
					if err == nil && status == http.StatusCreated {
						id = idOf(answer)
					} else if err == nil && status < http.StatusInternalServerError {
						t.Errorf("a filing was refused: %d %s", status, answer)
						return
					}
				}
				if filed[i][title] = id; id == "" {
					t.Errorf("%s was not filed in %d tries", title, tries)
					return
				}
				select {
				case <-restarted:
					return
				default:
				}
			}
		})
	}
	go func() {
		defer close(stopped)
		defer close(restarted)
		for i, address := range addresses {
			processes[i].stop(t)
			processes[i] = d.launch(t, "--addr", address)
			processes[i].become(t, http.StatusOK)
		}
	}()
	under.Wait()
	<-stopped

	n := 0
	for _, own := range filed {
		n += len(own)
	}
	code, out, complaints := d.run(t, "export", "tickets", "--format", "jsonl")
	if lines := strings.Count(out, "\n"); code != 0 || lines != n || n < 2 {
		t.Errorf("%d filed, %d are there: exit %d, %s", n, lines, code, complaints)
	}
	for _, own := range filed {
		for title, id := range own {
			if strings.Count(out, `"`+title+`"`) != 1 || !strings.Contains(out, `"`+id+`"`) {
				t.Errorf("%s is not there once, as %s", title, id)
			}
		}
	}
	t.Logf("%v reads and %d filings while both processes were restarted", reads, n)
	d.clean(t)
}

func idOf(answer []byte) string {
	var filed struct{ ID string }
	_ = json.Unmarshal(answer, &filed) // no id: it was not filed
	return filed.ID
}

// proxy is one of those in deploy/.
type proxy struct {
	binary, config string
	// settings are what stands in the configuration, and what stands there in a
	// test, in which a, b are the addresses of the processes, s and p those for
	// TLS and without, d is the folder of the certificate.
	settings func(a, b, s, p, d string) map[string]string
	before   string // what comes before the configuration, with DIR for the folder
	after    string
	check    []string // the arguments by which the configuration is checked
	run      []string
}

var nginx = proxy{
	binary: "nginx", config: "nginx/whistle.conf",
	settings: func(a, b, s, p, d string) map[string]string {
		return map[string]string{
			"127.0.0.1:8081": a, "127.0.0.1:8082": b, "listen 80;": "listen " + p + ";", "listen 443 ": "listen " + s + " ", "/etc/ssl/whistle/": d + "/",
		}
	},
	before: `daemon off;
pid DIR/pid;
error_log stderr warn;
events {}
http {
access_log off;
client_body_temp_path DIR/client_body;
proxy_temp_path DIR/proxy;
fastcgi_temp_path DIR/fastcgi;
uwsgi_temp_path DIR/uwsgi;
scgi_temp_path DIR/scgi;
`,
	after: "}\n",
	check: []string{"-t", "-c"}, run: []string{"-c"},
}

var caddy = proxy{
	binary: "caddy", config: "caddy/Caddyfile",
	settings: func(a, b, s, p, d string) map[string]string {
		_, port, _ := net.SplitHostPort(p) // an address of ours
		return map[string]string{
			"127.0.0.1:8081 127.0.0.1:8082": a + " " + b, "{$WHISTLE_HOST:whistle.example.org}": "https://" + s, "# tls /etc/ssl/whistle/fullchain.pem /etc/ssl/whistle/": "tls " + d + "/fullchain.pem " + d + "/",
			"admin off": "admin off\nhttp_port " + port + "\nstorage file_system " + d,
		}
	},
	check: []string{"validate", "--adapter", "caddyfile", "--config"}, run: []string{"run", "--adapter", "caddyfile", "--config"},
}

// front runs a proxy with its configuration of deploy/ before two addresses, at
// a free port with a certificate of its own, until the test ends; the client
// knows that.
func front(t *testing.T, p proxy, addresses []string) (client *http.Client, url string) {
	t.Helper()
	binary, err := exec.LookPath(p.binary)
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/" + p.binary); err != nil {
			testkit.Lacks(t, p.binary, err)
		}
	}
	raw, err := os.ReadFile("../../deploy/" + p.config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS() // for its certificate
	defer certified.Close()
	pair := certified.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	plain, secure := testkit.FreeAddress(t), testkit.FreeAddress(t)
	config := string(raw)
	for was, is := range p.settings(addresses[0], addresses[1], secure, plain, dir) {
		if !strings.Contains(config, was) {
			t.Fatalf("the configuration lacks %s", was)
		}
		config = strings.ReplaceAll(config, was, is)
	}
	for name, content := range map[string][]byte{
		"config":        []byte(strings.ReplaceAll(p.before, "DIR", dir) + config + p.after),
		"fullchain.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}),
		"privkey.pem":   pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	with := func(args []string) []string { return append(slices.Clone(args), filepath.Join(dir, "config")) }
	if out, err := exec.CommandContext(t.Context(), binary, with(p.check)...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", p.binary, p.check, err, out)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, with(p.run)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was told to end
		if t.Failed() {
			t.Logf("%s said:\n%s", p.binary, &said)
		}
	})
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 8}
	t.Cleanup(transport.CloseIdleConnections)
	client = &http.Client{Transport: transport, Timeout: patience}
	answers(t, client, "https://"+secure+"/readyz")
	return client, "https://" + secure
}

// answers waits until an address answers.
func answers(t *testing.T, client *http.Client, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			return
		}
	}
	t.Fatalf("%s does not answer", url)
}
