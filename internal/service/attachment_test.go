package service_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"whistle/internal/directory"
	"whistle/internal/files"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// filing is a district whose service keeps attachments in a folder.
type filing struct {
	*district
	folder string
}

func filingOnBoth(t *testing.T, test func(t *testing.T, d filing)) {
	onBoth(t, func(t *testing.T, d *district) {
		folder := t.TempDir()
		bucket, err := files.Open(t.Context(), folder, "")
		if err != nil {
			t.Fatal(err)
		}
		st, err := store.Open(t.Context(), d.cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := errors.Join(bucket.Close(), st.Close()); err != nil {
				t.Error(err)
			}
		})
		d.Service = service.New(st, service.Config{Clock: d.clock, Wall: d.wall, Zone: beijing, Log: slog.New(slog.DiscardHandler), Files: bucket})
		test(t, filing{d, folder})
	})
}

// kept counts the files in the folder.
func (d filing) kept() int {
	d.tb.Helper()
	n := 0
	if err := filepath.WalkDir(d.folder, func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	}); err != nil {
		d.tb.Fatal(err)
	}
	return n
}

func (d filing) upload(actor ticket.Actor, name, content string) directory.Attachment {
	d.tb.Helper()
	a, err := d.Upload(d.tb.Context(), actor, name, strings.NewReader(content))
	if err != nil {
		d.tb.Fatal(err)
	}
	return a
}

