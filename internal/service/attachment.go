package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gabriel-vasile/mimetype"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"whistle/internal/directory"
	"whistle/internal/retention"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// MaxAttachmentSize is the size of the largest file that is taken, in bytes.
const MaxAttachmentSize = 20 << 20

const (
	maxUnattached      = 100            // by one uploader
	unattachedLifetime = 24 * time.Hour // in which so many may be uploaded
	maxFileName        = 120            // characters

	// sniffBytes is how much of a file is looked at to find its kind; office
	// documents tell theirs late.
	sniffBytes = 64 << 10
)

func init() { mimetype.SetLimit(sniffBytes) }

// attachmentKind is a kind of file that is taken, and the extensions by which
// people know it; the first is given to a file that has another.
type attachmentKind struct {
	mediaType  string
	extensions []string
}

const (
	mediaTypeDoc = "application/msword"
	mediaTypeXls = "application/vnd.ms-excel"
)

var attachmentKinds = []attachmentKind{
	{"image/jpeg", []string{".jpg", ".jpeg"}},
	{"image/png", []string{".png"}},
	{"image/webp", []string{".webp"}},
	{"image/heic", []string{".heic"}},
	{"image/heif", []string{".heif", ".heic"}},
	{"image/gif", []string{".gif"}},
	{"application/pdf", []string{".pdf"}},
	{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{".docx"}},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{".xlsx"}},
	{"application/vnd.openxmlformats-officedocument.presentationml.presentation", []string{".pptx"}},
	{mediaTypeDoc, []string{".doc"}},
	{mediaTypeXls, []string{".xls"}},
	{"text/csv", []string{".csv"}},
	{"text/plain", []string{".txt", ".csv"}},
}

// AttachmentMediaTypes lists the media types that a kept file may have.
func AttachmentMediaTypes() []string {
	all := make([]string, len(attachmentKinds))
	for i, kind := range attachmentKinds {
		all[i] = kind.mediaType
	}
	return all
}

// kindOf finds a file's kind from how it begins.
func kindOf(head []byte, name string) (attachmentKind, bool) {
	found := mimetype.Detect(head)
	for _, kind := range attachmentKinds {
		if found.Is(kind.mediaType) {
			return kind, true
		}
	}
	// Old office files may tell which program they are of beyond what is
	// looked at; the name has to do then.
	if found.Is("application/x-ole-storage") {
		for _, kind := range attachmentKinds {
			if (kind.mediaType == mediaTypeDoc || kind.mediaType == mediaTypeXls) && slices.Contains(kind.extensions, strings.ToLower(path.Ext(name))) {
				return kind, true
			}
		}
	}
	return attachmentKind{}, false
}

