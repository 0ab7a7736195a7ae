package service_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"sync"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

func (o *agency) uploads(who, name string, content []byte) string {
	o.tb.Helper()
	a, err := o.Upload(o.tb.Context(), o.Actor(o.tb, who), name, bytes.NewReader(content))
	if err != nil {
		o.tb.Fatal(err)
	}
	return a.ID
}

// thumbnail reads a thumbnail as somebody; the error is what is refused with.
func (o *agency) thumbnail(who, id string) (image.Image, error) {
	o.tb.Helper()
	a, r, err := o.OpenThumbnail(o.tb.Context(), o.Actor(o.tb, who), id)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		o.tb.Fatal(err)
	}
	if a.ID != id || a.MediaType != "image/jpeg" || a.Size != int64(len(content)) {
		o.tb.Errorf("%+v with %d bytes", a, len(content))
	}
	m, err := jpeg.Decode(bytes.NewReader(content))
	if err != nil {
		o.tb.Fatal(err)
	}
	return m, nil
}

// photograph is a PNG of one colour.
func photograph(tb testing.TB, width, height int) []byte {
	tb.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = 0xFF
	}
	m.Set(0, 0, color.Black)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestThumbnail(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		photo := o.uploads("own", "现场.png", photograph(t, 1200, 600))
		if m, err := o.thumbnail("own", photo); err != nil || m.Bounds().Size() != image.Pt(320, 160) {
			t.Fatalf("%v", err)
		}
		if _, err := o.thumbnail("desk", photo); ticketCode(err) != ticket.CodeNotFound {
			t.Errorf("what nothing carries: %v", err)
		}
		filed, err := o.File(t.Context(), o.Actor(t, "own"), ticket.SubmitInput{Title: "漏水", Description: "见照片", Category: "labour", Attached: ticket.Attached{Attachments: []string{photo}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"own", "desk", "leader", "manager"} {
			if m, err := o.thumbnail(who, photo); err != nil || m.Bounds().Size() != image.Pt(320, 160) {
				t.Errorf("%s: %v", who, err)
			}
		}
		// The same people read it as the photo, and of the same line.
		for _, who := range []string{"stranger", "land-officer", "admin", "guest"} {
			if _, err := o.thumbnail(who, photo); ticketCode(err) != ticket.CodeNotFound {
				t.Errorf("%s: %v", who, err)
			}
		}
		o.does("desk", filed.ID, ticket.EventAccept, nil)
		o.does("desk", filed.ID, ticket.EventDispatch, ticket.DispatchInput{LeadID: o.Departments["labour"]})
		inside := o.uploads("lead-officer", "图.png", photograph(t, 10, 10))
		o.does("lead-officer", filed.ID, ticket.EventWhistle, ticket.WhistleInput{
			DepartmentIDs: []string{o.Departments["fire"]}, Question: "能否先行？", Attached: ticket.Attached{Attachments: []string{inside}},
		})
		if _, err := o.thumbnail("fire-officer", inside); err != nil {
			t.Error(err)
		}
		if _, err := o.thumbnail("own", inside); ticketCode(err) != ticket.CodeNotFound {
			t.Errorf("the offices' photo: %v", err)
		}

		text := o.uploads("own", "说明.txt", []byte("招不到装配工"))
		broken := o.uploads("own", "坏.png", photograph(t, 400, 400)[:200])
		for name, id := range map[string]string{"a text": text, "a damaged picture": broken, "nothing": "none"} {
			for range 2 { // the second time from what is kept
				if _, err := o.thumbnail("own", id); ticketCode(err) != ticket.CodeNotFound {
					t.Errorf("%s: %v", name, err)
				}
			}
		}

		// It goes with its photo.
		o.Clock.Advance(25 * time.Hour)
		if purged, err := o.PurgeAttachments(t.Context()); err != nil || purged != 2 {
			t.Errorf("%d purged: %v", purged, err)
		}
		if _, err := o.thumbnail("own", photo); err != nil {
			t.Error(err)
		}
	})
}

// TestThumbnailsAtOnce asks for one from many sides before it is made.
func TestThumbnailsAtOnce(t *testing.T) {
	inAgency(t, func(t *testing.T, o *agency) {
		var ids []string
		for range 3 {
			ids = append(ids, o.uploads("own", "现场.png", photograph(t, 2000, 1500)))
		}
		own := o.Actor(t, "own")
		var waiting sync.WaitGroup
		for i := range 12 {
			waiting.Go(func() {
				a, r, err := o.OpenThumbnail(t.Context(), own, ids[i%3])
				if err != nil {
					t.Error(err)
					return
				}
				defer r.Close()
				if m, err := jpeg.Decode(r); err != nil || m.Bounds().Dx() != service.ThumbnailSize || a.Size == 0 {
					t.Errorf("%v", err)
				}
			})
		}
		waiting.Wait()
	})
}