func picture(tb testing.TB) string {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// office is a zip file with these members, as office documents are.
func office(tb testing.TB, members ...string) string {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		part, err := w.Create(m)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := part.Write([]byte("<?xml version=\"1.0\"?><x/>")); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// TestUploadKinds: what a file is shows from its content, and its name is made
// safe.
func TestUploadKinds(t *testing.T) {
	filingOnBoth(t, func(t *testing.T, d filing) {
		long := strings.Repeat("很", 200)
		kinds := office(t, "[Content_Types].xml", "_rels/.rels", "word/document.xml")
		for _, c := range []struct {
			name, content string
			kept, kind    string // "" for refused
		}{
			{"现场.PNG", picture(t), "现场.PNG", "image/png"},
			{"../../etc/passwd", picture(t), "passwd.png", "image/png"},
			{`C:\桌面\照片.png`, picture(t), "照片.png", "image/png"},
			{"photo\u202egnp.exe", picture(t), "photognp.exe.png", "image/png"},
			{"a\x00b\r\nc.png", picture(t), "abc.png", "image/png"},
			{"", picture(t), "file.png", "image/png"},
			{"..", picture(t), "file.png", "image/png"},
			{long + ".png", picture(t), strings.Repeat("很", 116) + ".png", "image/png"},
			{"bad\xffutf8.png", picture(t), "badutf8.png", "image/png"},
			{"合同.pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "合同.pdf", "application/pdf"},
			{"说明.docx", kinds, "说明.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
			{"表.xlsx", office(t, "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), "表.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
			{"讲.pptx", office(t, "[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"), "讲.pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
			{"旧.doc", oleMagic + strings.Repeat("\x00", 600), "旧.doc", "application/msword"},
			{"旧.xls", oleMagic + strings.Repeat("\x00", 600), "旧.xls", "application/vnd.ms-excel"},
			{"便条.txt", "缺一百名焊工", "便条.txt", "text/plain"},
			{"plain.html", "no markup here", "plain.html.txt", "text/plain"},
			{"page.png", "<!DOCTYPE html><html><script>alert(1)</script></html>", "", ""},
			{"drawing.png", `<svg xmlns="http://www.w3.org/2000/svg"></svg>`, "", ""},
			{"archive.docx", office(t, "a.txt"), "", ""},
			{"setup.msi", oleMagic + strings.Repeat("\x00", 600), "", ""},
			{"run.png", "MZ\x90\x00" + strings.Repeat("\x00", 100), "", ""},
			{"script.txt", "#!/bin/sh\nrm -rf /\n", "", ""},
			{"empty.txt", "", "", ""},
		} {
			before := d.kept()
			a, err := d.Upload(t.Context(), theDesk, c.name, strings.NewReader(c.content))
			if c.kind == "" {
				refused(t, err, ticket.CodeInvalidValue, "/file")
				if d.kept() != before {
					t.Errorf("%q: a refused file was kept", c.name)
				}
				continue
			}
			if err != nil || a.Name != c.kept || a.MediaType != c.kind || a.Size != int64(len(c.content)) || len(a.SHA256) != 64 {
				t.Errorf("%q is kept as %+v %v", c.name, a, err)
				continue
			}
			_, r, err := d.OpenAttachment(t.Context(), theDesk, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || string(got) != c.content {
				t.Errorf("%q comes back otherwise: %v", c.name, err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestUploadLimits: 20 MB and not a byte more; a hundred unused in a day.
func TestUploadLimits(t *testing.T) {
	filingOnBoth(t, func(t *testing.T, d filing) {
		ctx := t.Context()
		full := strings.Repeat("x", service.MaxAttachmentSize)
		d.upload(theLeader, "full.txt", full)
		_, err := d.Upload(ctx, theLeader, "over.txt", strings.NewReader(full+"x"))
		refused(t, err, ticket.CodeTooLarge)
		if d.kept() != 1 {
			t.Errorf("%d files kept", d.kept())
		}
		start := d.clock.Now()
		for range 100 {
			d.upload(theDesk, "a.txt", "a")
			d.clock.Advance(time.Second)
		}
		_, err = d.Upload(ctx, theDesk, "a.txt", strings.NewReader("a"))
		refused(t, err, ticket.CodeTooMany)
		var known *ticket.Error
		if errors.As(err, &known) && known.RetryAfter != 24*time.Hour-100*time.Second {
			t.Errorf("to be tried again after %s", known.RetryAfter)
		}
		d.upload(theLeader, "a.txt", "a") // others are not held up
		d.clock.Set(start.Add(24 * time.Hour))
		d.upload(theDesk, "a.txt", "a")
	})
}

// TestAttachmentSight: a file is read by whoever reads the line that carries
// it, and by nobody else.
func TestAttachmentSight(t *testing.T) {
	filingOnBoth(t, func(t *testing.T, d filing) {
		ctx := t.Context()
		with := func(actor ticket.Actor) (ticket.Attached, string) {
			a := d.upload(actor, "a.txt", "a")
			return ticket.Attached{Attachments: []string{a.ID}}, a.ID
		}
		loose := d.upload(ownerOf(1), "loose.txt", "a").ID

		filed, atFiling := with(ownerOf(1))
		tk, err := d.File(ctx, ownerOf(1), ticket.SubmitInput{Title: "缺工", Description: "缺", Category: "labour", Attached: filed})
		if err != nil {
			t.Fatal(err)
		}
		// d1 leads, and returns it; d2 leads then and whistles for d3.
		d.fire(theDesk, tk.ID, ticket.EventAccept, nil)
		d.fire(theDesk, tk.ID, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d1"})
		returned, atReturn := with(headOf(1))
		d.fire(headOf(1), tk.ID, ticket.EventReturn, ticket.ReturnInput{ReasonCode: "not_our_duty", Text: "不归我", Attached: returned})
		d.fire(theDesk, tk.ID, ticket.EventDispatch, ticket.DispatchInput{LeadID: "d2"})
		d.fire(headOf(2), tk.ID, ticket.EventClaim, nil)
		inside, atProgress := with(headOf(2))
		d.fire(headOf(2), tk.ID, ticket.EventProgress, ticket.ProgressInput{Text: "内部", Attached: inside})
		public, atPublic := with(headOf(2))
		d.fire(headOf(2), tk.ID, ticket.EventProgress, ticket.ProgressInput{Text: "公开", Public: true, Attached: public})
		whistle, atWhistle := with(headOf(2))
		d.fire(headOf(2), tk.ID, ticket.EventWhistle, ticket.WhistleInput{DepartmentIDs: []string{"d3"}, Question: "谁办", Attached: whistle})
		report, atReport := with(headOf(3))
		d.fire(headOf(3), tk.ID, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能", Attached: report})

		names := map[string]string{
			loose: "loose", atFiling: "filing", atReturn: "return", atProgress: "progress",
			atPublic: "public", atWhistle: "whistle", atReport: "report",
		}
		manager := ticket.Actor{ID: "manager", Role: ticket.RoleGuest, Manages: []string{"e1"}}
		offices := []string{"filing", "progress", "public", "report", "return", "whistle"}
		for _, c := range []struct {
			who   string
			actor ticket.Actor
			reads []string
		}{
			{"owner", ownerOf(1), []string{"filing", "loose", "public"}},
			{"manager", manager, offices},
			{"desk", theDesk, offices},
			{"leader", theLeader, offices},
			{"lead", headOf(2), offices},
			{"summoned", headOf(3), offices},
			{"former lead", headOf(1), []string{"filing", "return"}},
			{"another enterprise", ownerOf(2), nil},
			{"admin", theAdmin, nil},
			{"guest", theGuest, nil},
		} {
			var reads, lists []string
			for id, name := range names {
				_, r, err := d.OpenAttachment(ctx, c.actor, id)
				if err == nil {
					reads = append(reads, name)
					_ = r.Close()
					continue
				}
				refused(t, err, ticket.CodeNotFound)
			}
			list, err := d.TicketAttachments(ctx, c.actor, tk.ID)
			if len(c.reads) == 0 {
				refused(t, err, ticket.CodeNotFound)
			} else if err != nil {
				t.Fatal(err)
			}
			for _, a := range list {
				lists = append(lists, names[a.ID])
			}
			slices.Sort(reads)
			slices.Sort(lists)
			if !slices.Equal(reads, c.reads) {
				t.Errorf("%s reads %v, want %v", c.who, reads, c.reads)
			}
			if carried := slices.DeleteFunc(slices.Clone(c.reads), func(n string) bool { return n == "loose" }); !slices.Equal(lists, carried) {
				t.Errorf("%s lists %v, want %v", c.who, lists, carried)
			}
		}

		// One carries a file, nobody else's and not twice.
		for _, id := range []string{loose, atFiling, "nothing"} {
			_, err := d.Fire(ctx, theDesk, tk.ID, service.Command{Event: ticket.EventMessage, Input: ticket.TextInput{Text: "看", Attached: ticket.Attached{Attachments: []string{id}}}})
			refused(t, err, ticket.CodeInvalidValue, "/attachments/0")
		}

		// A trade secret is read by fewer: the former lead loses sight.
		secret := true
		d.fire(theDesk, tk.ID, ticket.EventCorrect, ticket.CorrectInput{Confidential: &secret, Reason: "商业秘密"})
		for _, actor := range []ticket.Actor{headOf(1), manager} {
			_, err := d.Attachment(ctx, actor, atFiling)
			refused(t, err, ticket.CodeNotFound)
		}
	})
}

// TestPurgeAttachments: what nothing carried within a day goes, content and
// all; what a ticket carries stays.
func TestPurgeAttachments(t *testing.T) {
	filingOnBoth(t, func(t *testing.T, d filing) {
		ctx := t.Context()
		used, unused := d.upload(ownerOf(1), "a.txt", "a"), d.upload(ownerOf(1), "b.txt", "b")
		if _, err := d.File(ctx, ownerOf(1), ticket.SubmitInput{Title: "缺工", Description: "缺", Category: "labour", Attached: ticket.Attached{Attachments: []string{used.ID}}}); err != nil {
			t.Fatal(err)
		}
		d.clock.Advance(24 * time.Hour)
		fresh := d.upload(ownerOf(1), "c.txt", "c")
		if n := take[int](t)(d.PurgeAttachments(ctx)); n != 0 || d.kept() != 3 {
			t.Errorf("%d purged on the day's last moment, %d kept", n, d.kept())
		}
		d.clock.Advance(time.Second)
		if n := take[int](t)(d.PurgeAttachments(ctx)); n != 1 || d.kept() != 2 {
			t.Errorf("%d purged, %d kept", n, d.kept())
		}
		_, err := d.Attachment(ctx, ownerOf(1), unused.ID)
		refused(t, err, ticket.CodeNotFound)
		for _, a := range []directory.Attachment{used, fresh} {
			if _, err := d.Attachment(ctx, ownerOf(1), a.ID); err != nil {
				t.Errorf("%s: %v", a.Name, err)
			}
		}
	})
}

// TestUploadRolledBack: a file whose record is not committed leaves no content.
func TestUploadRolledBack(t *testing.T) {
	filingOnBoth(t, func(t *testing.T, d filing) {
		failure := errors.New("later")
		var id string
		err := d.InTx(t.Context(), func(ctx context.Context) error {
			a, err := d.Upload(ctx, theDesk, "a.txt", strings.NewReader("a"))
			id = a.ID
			return errors.Join(err, failure)
		})
		if !errors.Is(err, failure) || d.kept() != 0 {
			t.Errorf("%v, %d kept", err, d.kept())
		}
		_, err = d.Attachment(t.Context(), theDesk, id)
		refused(t, err, ticket.CodeNotFound)
	})
}
