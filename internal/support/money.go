package support

import (
	"strconv"
	"strings"
	"unicode"

	"whistle/internal/phrase"
)

// Fen is an amount of money in hundredths of a yuan.
type Fen int64

// MostFen is the largest amount that is taken: a hundred billion yuan, so that
// sums of any number of rows that there can be stay exact.
const MostFen Fen = 10_000_000_000_000

var noAmount = phrase.Word("is no amount; write yuan such as 1234.56, or 12.34 万元")

// unitsOfAmounts are the words that follow a number, and how many decimals of it
// there are down to the fen.
var unitsOfAmounts = []struct {
	name   string
	digits int
}{{"万元", 6}, {"万", 6}, {"元", 2}, {"", 2}}

// ParseFen reads an amount as people write it: in yuan, 1234.56 or 1,234.56 元,
// or in ten thousands, 287.36 万元. Nothing is rounded. It says what is wrong with
// what is no amount.
func ParseFen(text string) (amount Fen, wrong phrase.Phrase) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == ',' || r == '，' {
			return -1
		}
		return r
	}, text)
	text = strings.TrimPrefix(strings.TrimPrefix(text, "¥"), "￥")
	for _, unit := range unitsOfAmounts {
		if number, ok := strings.CutSuffix(text, unit.name); ok {
			return parseScaled(number, unit.digits)
		}
	}
	return 0, noAmount
}

// parseScaled reads a decimal number times a power of ten, exactly.
func parseScaled(number string, digits int) (Fen, phrase.Phrase) {
	whole, part, pointed := strings.Cut(number, ".")
	if whole == "" || pointed && part == "" || !onlyDigits(whole+part) {
		return 0, noAmount
	}
	part = strings.TrimRight(part, "0")
	if len(part) > digits {
		return 0, phrase.Word("goes beyond the fen; write fewer decimals")
	}
	all := strings.TrimLeft(whole+part+strings.Repeat("0", digits-len(part)), "0")
	if all == "" {
		return 0, phrase.Phrase{}
	}
	n, err := strconv.ParseInt(all, 10, 64)
	if err != nil || Fen(n) > MostFen {
		return 0, phrase.Word("is larger than any amount that is paid out")
	}
	return Fen(n), phrase.Phrase{}
}

func onlyDigits(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// Yuan is the amount in yuan, with both decimals.
func (f Fen) Yuan() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	fen := strconv.FormatInt(int64(f%100), 10)
	return sign + strconv.FormatInt(int64(f/100), 10) + "." + strings.Repeat("0", 2-len(fen)) + fen
}

// Wan is the amount in ten thousands of yuan, without zeros at its end.
func (f Fen) Wan() string {
	const wan = 1_000_000
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	part := strconv.FormatInt(int64(f%wan), 10)
	part = strings.TrimRight(strings.Repeat("0", 6-len(part))+part, "0")
	if part != "" {
		part = "." + part
	}
	return sign + strconv.FormatInt(int64(f/wan), 10) + part
}

// InWan says whether people write the amount in ten thousands.
func (f Fen) InWan() bool { return f >= 1_000_000 }
