package support

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParseFen(t *testing.T) {
	for text, want := range map[string]Fen{
		"0": 0, "1": 100, "0.01": 1, "1234.5": 123450, "1,234.56 元": 123456, "¥12": 1200, "287.36 万元": 287360000, "550万元": 550000000,
		"12.34万": 12340000, "0.000001万": 1, "100.00": 10000, "1.230000": 123, " 7 元 ": 700, "1，000": 100000, "100000000000": MostFen,
	} {
		if got, wrong := ParseFen(text); got != want || !wrong.Empty() {
			t.Errorf("%q is %d (%s), want %d", text, got, wrong, want)
		}
	}
	for _, text := range []string{"", "元", "万元", "-1", "1.", ".5", "1.234", "0.0000001万元", "一百", "1e3", "1.2.3", "12 万 5", "100000000000.01", "99999999999999999999", "12元万元"} {
		if got, wrong := ParseFen(text); wrong.Empty() {
			t.Errorf("%q passes for %d", text, got)
		}
	}
}

// TestFenInWords: what is shown reads back as the same amount.
func TestFenInWords(t *testing.T) {
	for fen, want := range map[Fen][2]string{
		0: {"0.00", "0"}, 1: {"0.01", "0.000001"}, 287360000: {"2873600.00", "287.36"}, 550000000: {"5500000.00", "550"}, -105: {"-1.05", "-0.000105"},
	} {
		if fen.Yuan() != want[0] || fen.Wan() != want[1] {
			t.Errorf("%d is %s yuan and %s ten thousands, want %v", fen, fen.Yuan(), fen.Wan(), want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		fen := Fen(rapid.Int64Range(0, int64(MostFen)).Draw(t, "fen"))
		if back, wrong := ParseFen(fen.Yuan()); back != fen || !wrong.Empty() {
			t.Fatalf("%s yuan reads back as %d, not %d", fen.Yuan(), back, fen)
		}
		if back, wrong := ParseFen(fen.Wan() + " 万元"); back != fen || !wrong.Empty() {
			t.Fatalf("%s 万元 reads back as %d, not %d", fen.Wan(), back, fen)
		}
	})
}
