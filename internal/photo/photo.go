// Package photo makes small pictures of large ones: upright, and without what
// the large one tells beside the picture, such as where it was taken. Pure.
package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // of an animation the first picture
	"image/jpeg"
	_ "image/png"
	"io"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"
)

const (
	// MaxPixels is the size of the largest picture that is read: a small file
	// may hold a picture that fills the memory.
	MaxPixels = 40_000_000
	quality   = 80
)

// ErrTooLarge says that a picture has more than MaxPixels.
var ErrTooLarge = errors.New("photo: too many pixels")

// Pixels looks at how a file begins and tells how many pixels it holds. It
// returns ErrTooLarge where they are more than MaxPixels, and another error
// when it is no picture of a kind that is read: JPEG, PNG, WebP or GIF.
func Pixels(file io.Reader) (int64, error) {
	config, _, err := image.DecodeConfig(file)
	if err != nil {
		return 0, fmt.Errorf("photo: %w", err)
	}
	pixels := int64(config.Width) * int64(config.Height)
	switch {
	case pixels <= 0:
		return 0, errors.New("photo: no pixels")
	case pixels > MaxPixels:
		return 0, ErrTooLarge
	}
	return pixels, nil
}

// Thumbnail is a picture as a JPEG that fits into a square of so many pixels,
// upright; one that fits already keeps its size. Making it takes memory for up
// to some 15 bytes of each pixel. Errors are as for Pixels.
func Thumbnail(file []byte, square int) ([]byte, error) {
	if _, err := Pixels(bytes.NewReader(file)); err != nil {
		return nil, err
	}
	large, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("photo: %w", err)
	}
	bounds := large.Bounds()
	width, height := fit(bounds.Dx(), bounds.Dy(), square)
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src) // behind what is transparent
	draw.BiLinear.Scale(small, small.Bounds(), large, bounds, draw.Over, nil)
	var out bytes.Buffer
	err = jpeg.Encode(&out, upright(small, orientation(file)), &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// fit makes a size smaller until it fits into a square.
func fit(width, height, square int) (int, int) {
	longer := max(width, height)
	if longer <= square {
		return width, height
	}
	scale := func(n int) int { return max(1, (n*square+longer/2)/longer) }
	return scale(width), scale(height)
}

// upright turns and mirrors a picture as its orientation tag says, from 1, as
// it is, to 8.
func upright(from *image.RGBA, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return from
	}
	w, h := from.Bounds().Dx(), from.Bounds().Dy()
	turned := orientation >= 5
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if turned {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range to.Bounds().Dy() {
		for x := range to.Bounds().Dx() {
			// Where the pixel stands in the file.
			fx, fy := x, y
			if turned {
				fx, fy = y, x
			}
			switch orientation {
			case 2, 7:
				fx = w - 1 - fx
				if orientation == 7 {
					fy = h - 1 - fy
				}
			case 3:
				fx, fy = w-1-fx, h-1-fy
			case 4, 6:
				fy = h - 1 - fy
			case 8:
				fx = w - 1 - fx
			}
			to.SetRGBA(x, y, from.RGBAAt(fx, fy))
		}
	}
	return to
}
