package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"whistle/internal/directory"
	"whistle/internal/photo"
	"whistle/internal/ticket"
)

// ThumbnailSize is the side of the square that a thumbnail fits into, in
// pixels.
const ThumbnailSize = 320

// thumbnailType is the media type of every thumbnail.
const thumbnailType = "image/jpeg"

// thumbnailKey is where a photo's thumbnail is kept; nothing is in it where
// none can be made.
func thumbnailKey(id string) string { return blobKey(id) + ".thumbnail" }

// OpenThumbnail reads a photo made small: upright, a JPEG of ThumbnailSize at
// the most, without what the photo tells beside the picture. Whoever may read
// the attachment may read it; the record is the attachment's with the
// thumbnail's type and size. It is not found where the file is no picture that
// can be made small: of another kind than JPEG, PNG, WebP and GIF, damaged, or
// of more than photo.MaxPixels. The caller closes it.
//
// It is made when it is first asked for, and kept.
func (s *Service) OpenThumbnail(ctx context.Context, actor ticket.Actor, id string) (directory.Attachment, io.ReadCloser, error) {
	a, err := s.Attachment(ctx, actor, id)
	if err != nil {
		return a, nil, err
	}
	if s.files == nil {
		return a, nil, errNoFiles
	}
	small, err := s.files.ReadAll(ctx, thumbnailKey(id))
	if gcerrors.Code(err) == gcerrors.NotFound {
		small, err = s.makeThumbnail(ctx, id)
	}
	switch {
	case err != nil:
		return a, nil, fmt.Errorf("thumbnail of %s: %w", id, err)
	case len(small) == 0:
		return a, nil, ticket.NotFound("thumbnail")
	}
	a.MediaType, a.Size = thumbnailType, int64(len(small))
	return a, io.NopCloser(bytes.NewReader(small)), nil
}

// makeThumbnail makes a thumbnail and keeps it; an empty one where none can be
// made, so that nobody tries again.
func (s *Service) makeThumbnail(ctx context.Context, id string) ([]byte, error) {
	small, err := s.shrink(ctx, blobKey(id))
	if err != nil {
		return nil, err
	}
	// Two who ask at once make the same.
	if err := s.files.WriteAll(ctx, thumbnailKey(id), small, &blob.WriterOptions{ContentType: thumbnailType}); err != nil {
		s.log.WarnContext(ctx, "thumbnail not kept", slog.String("attachment", id), slog.Any("error", err))
	}
	return small, nil
}

// shrink makes a thumbnail of a file; nothing when it is no picture that can be
// made small. So many are made at once as their pixels fit into memory.
func (s *Service) shrink(ctx context.Context, key string) ([]byte, error) {
	file, err := s.files.NewReader(ctx, key, nil)
	if err != nil {
		return nil, err
	}
	watched := &watchedReader{Reader: file}
	pixels, unfit := photo.Pixels(watched)
	if err := errors.Join(watched.err, file.Close()); err != nil {
		return nil, err
	}
	if unfit != nil {
		return nil, nil // no picture is an answer
	}
	if err := s.shrinking.Acquire(ctx, pixels); err != nil {
		return nil, err
	}
	defer s.shrinking.Release(pixels)
	content, err := s.files.ReadAll(ctx, key)
	if err != nil {
		return nil, err
	}
	small, unfit := photo.Thumbnail(content, ThumbnailSize)
	if unfit != nil {
		return nil, nil // a damaged picture is none
	}
	return small, nil
}

// watchedReader keeps the error that reading failed with, to tell it from a
// picture that is none.
type watchedReader struct {
	io.Reader
	err error
}

// Read reads.
func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
