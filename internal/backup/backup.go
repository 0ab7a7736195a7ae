// Package backup is the form of a backup: one tar file with a copy of the
// database, the attachments, a manifest that says what they are, and a seal by
// which a changed byte shows wherever it is.
package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Format is the number of this form; another one cannot be read.
const Format = 1

// Manifest says what a backup holds.
type Manifest struct {
	Format   int              `json:"format"`
	Version  string           `json:"version"` // of the program that made it
	MadeAt   time.Time        `json:"made_at"`
	Database string           `json:"database"`                // sqlite or postgres
	Tool     int              `json:"pg_dump,omitempty"`       // the main version of PostgreSQL's program that wrote the copy
	Schema   int64            `json:"schema_version"`          // the last migration applied
	Counts   map[string]int64 `json:"counts"`                  // rows by table
	Heads    Heads            `json:"heads"`                   // of the histories
	Missing  []string         `json:"missing_files,omitempty"` // attachments that the database names and that were gone or changed
	Parts    []Part           `json:"parts"`
}

// Heads are the last lines of all histories.
type Heads struct {
	Count  int    `json:"count"`
	Digest string `json:"digest"`
}

// Part is a file in a backup.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

const (
	manifestName = "manifest.json"
	sealName     = "SHA256" // of all that stands before it
	// sealSize is a header, a block of content, and the two empty blocks at a
	// tar's end.
	sealSize = 4 * 512
)

// seal is how a backup ends.
func seal(sum hash.Hash) ([]byte, error) {
	var end bytes.Buffer
	w := tar.NewWriter(&end)
	text := []byte(hex.EncodeToString(sum.Sum(nil)) + "\n")
	if err := w.WriteHeader(&tar.Header{Name: sealName, Mode: 0o600, Size: int64(len(text)), Format: tar.FormatUSTAR}); err != nil {
		return nil, err
	}
	_, err := w.Write(text)
	err = errors.Join(err, w.Close())
	return end.Bytes(), err
}

// Writer takes the parts of a backup.
type Writer struct {
	tar   *tar.Writer
	at    time.Time
	parts []Part
}

// Add writes a part of a size that is known before.
func (w *Writer) Add(name string, size int64, content io.Reader) (Part, error) {
	sum := sha256.New()
	if err := w.write(name, size, io.TeeReader(content, sum)); err != nil {
		return Part{}, fmt.Errorf("backup: %s: %w", name, err)
	}
	part := Part{Name: name, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}
	w.parts = append(w.parts, part)
	return part, nil
}

func (w *Writer) write(name string, size int64, content io.Reader) error {
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: w.at}); err != nil {
		return err
	}
	_, err := io.CopyN(w.tar, content, size)
	return err
}

