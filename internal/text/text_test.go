package text_test

import (
	"slices"
	"testing"

	"whistle/internal/text"
)

func TestLanguagesHoldTheSameTexts(t *testing.T) {
	chinese, english := text.IDs(text.Chinese), text.IDs(text.English)
	if len(chinese) == 0 {
		t.Fatal("no texts at all")
	}
	for _, id := range chinese {
		if !slices.Contains(english, id) {
			t.Errorf("%s has no English", id)
		}
	}
	for _, id := range english {
		if !slices.Contains(chinese, id) {
			t.Errorf("%s has no Chinese", id)
		}
	}
}

func TestMatchFallsBackToChinese(t *testing.T) {
	for header, want := range map[string]text.Language{
		"": text.Chinese, "fr": text.Chinese, "de-DE,de;q=0.9": text.Chinese, "zh-TW": text.Chinese,
		"en-GB,en;q=0.8": text.English, "fr, en;q=0.5": text.English, "not a header;;": text.Chinese,
	} {
		if got := text.Match(header); got != want {
			t.Errorf("Match(%q) = %s, want %s", header, got, want)
		}
	}
	if got := text.Language("fr").Get("app.name"); got != text.Chinese.Get("app.name") {
		t.Errorf("French reads %q", got)
	}
}

func TestAMissingTextShows(t *testing.T) {
	if got := text.English.Get("no.such"); got != "[no.such]" {
		t.Errorf("got %q", got)
	}
}
