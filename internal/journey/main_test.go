package journey_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"whistle/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// opened is a district on its first morning, a Wednesday before the National Day
// holiday: people are there, and no ticket yet. What a browser does is the same
// on both databases.
func opened(t *testing.T) *testkit.Server {
	t.Helper()
	return testkit.NewServer(t, testkit.NewDistrict(t, testkit.NewService(t, testkit.MigratedSQLite(t), "2023-09-27 10:00")))
}

// photo is a file as a phone's camera makes it.
func photo(t *testing.T) string {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 800, 600))
	for y := range 600 {
		for x := range 800 {
			picture.Set(x, y, color.RGBA{uint8(x / 4), uint8(y / 3), 120, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "宿舍楼.jpg")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