// Exists refuses a path at which something is; a backup is never written over.
func Exists(path string) error {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return fmt.Errorf("%s is there already; name a new file", path)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

// Create writes a new backup at path, whole or not at all: fill adds the parts
// and returns what the manifest says beside them.
func Create(path string, at time.Time, fill func(w *Writer) (*Manifest, error)) (err error) {
	if err := Exists(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if rm := os.Remove(f.Name()); !errors.Is(rm, fs.ErrNotExist) {
			err = errors.Join(err, rm)
		}
	}()
	if err := errors.Join(writeAll(f, at, fill), f.Close()); err != nil {
		return err
	}
	// A link, unlike a renaming, never takes the place of what has come
	// meanwhile; some file systems have none.
	if err := os.Link(f.Name(), path); err != nil {
		if err := Exists(path); err != nil {
			return err
		}
		return os.Rename(f.Name(), path)
	}
	return nil
}

func writeAll(f *os.File, at time.Time, fill func(w *Writer) (*Manifest, error)) error {
	sum := sha256.New()
	w := &Writer{tar: tar.NewWriter(io.MultiWriter(f, sum)), at: at}
	m, err := fill(w)
	if err != nil {
		return err
	}
	m.Format, m.MadeAt, m.Parts = Format, at, w.parts
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := w.write(manifestName, int64(len(text)), bytes.NewReader(text)); err != nil {
		return err
	}
	if err := w.tar.Flush(); err != nil {
		return err
	}
	end, err := seal(sum)
	if err != nil {
		return err
	}
	if _, err := f.Write(end); err != nil {
		return err
	}
	return f.Sync()
}

// Archive is a backup that was found whole.
type Archive struct {
	Manifest

	file *os.File
	size int64 // without the seal
}

// ErrDamaged says that a file is no backup, or not what it was when it was
// made.
var ErrDamaged = errors.New("the archive is damaged, or no backup of whistle")

// Open reads a backup to its end and holds every byte against the seal and the
// manifest.
func Open(path string) (*Archive, error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	a := &Archive{file: f}
	if err := a.check(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return a, nil
}

// Close closes the file.
func (a *Archive) Close() error { return a.file.Close() }

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

func (a *Archive) check() error {
	info, err := a.file.Stat()
	if err != nil {
		return err
	}
	if a.size = info.Size() - sealSize; a.size <= 0 {
		return damaged("it is too short")
	}
	sum := sha256.New()
	body := io.TeeReader(io.NewSectionReader(a.file, 0, a.size), sum)
	found, wrong := a.readParts(body)
	if _, err := io.Copy(io.Discard, body); err != nil {
		return err
	}
	due, err := seal(sum)
	if err != nil {
		return err
	}
	end := make([]byte, sealSize)
	if _, err := a.file.ReadAt(end, a.size); err != nil {
		return err
	}
	switch {
	case !bytes.Equal(end, due):
		return damaged("its content is not what was sealed")
	case wrong != nil:
		return wrong
	case a.Format != Format:
		return fmt.Errorf("the archive is of form %d, and this program reads form %d; use the program that made it, whistle %s", a.Format, Format, a.Version)
	case len(found) != len(a.Parts):
		return damaged("it holds %d parts, its manifest names %d", len(found), len(a.Parts))
	}
	for i, part := range a.Parts {
		if found[i] != part {
			return damaged("%s is not what the manifest says", part.Name)
		}
	}
	return nil
}

// readParts reads to the end of the tar.
func (a *Archive) readParts(body io.Reader) (found []Part, err error) {
	read := false
	err = eachFile(body, func(name string, size int64, r io.Reader) error {
		if name == manifestName {
			read = true
			return json.NewDecoder(r).Decode(&a.Manifest)
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, r); err != nil {
			return err
		}
		found = append(found, Part{name, size, hex.EncodeToString(sum.Sum(nil))})
		return nil
	})
	switch {
	case err != nil:
		return nil, damaged("%v", err)
	case !read:
		return nil, damaged("it has no manifest")
	}
	return found, nil
}

func eachFile(body io.Reader, f func(name string, size int64, r io.Reader) error) error {
	r := tar.NewReader(body)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f(h.Name, h.Size, r); err != nil {
			return err
		}
	}
}

// Each reads the parts in their order, once more against the manifest: f gets
// each one's content, and an error at its end when that has changed since Open.
func (a *Archive) Each(f func(part Part, content io.Reader) error) error {
	i := 0
	return eachFile(io.NewSectionReader(a.file, 0, a.size), func(name string, _ int64, r io.Reader) error {
		if name == manifestName {
			return nil
		}
		if i == len(a.Parts) || a.Parts[i].Name != name {
			return damaged("it has changed while it was read")
		}
		part := a.Parts[i]
		i++
		return f(part, &checked{r: r, sum: sha256.New(), part: part})
	})
}

// checked ends a content with an error when it is not the part's.
type checked struct {
	r    io.Reader
	sum  hash.Hash
	part Part
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	_, _ = c.sum.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(c.sum.Sum(nil)) != c.part.SHA256 {
		return n, damaged("%s has changed while it was read", c.part.Name)
	}
	return n, err
}
