package phrase_test

import (
	"encoding/json"
	"testing"
	"time"

	"whistle/internal/phrase"
)

// What is kept says the same when it is read, in any language.
func TestAPhraseIsKept(t *testing.T) {
	at := time.Date(2023, 9, 27, 10, 0, 0, 0, time.UTC)
	say := func(arg any) any {
		switch arg := arg.(type) {
		case phrase.Phrase:
			return "<" + arg.Format() + ">"
		case phrase.Code:
			return arg.List + "." + arg.Code
		case phrase.Moment:
			return time.Time(arg).Year()
		}
		return arg
	}
	for _, c := range []struct {
		p              phrase.Phrase
		english, other string
		translation    string
	}{
		{phrase.Phrase{}, "", "", ""},
		{phrase.Word("100 % sure"), "100 % sure", "当然", "当然"},
		{
			phrase.Of("%s of %d, %s in %s, %s", "x", 7, phrase.Word("a word"), phrase.Code{List: "state", Code: "open", English: "is open"}, phrase.Moment(at)),
			"x of 7, a word in is open, 2023-09-27T10:00:00Z", "2023 state.open <a word> 7 x", "%[5]v %[4]v %[3]v %[2]d %[1]s",
		},
		{phrase.Of("for %v", 2*time.Hour), "for 2h0m0s", "", ""}, // of no kind that is kept
		{phrase.Either([]phrase.Phrase{phrase.Word("a"), phrase.Of("b %d", 2)}), "a; or b 2", "<a>或<b %d>", "%s或%s"},
	} {
		raw, err := json.Marshal(c.p)
		if err != nil {
			t.Fatal(err)
		}
		var read phrase.Phrase
		if err := json.Unmarshal(raw, &read); err != nil {
			t.Fatal(err)
		}
		if read.String() != c.english {
			t.Errorf("%s says %q, want %q", raw, read, c.english)
		}
		if got := read.In(c.translation, say); got != c.other {
			t.Errorf("%s says %q in another language, want %q", raw, got, c.other)
		}
	}
}
