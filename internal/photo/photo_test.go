package photo_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"whistle/internal/photo"
)

var (
	red   = color.RGBA{200, 0, 0, 255}
	green = color.RGBA{0, 200, 0, 255}
	blue  = color.RGBA{0, 0, 200, 255}
	black = color.RGBA{0, 0, 0, 255}
)

// flag is a picture of four fields: red, green / blue, black.
func flag(width, height int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := [2][2]color.RGBA{{red, green}, {blue, black}}[y*2/height][x*2/width]
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

// exif is the part of a file that says an orientation, with another tag before.
func exif(order binary.ByteOrder, orientation uint16) []byte {
	var b bytes.Buffer
	mark := map[bool]string{true: "II*\x00", false: "MM\x00*"}[order == binary.LittleEndian]
	b.WriteString("Exif\x00\x00" + mark)
	put := func(values ...any) {
		for _, v := range values {
			if err := binary.Write(&b, order, v); err != nil {
				panic(err)
			}
		}
	}
	put(uint32(8), uint16(2))
	put(uint16(0x0100), uint16(4), uint32(1), uint32(40))
	put(uint16(0x0112), uint16(3), uint32(1), orientation, uint16(0))
	put(uint32(0))
	return b.Bytes()
}

func asJPEG(t *testing.T, m image.Image, exif []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	if exif == nil {
		return b.Bytes()
	}
	head := binary.BigEndian.AppendUint16([]byte{0xFF, 0xD8, 0xFF, 0xE1}, uint16(len(exif)+2)) //nolint:gosec // some forty
	return slices.Concat(head, exif, b.Bytes()[2:])
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withChunk puts a chunk behind the header of a PNG.
func withChunk(file []byte, name string, content []byte) []byte {
	const header = 8 + 25
	body := append([]byte(name), content...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(content))) //nolint:gosec // some forty
	chunk = binary.BigEndian.AppendUint32(append(chunk, body...), crc32.ChecksumIEEE(body))
	return slices.Concat(file[:header], chunk, file[header:])
}

func thumbnail(t *testing.T, file []byte) image.Image {
	t.Helper()
	small, err := photo.Thumbnail(file, 320)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(small, []byte("Exif")) || bytes.Contains(small, []byte("secret")) {
		t.Error("the thumbnail tells more than the picture")
	}
	m, err := jpeg.Decode(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// corners names the colours of the four fields: top left, top right, bottom
// left, bottom right.
func corners(m image.Image) string {
	b := m.Bounds()
	text := ""
	for _, at := range []image.Point{{b.Dx() / 4, b.Dy() / 4}, {b.Dx() * 3 / 4, b.Dy() / 4}, {b.Dx() / 4, b.Dy() * 3 / 4}, {b.Dx() * 3 / 4, b.Dy() * 3 / 4}} {
		r, g, bl, _ := m.At(at.X, at.Y).RGBA()
		switch {
		case r > 0x8000 && g > 0x8000 && bl > 0x8000:
			text += "W"
		case r > 0x8000:
			text += "R"
		case g > 0x8000:
			text += "G"
		case bl > 0x8000:
			text += "B"
		default:
			text += "K"
		}
	}
	return text
}

// By the standard, the orientation says on which sides the first row and the
// first column of the file are seen.
func TestUpright(t *testing.T) {
	want := map[uint16]string{
		0: "RGBK", 1: "RGBK", // top, left
		2: "GRKB", // top, right
		3: "KBGR", // bottom, right
		4: "BKRG", // bottom, left
		5: "RBGK", // left, top
		6: "BRKG", // right, top
		7: "KGBR", // right, bottom
		8: "GKRB", // left, bottom
		9: "RGBK",
	}
	for orientation, seen := range want {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			for kind, file := range map[string][]byte{
				"jpeg": asJPEG(t, flag(800, 400), exif(order, orientation)),
				"png":  withChunk(asPNG(t, flag(800, 400)), "eXIf", exif(order, orientation)[6:]),
			} {
				m := thumbnail(t, file)
				size := image.Pt(320, 160)
				if orientation >= 5 && orientation <= 8 {
					size = image.Pt(160, 320)
				}
				if m.Bounds().Size() != size || corners(m) != seen {
					t.Errorf("%s, orientation %d: %v %s, want %v %s", kind, orientation, m.Bounds().Size(), corners(m), size, seen)
				}
			}
		}
	}
}

func TestSizes(t *testing.T) {
	for from, want := range map[image.Point]image.Point{
		{4000, 3000}: {320, 240},
		{300, 200}:   {300, 200},
		{320, 320}:   {320, 320},
		{321, 1}:     {320, 1},
		{1, 5000}:    {1, 320},
	} {
		if got := thumbnail(t, asPNG(t, image.NewGray(image.Rectangle{Max: from}))).Bounds().Size(); got != want {
			t.Errorf("%v becomes %v, want %v", from, got, want)
		}
	}
}

func TestKinds(t *testing.T) {
	var animation bytes.Buffer
	paletted := image.NewPaletted(image.Rect(0, 0, 400, 400), color.Palette{black, red})
	if err := gif.EncodeAll(&animation, &gif.GIF{Image: []*image.Paletted{paletted, paletted}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	if got := corners(thumbnail(t, animation.Bytes())); got != "KKKK" {
		t.Errorf("gif: %s", got)
	}
	if got := corners(thumbnail(t, asPNG(t, image.NewNRGBA(image.Rect(0, 0, 400, 400))))); got != "WWWW" {
		t.Errorf("what is transparent is %s", got)
	}
	if got := corners(thumbnail(t, webp(400, 400))); got != "WWWW" {
		t.Errorf("webp: %s", got)
	}
	for name, file := range map[string][]byte{"nothing": nil, "a text": []byte("甲科技有限公司"), "pdf": []byte("%PDF-1.7\n"), "heic": []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00")} {
		if _, err := photo.Thumbnail(file, 320); err == nil || errors.Is(err, photo.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// webp is a white picture of any size in a few bytes: every channel has a code
// of one symbol, which takes no room.
func webp(width, height uint64) []byte {
	var bits, n uint64
	var data []byte
	put := func(value uint64, size uint64) {
		for bits, n = bits|value<<n, n+size; n >= 8; bits, n = bits>>8, n-8 {
			data = append(data, byte(bits&0xFF))
		}
	}
	put(0x2F, 8)
	put(width-1, 14)
	put(height-1, 14)
	put(0, 4) // no alpha, version
	put(0, 3) // no transforms, no cache, one group of codes
	for range 4 {
		put(0b101, 3) // one symbol, of eight bits
		put(255, 8)
	}
	put(0b0001, 4) // distances: one symbol of one bit
	put(0, 7)      // to a whole byte
	if len(data)%2 == 1 {
		data = append(data, 0)
	}
	size := func(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) } //nolint:gosec // some twenty
	return slices.Concat([]byte("RIFF"), size(12+len(data)), []byte("WEBPVP8L"), size(len(data)), data)
}

// A small file may claim to be a huge picture.
func TestBombs(t *testing.T) {
	header := asPNG(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	claim := func(width, height uint32) []byte {
		file := slices.Clone(header)
		binary.BigEndian.PutUint32(file[16:], width)
		binary.BigEndian.PutUint32(file[20:], height)
		binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
		return file
	}
	for _, size := range [][2]uint32{{40_001, 1000}, {100_000, 100_000}, {2_000_000_000, 2}} {
		if _, err := photo.Thumbnail(claim(size[0], size[1]), 320); !errors.Is(err, photo.ErrTooLarge) {
			t.Errorf("%v: %v", size, err)
		}
	}
	if _, err := photo.Thumbnail(webp(16_000, 16_000), 320); !errors.Is(err, photo.ErrTooLarge) {
		t.Errorf("webp: %v", err)
	}
	// One that is no larger than that, and has nothing in it, is no picture.
	if pixels, err := photo.Pixels(bytes.NewReader(claim(4000, 4000))); err != nil || pixels != 16_000_000 {
		t.Errorf("%d pixels: %v", pixels, err)
	}
	if _, err := photo.Thumbnail(claim(4000, 4000), 320); err == nil {
		t.Error("a picture without its lines has a thumbnail")
	}
}

// FuzzThumbnail looks for a file that makes the reader fall over.
func FuzzThumbnail(f *testing.F) {
	var t testing.T
	f.Add(asJPEG(&t, flag(16, 8), exif(binary.BigEndian, 6)))
	f.Add(withChunk(asPNG(&t, flag(8, 8)), "eXIf", exif(binary.LittleEndian, 3)[6:]))
	f.Add(webp(9, 5))
	f.Add([]byte("RIFF\xff\xff\xff\xffWEBPEXIF\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if pixels, err := photo.Pixels(bytes.NewReader(file)); err != nil || pixels > 1_000_000 {
			return
		}
		small, err := photo.Thumbnail(file, 32)
		if err != nil {
			return
		}
		m, err := jpeg.Decode(bytes.NewReader(small))
		if err != nil || m.Bounds().Dx() > 32 || m.Bounds().Dy() > 32 {
			t.Fatalf("%v %v", m, err)
		}
	})
}

func BenchmarkThumbnail(b *testing.B) {
	var t testing.T
	file := asJPEG(&t, flag(4032, 3024), exif(binary.BigEndian, 6))
	for b.Loop() {
		if _, err := photo.Thumbnail(file, 320); err != nil {
			b.Fatal(err)
		}
	}
}
