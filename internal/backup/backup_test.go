package backup_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whistle/internal/backup"
)

var madeAt = time.Date(2023, 9, 27, 2, 0, 0, 0, time.UTC)

func write(t *testing.T, path string) {
	t.Helper()
	err := backup.Create(path, madeAt, func(w *backup.Writer) (*backup.Manifest, error) {
		for name, content := range map[string]string{"database": strings.Repeat("rows ", 300)} {
			if _, err := w.Add(name, int64(len(content)), strings.NewReader(content)); err != nil {
				return nil, err
			}
		}
		_, err := w.Add("files/a", 1, strings.NewReader("a"))
		return &backup.Manifest{Version: "1", Counts: map[string]int64{"tickets": 3}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "backup.tar")
	write(t, path)
	a, err := backup.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if a.Version != "1" || a.Counts["tickets"] != 3 || !a.MadeAt.Equal(madeAt) || len(a.Parts) != 2 {
		t.Errorf("the manifest is %+v", a.Manifest)
	}
	var read []string
	err = a.Each(func(part backup.Part, content io.Reader) error {
		raw, err := io.ReadAll(content)
		read = append(read, part.Name)
		if int64(len(raw)) != part.Size {
			t.Errorf("%s: %d bytes of %d", part.Name, len(raw), part.Size)
		}
		return err
	})
	if err != nil || strings.Join(read, " ") != "database files/a" {
		t.Errorf("read %q, %v", read, err)
	}
}

// TestEveryByte changes each byte of a backup in turn, and its length.
func TestEveryByte(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.tar")
	write(t, whole)
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.tar")
	refused := func(what string, at int, content []byte) {
		if err := os.WriteFile(other, content, 0o600); err != nil { //nolint:gosec // in a folder of this test
			t.Fatal(err)
		}
		if a, err := backup.Open(other); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s at %d: opened as %v, %v", what, at, a, err)
		}
	}
	for i := 0; i < len(content); i += 3 {
		changed := bytes.Clone(content)
		changed[i] ^= 1
		refused("a byte changed", i, changed)
	}
	for _, n := range []int{0, 1, 2048, len(content) - 2048, len(content) - 1} {
		refused("cut off", n, content[:n])
	}
	refused("longer", len(content), append(bytes.Clone(content), make([]byte, 512)...))
}

// TestCreate leaves nothing behind when it fails, and never writes over a file.
func TestCreate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "backup.tar")
	broken := errors.New("broken")
	err := backup.Create(path, madeAt, func(w *backup.Writer) (*backup.Manifest, error) {
		if _, err := w.Add("database", 2, strings.NewReader("1")); !errors.Is(err, io.EOF) {
			t.Errorf("a part that is too short: %v", err)
		}
		return nil, broken
	})
	if left, _ := os.ReadDir(dir); !errors.Is(err, broken) || len(left) != 0 {
		t.Errorf("%v; left behind: %v", err, left)
	}
	err = backup.Create(path, madeAt, func(w *backup.Writer) (*backup.Manifest, error) {
		// Somebody is faster.
		return &backup.Manifest{}, os.WriteFile(path, []byte("other"), 0o600)
	})
	content, _ := os.ReadFile(path)
	if err == nil || string(content) != "other" {
		t.Errorf("%v; the file is now %q", err, content)
	}
	if err := backup.Create(path, madeAt, nil); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("an existing file: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}