// bareName is a file's name without its path and without what does not show.
func bareName(name string) string {
	name = strings.ToValidUTF8(strings.ReplaceAll(name, `\`, "/"), "")
	name = strings.Map(func(r rune) rune {
		// Format characters turn the writing direction and hide extensions.
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, path.Base(name))
	return strings.Trim(name, " ./")
}

// fileName makes a name that is safe to save under: a bare one, with the
// extension of what the file is.
func fileName(name string, kind attachmentKind) string {
	name = bareName(name)
	extension := path.Ext(name)
	if !slices.Contains(kind.extensions, strings.ToLower(extension)) {
		extension = kind.extensions[0]
	} else {
		name = strings.TrimRight(strings.TrimSuffix(name, extension), " .")
	}
	if name == "" {
		name = "file"
	}
	if room := maxFileName - len(extension); len([]rune(name)) > room {
		name = string([]rune(name)[:room])
	}
	return name + extension
}

// blobKey is where an attachment's content is kept.
func blobKey(id string) string { return "attachments/" + id }

var errNoFiles = ticket.Errorf(ticket.CodeUnavailable, "Attachments cannot be kept here now.")

// Upload keeps a file until something of the same actor's carries it, for a day.
// What the file is shows from its content, not its name.
func (s *Service) Upload(ctx context.Context, actor ticket.Actor, name string, content io.Reader) (directory.Attachment, error) {
	var none directory.Attachment
	if s.files == nil {
		return none, errNoFiles
	}
	now := s.clock.Now()
	waiting, err := s.store.UnattachedSince(ctx, actor.ID, now.Add(-unattachedLifetime))
	if err != nil {
		return none, err
	}
	if len(waiting) >= maxUnattached {
		tooMany := ticket.Errorf(ticket.CodeTooMany, "You have uploaded %d files in a day that nothing carries yet. Use them, or wait until the oldest is removed.", len(waiting))
		tooMany.RetryAfter = waiting[0].Add(unattachedLifetime).Sub(now)
		return none, tooMany
	}
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(content, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return none, err
	}
	head = head[:n]
	if n == 0 {
		return none, ticket.InvalidValues([]ticket.Field{{Pointer: "/file", Message: "is empty"}})
	}
	kind, ok := kindOf(head, name)
	if !ok {
		return none, ticket.InvalidValues([]ticket.Field{{Pointer: "/file", Message: "is of a kind that is not taken. Taken are pictures (jpeg, png, webp, heic, gif), pdf, docx, xlsx, pptx, doc, xls, txt and csv"}})
	}
	a := directory.Attachment{ID: s.newID(), Name: fileName(name, kind), MediaType: kind.mediaType, UploadedBy: actor.ID, CreatedAt: now}
	if a.Size, a.SHA256, err = s.writeBlob(ctx, blobKey(a.ID), a.MediaType, io.MultiReader(bytes.NewReader(head), content)); err != nil {
		return none, err
	}
	remove := func() { s.removeBlob(context.WithoutCancel(ctx), blobKey(a.ID)) }
	err = s.InTx(ctx, func(ctx context.Context) error {
		// This may be part of a larger transaction that fails later.
		c := commitOf(ctx)
		c.undo = append(c.undo, remove)
		return s.store.InsertAttachment(ctx, &a)
	})
	if err != nil {
		remove()
		return none, err
	}
	return a, nil
}

// writeBlob keeps the content, unless it is too large.
func (s *Service) writeBlob(ctx context.Context, key, mediaType string, content io.Reader) (size int64, sum string, err error) {
	ctx, abandon := context.WithCancel(ctx)
	defer abandon()
	w, err := s.files.NewWriter(ctx, key, &blob.WriterOptions{ContentType: mediaType, DisableContentTypeDetection: true})
	if err != nil {
		return 0, "", err
	}
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(w, hash), io.LimitReader(content, MaxAttachmentSize+1))
	if size > MaxAttachmentSize {
		err = ticket.Errorf(ticket.CodeTooLarge, "A file may have at most %d MB. Make it smaller or divide it.", MaxAttachmentSize>>20)
	}
	if err != nil {
		abandon() // closing writes nothing then
		_ = w.Close()
		return 0, "", err
	}
	return size, hex.EncodeToString(hash.Sum(nil)), w.Close()
}

// removeBlob removes a file's content; what is left behind harms nobody, so
// failing is only logged.
func (s *Service) removeBlob(ctx context.Context, key string) {
	if err := s.files.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		s.log.ErrorContext(ctx, "a file's content was not removed", slog.String("key", key), slog.Any("error", err))
	}
}

// attachments adds a fault for each file that neither the thing that names it
// carries already nor the actor uploaded for something to carry.
func (c *entryCheck) attachments(actor ticket.Actor, named []string, subject, id string) {
	for i, file := range named {
		a, err := c.s.store.Attachment(c.ctx, file)
		carried := a.TicketID+a.SubjectID != ""
		switch {
		case err != nil && !errors.Is(err, store.ErrNotFound):
			c.err = errors.Join(c.err, err)
		case err == nil && a.SubjectID != "" && a.Subject == subject && a.SubjectID == id:
		case err != nil || carried || a.UploadedBy != actor.ID:
			c.fault(fmt.Sprintf("/attachments/%d", i), "is no attachment that you uploaded and have not used yet")
		}
	}
}

// carry ties to an entry the files that it has come to name, and unties those
// that it names no more: they are removed like what nothing ever carried.
func (s *Service) carry(ctx context.Context, subject, id string, before, after []string) error {
	without := func(all, some []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(file string) bool { return slices.Contains(some, file) })
	}
	if err := s.store.LetGo(ctx, without(before, after), subject, id); err != nil {
		return err
	}
	return s.store.CarryTo(ctx, without(after, before), subject, id)
}

// Attachments lists the files that an entry carries, for whoever reads it.
func (e Entries[T, P]) Attachments(ctx context.Context, actor ticket.Actor, id string) ([]directory.Attachment, error) {
	if _, err := e.Get(ctx, actor, id); err != nil {
		return nil, err
	}
	return e.s.store.AttachmentsOf(ctx, e.kind.subject, id)
}

// mayReadFilesOf is nil when the actor reads the files that something carries,
// and not found when they do not.
func (s *Service) mayReadFilesOf(ctx context.Context, actor ticket.Actor, subject, id string) error {
	var err error
	switch subject {
	case subjectVisit:
		err = s.mayReadWords(ctx, actor, id)
	case subjectPolicyResource:
		_, err = s.PolicyResources().Get(ctx, actor, id)
	case subjectActivity:
		_, err = s.Activities().Get(ctx, actor, id)
	default:
		err = fmt.Errorf("who reads the files of a %q is not known", subject)
	}
	var known *ticket.Error
	if errors.As(err, &known) && known.Code == ticket.CodeNotFound {
		return ticket.NotFound("attachment")
	}
	return err
}

// Attachment reads a file's record, if the actor may read the file: the
// uploader until something carries it, then whoever reads that event's line, the
// words of that visit, or that entry.
func (s *Service) Attachment(ctx context.Context, actor ticket.Actor, id string) (directory.Attachment, error) {
	a, err := s.store.Attachment(ctx, id)
	if err != nil {
		return a, problem(err, "attachment")
	}
	if a.SubjectID != "" {
		if err := s.mayReadFilesOf(ctx, actor, a.Subject, a.SubjectID); err != nil {
			return directory.Attachment{}, err
		}
		return a, nil
	}
	if a.TicketID == "" {
		if a.UploadedBy != actor.ID {
			return directory.Attachment{}, ticket.NotFound("attachment")
		}
		return a, nil
	}
	readable, err := s.TicketAttachments(ctx, actor, a.TicketID)
	var known *ticket.Error
	if err != nil && (!errors.As(err, &known) || known.Code != ticket.CodeNotFound) {
		return directory.Attachment{}, err
	}
	if !slices.ContainsFunc(readable, func(r directory.Attachment) bool { return r.ID == id }) {
		return directory.Attachment{}, ticket.NotFound("attachment")
	}
	return a, nil
}

// OpenAttachment reads a file; the caller closes it.
func (s *Service) OpenAttachment(ctx context.Context, actor ticket.Actor, id string) (directory.Attachment, io.ReadCloser, error) {
	a, err := s.Attachment(ctx, actor, id)
	if err != nil {
		return a, nil, err
	}
	if s.files == nil {
		return a, nil, errNoFiles
	}
	r, err := s.files.NewReader(ctx, blobKey(id), nil)
	if err != nil {
		return a, nil, fmt.Errorf("attachment %s: %w", id, err)
	}
	return a, r, nil
}

// TicketAttachments lists the files that a ticket's lines carry, as far as the
// actor reads those lines.
func (s *Service) TicketAttachments(ctx context.Context, actor ticket.Actor, ticketID string) ([]directory.Attachment, error) {
	t, err := s.store.Ticket(ctx, actor, ticketID)
	if err != nil {
		return nil, problem(err, "ticket")
	}
	upTo := actor.SeesUpTo(t)
	carried, err := s.store.TicketAttachments(ctx, ticketID, upTo)
	if err != nil || len(carried) == 0 {
		return nil, err
	}
	lines, err := s.store.History(ctx, ticketID, upTo)
	if err != nil {
		return nil, err
	}
	relation := actor.RelationsTo(t, nil)
	readable := map[string]bool{}
	for _, line := range lines {
		data, ok, err := line.Data(relation)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		ids, _ := data["attachments"].([]any)
		for _, id := range ids {
			if text, ok := id.(string); ok {
				readable[text] = true
			}
		}
	}
	return slices.DeleteFunc(carried, func(a directory.Attachment) bool { return !readable[a.ID] }), nil
}

// PurgeAttachments removes the files that nothing carried within a day, and
// tells how many.
func (s *Service) PurgeAttachments(ctx context.Context) (int, error) {
	if s.files == nil {
		return 0, nil
	}
	ids, err := s.store.UnattachedBefore(ctx, s.keptSince(retention.Uploads))
	if err != nil {
		return 0, err
	}
	purged := 0
	for _, id := range ids {
		var removed bool
		if err := s.store.InTx(ctx, func(ctx context.Context) (err error) {
			removed, err = s.store.DeleteUnattached(ctx, id)
			return err
		}); err != nil {
			return purged, err
		}
		if removed {
			s.removeBlob(ctx, blobKey(id))
			s.removeBlob(ctx, thumbnailKey(id))
			purged++
		}
	}
	return purged, nil
}
