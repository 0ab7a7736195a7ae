package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

//go:embed static/*.css static/*.js static/*.svg static/*.webmanifest static/licenses/*.txt
var static embed.FS

// AssetsRoute is the route under which Assets.Serve answers GET and HEAD.
const AssetsRoute = "/static/*"

// Assets are the stylesheets, scripts and images of the pages. Each has its
// content's hash in its address, so that a browser keeps it for ever and never
// shows an old one.
type Assets struct {
	byName map[string]*asset // "whistle.css", and "whistle.3fa9c1d2e4b6.css"
}

// asset is one file. Its fields don't change after the start.
type asset struct {
	name    string
	address string // the name with the hash in it
	content []byte
	kind    string // its Content-Type
	hash    string
	gzipped func() []byte // made at the first request; nil where it gains nothing
}

const (
	assetsPrefix = "/static/"
	hashLength   = 12 // hexadecimal digits
)

var assetKinds = map[string]string{
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".svg":         "image/svg+xml",
	".webmanifest": "application/manifest+json",
	".txt":         "text/plain; charset=utf-8",
}

// NewAssets reads the embedded files.
func NewAssets() (*Assets, error) {
	files, err := fs.Sub(static, "static")
	if err != nil {
		return nil, err
	}
	return assetsOf(files)
}

func assetsOf(files fs.FS) (*Assets, error) {
	a := &Assets{byName: map[string]*asset{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		ext := path.Ext(name)
		kind, ok := assetKinds[ext]
		if !ok {
			return fmt.Errorf("asset %s: no Content-Type for %s", name, ext)
		}
		sum := sha256.Sum256(content)
		hash := hex.EncodeToString(sum[:])[:hashLength]
		f := &asset{
			name: name, address: strings.TrimSuffix(name, ext) + "." + hash + ext,
			content: content, kind: kind, hash: hash,
			gzipped: sync.OnceValue(func() []byte { return gzipOf(content) }),
		}
		a.byName[f.name], a.byName[f.address] = f, f
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// Path is an asset's address for links, "/static/whistle.3fa9c1d2e4b6.css" for
// "whistle.css". A name that isn't there is a mistake in a template: it panics,
// which the rendering of a template turns into its error.
func (a *Assets) Path(name string) string {
	f := a.byName[name]
	if f == nil || f.name != name {
		panic("web: there is no asset " + strconv.Quote(name))
	}
	return assetsPrefix + f.address
}

// Serve answers GET and HEAD of AssetsRoute. Under the address that Path gives
// an asset may be kept for ever; under its bare name, which a stylesheet or a
// person may use, a browser asks again each time.
func (a *Assets) Serve(c echo.Context) error {
	name := c.Param("*")
	f := a.byName[name]
	if f == nil {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	if name == f.address {
		h.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		h.Set(echo.HeaderCacheControl, "no-cache")
	}
	h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
	content, tag := f.content, `"`+f.hash+`"`
	if acceptsGzip(c.Request().Header.Get(echo.HeaderAcceptEncoding)) {
		if zipped := f.gzipped(); zipped != nil {
			// Other bytes, so another tag.
			content, tag = zipped, `"`+f.hash+`-gzip"`
			h.Set(echo.HeaderContentEncoding, "gzip")
		}
	}
	h.Set("ETag", tag)
	if matchesTag(c.Request().Header.Get("If-None-Match"), tag) {
		h.Del(echo.HeaderContentEncoding)
		return c.NoContent(http.StatusNotModified)
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(content)))
	if c.Request().Method == http.MethodHead {
		h.Set(echo.HeaderContentType, f.kind)
		c.Response().WriteHeader(http.StatusOK)
		return nil
	}
	return c.Blob(http.StatusOK, f.kind, content)
}

// gzipOf is nil where compressing gains less than a tenth.
func gzipOf(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(content); err != nil {
		return nil
	}
	if err := w.Close(); err != nil || b.Len() > len(content)*9/10 {
		return nil
	}
	return b.Bytes()
}

// acceptsGzip reads an Accept-Encoding header: gzip or *, unless refused by q=0.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		coding = strings.TrimSpace(coding)
		if !strings.EqualFold(coding, "gzip") && coding != "*" {
			continue
		}
		value, isQ := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if q, err := strconv.ParseFloat(value, 64); !isQ || err != nil || q > 0 {
			return true
		}
	}
	return false
}

// matchesTag reads an If-None-Match header.
func matchesTag(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == tag || part == "*" {
			return true
		}
	}
	return false
}
