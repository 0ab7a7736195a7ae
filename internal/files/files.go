// Package files opens the place where attachments are kept: a folder, or what
// a blob URL names.
package files

import (
	"context"
	"errors"
	"fmt"
	"os"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // s3://bucket?region=…
)

// Open opens the bucket that url names, such as s3://bucket?region=… or
// file:///folder; the folder dir, made when missing, when url is empty. The
// error never holds the URL, which may carry a secret.
func Open(ctx context.Context, dir, url string) (*blob.Bucket, error) {
	if url == "" {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, fmt.Errorf("folder of the attachments: %w", err)
		}
		// What fileblob would write beside each file is in the database.
		return fileblob.OpenBucket(dir, &fileblob.Options{Metadata: fileblob.MetadataDontWrite, NoTempDir: true})
	}
	bucket, err := blob.OpenBucket(ctx, url)
	if err != nil {
		return nil, errors.New("attachments: the URL is not one that can be opened; s3://bucket?region=… and file:///folder can be")
	}
	return bucket, nil
}
