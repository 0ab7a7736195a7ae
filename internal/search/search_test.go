package search_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"whistle/internal/search"
)

func TestTerms(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"人社局招工":                     "人社 社局 局招 招工 工",
		"工":                         "工",
		"人社局，招工":                    "人社 社局 局 招工 工",
		"2023-004294":               "2023 004294",
		"Ｂ２０２３ ＡＢc":                 "b2023 abc",
		"5G基站A座":                    "5g 基站 站 a 座",
		"Café CAFÉ":                 "cafe cafe",
		"\u3007二 々 𠮷野家":             "〇二 二 々 𠮷野 野家 家",
		"ｶﾞ":                        "カ",
		"🔥 \x00 ' \" ( ) : * & | !": "",
		"bad \xff\xfe bytes":        "bad bytes",
		strings.Repeat("x", 100):    strings.Repeat("x", 64),
	} {
		if got := strings.Join(search.Terms(text), " "); got != want {
			t.Errorf("%q has the terms %q, want %q", text, got, want)
		}
	}
	if n := len(search.Terms(strings.Repeat("长 ", 100_000))); n != 12_000 {
		t.Errorf("%d terms of a text without end", n)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"人社局":          "人社 社局",
		"招工":           "招工",
		"工":            "工…",
		"2023-0042":    "2023 0042…",
		"招工　消防，a":      "招工 | 消防 | a…",
		"5G基站":         "5g 基站",
		"基站5G":         "基站 站 5g…",
		"“招工”！":        "招工",
		"🔥 ?? *":       "",
		"  ":           "",
		"OR AND NOT":   "or… | and… | not…",
		`"a" OR b*":A`: "a… | or… | b a…",
	} {
		q := search.Parse(text)
		var phrases []string
		for _, p := range q.Phrases {
			phrase := strings.Join(p.Terms, " ")
			if p.Begin {
				phrase += "…"
			}
			phrases = append(phrases, phrase)
		}
		if got := strings.Join(phrases, " | "); got != want || q.Empty() != (want == "") {
			t.Errorf("%q looks for %q, want %q", text, got, want)
		}
	}
	if n := len(search.Parse(strings.Repeat("a ", 500)).Phrases); n != 32 {
		t.Errorf("%d phrases", n)
	}
}

func TestMark(t *testing.T) {
	for _, c := range []struct{ query, text, want string }{
		{"招工", "节后招工难，招工", "节后[招工]难，[招工]"},
		{"工", "招工难", "招[工]难"},
		{"招工难", "招工，难", "招工，难"},
		{"2023-0042", "单号 ２０２３－００４２９４。", "单号 [２０２３－００４２]９４。"},
		{"42", "2023-004294 42号", "2023-004294 [42]号"},
		{"abc", "xABC ABCD", "xABC [ABC]D"},
		{"招工 工难", "招工难", "[招工难]"},
		{"5g基站", "建5G 基站了", "建[5G 基站]了"},
		{"基站5", "新基站5G", "新[基站5]G"},
		{"cafe", "Café!", "[Café]!"},
		{"难", "没有", "没有"},
		{"*", "a*b", "a*b"},
		{"招工", "", ""},
	} {
		var got strings.Builder
		for _, p := range search.Parse(c.query).Mark(c.text) {
			if p.Found {
				got.WriteString("[" + p.Text + "]")
			} else {
				got.WriteString(p.Text)
			}
		}
		if got.String() != c.want {
			t.Errorf("%q in %q: %q, want %q", c.query, c.text, got.String(), c.want)
		}
		if found := search.Parse(c.query).FoundIn(c.text); found != strings.Contains(c.want, "[") {
			t.Errorf("%q found in %q: %v", c.query, c.text, found)
		}
	}
}

// index looks a query up in a text's terms as a database does.
func index(text string, q search.Query) bool {
	terms := search.Terms(text)
	for _, p := range q.Phrases {
		at := 0
		for ; at+len(p.Terms) <= len(terms); at++ {
			last := at + len(p.Terms) - 1
			begins := slices.Equal(terms[at:last], p.Terms[:len(p.Terms)-1])
			if begins && (terms[last] == p.Terms[last-at] || p.Begin && strings.HasPrefix(terms[last], p.Terms[last-at])) {
				break
			}
		}
		if at+len(p.Terms) > len(terms) {
			return false
		}
	}
	return !q.Empty()
}

var texts = rapid.StringOfN(rapid.SampledFrom([]rune("人社局工招难1２aBé 、-\x00🔥'\"")), 0, 24, -1)

// TestIndexFindsWhatIsThere: what the terms find is what is marked, and every
// stretch of a text without blanks that begins a word finds it.
func TestIndexFindsWhatIsThere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text, wanted := texts.Draw(rt, "text"), texts.Draw(rt, "wanted")
		q := search.Parse(wanted)
		found := index(text, q)
		if found != q.FoundIn(text) {
			rt.Fatalf("the index finds %q in %q: %v", wanted, text, found)
		}
		var whole strings.Builder
		marked := false
		for _, p := range q.Mark(text) {
			whole.WriteString(p.Text)
			marked = marked || p.Found
		}
		if whole.String() != text || found && !marked {
			rt.Fatalf("%q marked in %q: %q, %v", wanted, text, whole.String(), marked)
		}
		if own := search.Parse(text); !own.Empty() && !index(text, own) {
			rt.Fatalf("%q is not found by itself", text)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("招工 2023-0042", "\xff\x00'\"")
	f.Fuzz(func(t *testing.T, wanted, text string) {
		q := search.Parse(wanted)
		if index(text, q) != q.FoundIn(text) {
			t.Errorf("%q in %q", wanted, text)
		}
		for _, term := range search.Terms(text) {
			if term == "" || strings.ContainsAny(term, " '\"\\:*\x00") {
				t.Errorf("the term %q of %q", term, text)
			}
		}
	})
}
