package text_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"whistle/internal/phrase"
	"whistle/internal/text"
)

var verb = regexp.MustCompile(`%(\[\d+\])?[a-z]`)

// saidByErrors is every format and word that errors and faults are made from.
func saidByErrors(t *testing.T) *source {
	s := readSource(t, "whistle/internal/web")
	s.follow(s.named("internal/ticket", "Error.Message"))
	s.follow(s.named("internal/ticket", "Field.Message"))
	s.follow(s.named("internal/tabular", "Fault.Message"))
	for _, function := range []string{"Of", "Word"} {
		s.follow(parameter(s.named("internal/phrase", function), 0))
	}
	for said := range s.found {
		if !strings.ContainsFunc(verb.ReplaceAllString(said, ""), unicode.IsLetter) {
			delete(s.found, said) // nothing to translate
		}
	}
	return s
}

func TestErrorsSpeakChinese(t *testing.T) {
	s := saidByErrors(t)
	chinese, english := text.Phrases(text.Chinese), text.Phrases(text.English)
	if len(s.found) < 100 {
		t.Fatalf("only %d sentences found in the source", len(s.found))
	}
	for said := range s.found {
		if !slices.Contains(chinese, said) {
			t.Errorf("%s: no Chinese in phrases/zh-CN.toml for %q", s.place(said), said)
		}
		if forPrograms.MatchString(said) && !slices.Contains(english, said) {
			t.Errorf("%s: no English for people in phrases/en.toml for %q", s.place(said), said)
		}
	}
	for l, translated := range map[text.Language][]string{text.Chinese: chinese, text.English: english} {
		for _, said := range translated {
			if _, ok := s.found[said]; !ok {
				t.Errorf("phrases/%s.toml: nothing says %q", l, said)
			}
			checkTranslation(t, l, said)
		}
	}
}

// forPrograms marks addresses of the API, names of fields and flags.
var forPrograms = regexp.MustCompile(`(^|\s)/[a-z]|[a-z]_[a-z]|--[a-z]|see %s|from %s|\bid of\b`)

// checkTranslation says a phrase with values of the right kinds.
func checkTranslation(t *testing.T, l text.Language, said string) {
	t.Helper()
	var args []any
	for i, v := range verb.FindAllString(said, -1) {
		var arg any = fmt.Sprintf("value %d", i+1)
		if strings.HasSuffix(v, "d") {
			arg = 1000 + i
		}
		args = append(args, arg)
	}
	p := phrase.Word(said)
	if len(args) > 0 {
		p = phrase.Of(said, args...)
	}
	words := l.Say(p, func(at time.Time) string { return at.String() })
	if words == "" || strings.Contains(words, "%!") {
		t.Errorf("phrases/%s.toml: %q reads %q", l, said, words)
	}
	if forPrograms.MatchString(words) {
		t.Errorf("phrases/%s.toml: %q is not for people: %q", l, said, words)
	}
	if l == text.Chinese && !strings.ContainsFunc(words, isChinese) {
		t.Errorf("phrases/%s.toml: %q reads %q", l, said, words)
	}
}

func TestSay(t *testing.T) {
	moment := func(at time.Time) string { return at.Format("15:04") }
	at := phrase.Moment(time.Date(2023, 10, 9, 18, 0, 0, 0, time.UTC))
	length := phrase.Of("%d %s", 5, phrase.Code{List: "unit", Code: "working_days"})
	for _, c := range []struct {
		said             phrase.Phrase
		english, chinese string
	}{
		{phrase.Of("must have at most %d characters", 80), "must have at most 80 characters", "最多 80 个字"},
		{phrase.Of("is not a %s reason in use; see /reasons?kind=%s", "return", "return"), "is not in use; choose one of those listed", "请从列出的理由里选一个"},
		{
			phrase.Of("must be at most the original length (%s) after the present deadline: %s", length, at),
			"must be at most the original length (5 working days) after the present deadline: 18:00", "最多再延长一个原期限（5 个工作日），不能晚于 18:00",
		},
		{
			phrase.Of("You may not %s.", phrase.Code{List: "event", Code: "claim", English: "take the ticket on"}),
			"You may not take the ticket on.", "您的账号不能做这件事：接单。",
		},
		{phrase.Of("there is no %s %s; correct it, or enter the %s first", phrase.Word("place"), "“100%”", phrase.Word("place")), "there is no place “100%”; correct it, or enter the place first", "没有所在地“100%”，请改正，或者先录入这个所在地"},
		{phrase.Either([]phrase.Phrase{phrase.Word("the first time"), phrase.Word("not solved")}), "the first time; or not solved", "第一次；或者没解决"},
		{phrase.Word("100 % of what nobody translated"), "100 % of what nobody translated", "100 % of what nobody translated"},
	} {
		if got := text.English.Say(c.said, moment); got != c.english {
			t.Errorf("English reads %q, want %q", got, c.english)
		}
		if got := text.Chinese.Say(c.said, moment); got != c.chinese {
			t.Errorf("Chinese reads %q, want %q", got, c.chinese)
		}
	}
}
