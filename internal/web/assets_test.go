package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

func served(t *testing.T) (*Assets, http.Handler) {
	t.Helper()
	a, err := NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	e.GET(AssetsRoute, a.Serve)
	e.HEAD(AssetsRoute, a.Serve)
	return a, e
}

func ask(t *testing.T, h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

// TestAssetIsKeptForEver holds caching by the content's hash, and that the
// bare name is asked for anew.
func TestAssetIsKeptForEver(t *testing.T) {
	a, h := served(t)
	address := a.Path("whistle.css")
	if !regexp.MustCompile(`^/static/whistle\.[0-9a-f]{12}\.css$`).MatchString(address) {
		t.Fatalf("address %s", address)
	}
	res := ask(t, h, http.MethodGet, address)
	if res.Code != http.StatusOK || res.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("%d, Cache-Control %q", res.Code, res.Header().Get("Cache-Control"))
	}
	bare := ask(t, h, http.MethodGet, "/static/whistle.css")
	if bare.Code != http.StatusOK || bare.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("bare name: %d, Cache-Control %q", bare.Code, bare.Header().Get("Cache-Control"))
	}
	again := ask(t, h, http.MethodGet, "/static/whistle.css", "If-None-Match", `"other", W/`+bare.Header().Get("ETag"))
	if again.Code != http.StatusNotModified || len(again.Body.Bytes()) != 0 {
		t.Errorf("asked again with its tag: %d", again.Code)
	}
	if changed := ask(t, h, http.MethodGet, "/static/whistle.css", "If-None-Match", `"0123456789ab"`); changed.Code != http.StatusOK {
		t.Errorf("asked again with another tag: %d", changed.Code)
	}
}

func TestAssetIsNotThere(t *testing.T) {
	a, h := served(t)
	for _, target := range []string{
		"/static/", "/static/nothing.css", "/static/whistle.000000000000.css", "/static/VENDORED.md", "/static/icons.txt", "/static/licenses",
		"/static/../assets.go", "/static/%2e%2e/assets.go", "/static/..%2fassets.go", "/static/licenses/../../assets.go", "/static//whistle.css", "/static/./whistle.css",
	} {
		if res := ask(t, h, http.MethodGet, target); res.Code != http.StatusNotFound {
			t.Errorf("%s: %d", target, res.Code)
		}
	}
	for _, name := range []string{"nothing.css", strings.TrimPrefix(a.Path("whistle.css"), "/static/")} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Path(%q) gave an address", name)
				}
			}()
			a.Path(name)
		}()
	}
}

// TestAssetEncodings holds that the zipped bytes are the same file, said by
// their own tag, and that HEAD says what GET would.
func TestAssetEncodings(t *testing.T) {
	a, h := served(t)
	address := a.Path("tabler.min.css")
	plain := ask(t, h, http.MethodGet, address)
	zipped := ask(t, h, http.MethodGet, address, "Accept-Encoding", "br;q=1.0, gzip;q=0.8")
	if plain.Header().Get("Content-Encoding") != "" || zipped.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("encodings %q and %q", plain.Header().Get("Content-Encoding"), zipped.Header().Get("Content-Encoding"))
	}
	if plain.Header().Get("ETag") == zipped.Header().Get("ETag") {
		t.Error("one tag for different bytes")
	}
	for _, res := range []*httptest.ResponseRecorder{plain, zipped} {
		if res.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("Vary %q", res.Header().Get("Vary"))
		}
	}
	whole, small := plain.Body.Bytes(), zipped.Body.Bytes()
	r, err := gzip.NewReader(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(unzipped, whole) {
		t.Errorf("unzipped differs: %v", err)
	}
	head := ask(t, h, http.MethodHead, address, "Accept-Encoding", "gzip")
	for _, name := range []string{"Content-Length", "Content-Type", "Content-Encoding", "ETag", "Cache-Control"} {
		if got, want := head.Header().Get(name), zipped.Header().Get(name); got != want || got == "" {
			t.Errorf("HEAD says %s %q, GET %q", name, got, want)
		}
	}
	if n := len(head.Body.Bytes()); n != 0 {
		t.Errorf("HEAD has %d bytes", n)
	}
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "*": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.0": false, "gzip;q=0.5": true, "br": false, "identity": false,
	} {
		if acceptsGzip(header) != want {
			t.Errorf("Accept-Encoding %q: want %v", header, want)
		}
	}
}

func TestAssetTypes(t *testing.T) {
	a, h := served(t)
	for name, want := range map[string]string{
		"whistle.css": "text/css; charset=utf-8", "whistle.js": "text/javascript; charset=utf-8", "icons.svg": "image/svg+xml",
		"manifest.webmanifest": "application/manifest+json", "licenses/htmx.txt": "text/plain; charset=utf-8",
	} {
		if got := ask(t, h, http.MethodGet, a.Path(name)).Header().Get("Content-Type"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestStylesheetsReferToWhatIsThere holds that each address in a stylesheet is
// data of its own or an asset.
func TestStylesheetsReferToWhatIsThere(t *testing.T) {
	a, h := served(t)
	reference := regexp.MustCompile(`(?:url\(|@import\s+)\s*["']?([^"')]+)`)
	for _, name := range []string{"tabler.min.css", "whistle.css"} {
		css := ask(t, h, http.MethodGet, a.Path(name)).Body.Bytes()
		if bytes.Contains(css, []byte("http://")) && name == "whistle.css" || bytes.Contains(css, []byte("//fonts.")) {
			t.Errorf("%s refers to another host", name)
		}
		for _, found := range reference.FindAllSubmatch(css, -1) {
			to := string(found[1])
			if strings.HasPrefix(to, "data:") || strings.HasPrefix(to, "#") {
				continue
			}
			if res := ask(t, h, http.MethodGet, path.Join("/static", to)); res.Code != http.StatusOK {
				t.Errorf("%s: %s is not there", name, to)
			}
		}
	}
}

// TestVendoredFilesAreUnchanged holds the copies of others' files to the
// checksums that stand beside their versions.
func TestVendoredFilesAreUnchanged(t *testing.T) {
	table, err := os.ReadFile("static/VENDORED.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (internal/\S+) \|.* ([0-9a-f]{64}) \|$`).FindAllStringSubmatch(string(table), -1)
	listed := map[string]bool{}
	for _, row := range rows {
		listed[row[1]] = true
		content, err := fs.ReadFile(os.DirFS("../.."), row[1])
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != row[2] {
			t.Errorf("%s has the checksum %x, the table says %s", row[1], sum, row[2])
		}
	}
	minified, err := filepath.Glob("static/*.min.*")
	if err != nil || len(minified) == 0 {
		t.Fatalf("no minified files: %v", err)
	}
	for _, file := range minified {
		if !listed["internal/web/"+file] {
			t.Errorf("%s stands in no row of VENDORED.md", file)
		}
	}
}

// TestSpriteHasEachIcon holds the sprite to the list that it is made of.
func TestSpriteHasEachIcon(t *testing.T) {
	list, err := os.ReadFile("static/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	sprite, err := static.ReadFile("static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?m)^[a-z0-9-]+$`).FindAllString(string(list), -1)
	if n := bytes.Count(sprite, []byte("<symbol ")); n != len(names) {
		t.Errorf("%d icons in the sprite, %d in the list", n, len(names))
	}
	for _, name := range names {
		if !bytes.Contains(sprite, []byte(`<symbol id="`+name+`" `)) {
			t.Errorf("the sprite lacks %s", name)
		}
	}
}
