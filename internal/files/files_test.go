package files_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whistle/internal/files"
)

func TestOpen(t *testing.T) {
	ctx := t.Context()
	for name, url := range map[string]string{"default": "", "file": "file://" + t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data", "files")
			bucket, err := files.Open(ctx, dir, url)
			if err != nil {
				t.Fatal(err)
			}
			if err := bucket.WriteAll(ctx, "attachments/a", []byte("content"), nil); err != nil {
				t.Fatal(err)
			}
			if got, err := bucket.ReadAll(ctx, "attachments/a"); err != nil || string(got) != "content" {
				t.Errorf("read %q %v", got, err)
			}
			if err := bucket.Close(); err != nil {
				t.Fatal(err)
			}
			if url != "" {
				return
			}
			there, err := os.ReadDir(filepath.Join(dir, "attachments"))
			if err != nil || len(there) != 1 {
				t.Errorf("the folder holds %v %v", there, err)
			}
		})
	}
	if bucket, err := files.Open(ctx, "", "s3://bucket?region=cn-north-1"); err != nil {
		t.Error(err)
	} else if err := bucket.Close(); err != nil {
		t.Error(err)
	}
	_, err := files.Open(ctx, "", "ftp://user:geheim@host/folder")
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("%v", err)
	}
}
