// Package search turns texts into the terms that an index keeps, and what
// people type into the terms that are looked for there. Pure: no database.
//
// Chinese is written without blanks, so its words cannot be told apart without
// a dictionary, and a dictionary never knows the names that people look for. A
// run of such characters is indexed by its pairs (人社局: 人社 社局 局), the last
// character alone, so that every character begins a term: two characters are
// one exact term, more are a phrase of terms one after the other, a single one
// is the beginning of a term. Letters and digits are indexed by whole words;
// the last word that is looked for may go on, so that 2023-0042 finds
// 2023-004294. Three characters as a term would find no word of two, which is
// what most Chinese words have; single characters alone would make common
// terms of all.
package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxTerm bounds a word, in characters: longer ones are cut, where they
	// are indexed and where they are looked for. PostgreSQL takes no term of
	// 2 KB.
	maxTerm = 64
	// maxTerms bounds those of one text. PostgreSQL knows no places beyond
	// 16,383, and three texts come together.
	maxTerms = 12_000
	// maxPhrases bounds those that are looked for; what comes after is left
	// out. The API takes 200 characters.
	maxPhrases = 32
)

// dense are the scripts that are written without blanks between words.
var dense = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// kind is what a character is to an index.
type kind int

const (
	divides kind = iota // blanks, punctuation, symbols
	ofWord
	ofDense
)

func kindOf(r rune) kind {
	switch {
	case r < utf8.RuneSelf:
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return ofWord
		}
		return divides
	case unicode.In(r, dense...):
		return ofDense
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return ofWord
	}
	return divides
}

// fold brings a character to the form in which texts are compared: without
// regard to case, width (Ａ, ｶ) and accents. It may become several, or none.
func fold(to []rune, r rune) []rune {
	switch {
	case r < utf8.RuneSelf:
		return append(to, unicode.ToLower(r))
	case r >= 0x4E00 && r <= 0x9FFF:
		return append(to, r) // nearly all of Chinese: nothing to do
	}
	for _, part := range norm.NFKD.String(string(r)) {
		if !unicode.Is(unicode.Mn, part) {
			to = append(to, unicode.ToLower(part))
		}
	}
	return to
}

// run is a stretch of characters of one kind.
type run struct {
	kind  kind
	runes []rune
	// at are the places of the characters in the text, in bytes; the last is
	// the place after them.
	at []int
}

// runs cuts a text into its runs, without what divides them.
func runs(text string) []run {
	var all []run
	var last *run
	var folded []rune
	for at, r := range text {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[at:]) // 1 for a byte that is no text
		}
		folded = fold(folded[:0], r)
		for _, f := range folded {
			k := kindOf(f)
			if k == divides {
				last = nil
				continue
			}
			if last == nil || last.kind != k {
				all = append(all, run{kind: k})
				last = &all[len(all)-1]
			} else {
				last.at = last.at[:len(last.at)-1]
			}
			if k == ofWord && len(last.runes) == maxTerm {
				last.at = append(last.at, at+size)
				continue
			}
			last.runes = append(last.runes, f)
			last.at = append(last.at, at, at+size)
		}
	}
	return all
}

// terms are what a run is indexed by.
func (r run) terms(to []string) []string {
	if r.kind == ofWord {
		return append(to, string(r.runes))
	}
	for i := range r.runes {
		to = append(to, string(r.runes[i:min(i+2, len(r.runes))]))
	}
	return to
}

// Terms are what a text is indexed by, in its order. They hold letters and
// digits alone, nothing that means something to a database.
func Terms(text string) []string {
	var all []string
	for _, r := range runs(text) {
		all = r.terms(all)
		if len(all) > maxTerms {
			return all[:maxTerms]
		}
	}
	return all
}

// Query is what somebody looks for: texts in which every phrase is found.
type Query struct {
	Phrases []Phrase
}

// Phrase is found where its terms stand one after the other.
type Phrase struct {
	Terms []string
	Begin bool // the last term is the beginning of one
	runs  []run
}

// Parse reads what somebody types: phrases between blanks and commas. Whatever
// it is, it is no error; of signs alone nothing is left, and nothing is found.
func Parse(text string) Query {
	var q Query
	for _, part := range split(text) {
		if len(q.Phrases) == maxPhrases {
			break
		}
		p := Phrase{runs: runs(part)}
		if len(p.runs) == 0 {
			continue
		}
		for _, r := range p.runs {
			p.Terms = r.terms(p.Terms)
		}
		switch last := p.runs[len(p.runs)-1]; {
		case last.kind == ofWord:
			p.Begin = len(last.runes) < maxTerm
		case len(last.runes) == 1:
			p.Begin = true
		default:
			p.Terms = p.Terms[:len(p.Terms)-1] // the run may go on, so it need not end here
		}
		q.Phrases = append(q.Phrases, p)
	}
	return q
}

// split cuts at blanks and at the signs that people put between words.
func split(text string) []string {
	var parts []string
	start := 0
	for at, r := range text {
		if unicode.IsSpace(r) || strings.ContainsRune("、，,；;|｜", r) {
			parts = append(parts, text[start:at])
			start = at + utf8.RuneLen(r)
		}
	}
	return append(parts, text[start:])
}

// Empty says whether nothing is looked for, and nothing found.
func (q Query) Empty() bool { return len(q.Phrases) == 0 }

// Piece is a stretch of a text.
type Piece struct {
	Text  string
	Found bool // it is what was looked for
}

// Mark cuts a text into what was looked for and what stands between. Put
// together the pieces are the text.
func (q Query) Mark(text string) []Piece {
	in := runs(text)
	type span struct{ from, to int }
	var spans []span
	for _, p := range q.Phrases {
		p.find(in, func(from, to int) { spans = append(spans, span{from, to}) })
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	var pieces []Piece
	done := 0
	for i := 0; i < len(spans); {
		s := spans[i]
		for i++; i < len(spans) && spans[i].from <= s.to; i++ {
			s.to = max(s.to, spans[i].to)
		}
		if s.from > done {
			pieces = append(pieces, Piece{Text: text[done:s.from]})
		}
		pieces = append(pieces, Piece{Text: text[s.from:s.to], Found: true})
		done = s.to
	}
	if done < len(text) {
		pieces = append(pieces, Piece{Text: text[done:]})
	}
	return pieces
}

// FoundIn says whether every phrase is found in the text, as an index finds it.
func (q Query) FoundIn(text string) bool {
	in := runs(text)
	for _, p := range q.Phrases {
		found := false
		p.find(in, func(int, int) { found = true })
		if !found {
			return false
		}
	}
	return !q.Empty()
}

// find calls found with every place of the phrase in a text's runs.
func (p Phrase) find(in []run, found func(from, to int)) {
	if len(p.runs) == 1 {
		for _, r := range in {
			r.each(p.runs[0], func(from, to int) { found(r.at[from], r.at[to]) })
		}
		return
	}
	last := len(p.runs) - 1
	for i := 0; i+last < len(in); i++ {
		first, end := in[i], in[i+last]
		begins := len(first.runes) - len(p.runs[0].runes)
		if !first.endsWith(p.runs[0]) || !end.beginsWith(p.runs[last]) {
			continue
		}
		between := true
		for j := 1; j < last; j++ {
			between = between && in[i+j].same(p.runs[j])
		}
		if between {
			found(first.at[begins], end.at[len(p.runs[last].runes)])
		}
	}
}

// each calls found with every place in the run where what is looked for is: in
// a word at its beginning alone.
func (r run) each(wanted run, found func(from, to int)) {
	n := len(wanted.runes)
	for from := 0; r.kind == wanted.kind && from+n <= len(r.runes); from++ {
		if slices.Equal(r.runes[from:from+n], wanted.runes) {
			found(from, from+n)
		}
		if r.kind == ofWord {
			return
		}
	}
}

func (r run) same(wanted run) bool {
	return r.kind == wanted.kind && slices.Equal(r.runes, wanted.runes)
}

func (r run) beginsWith(wanted run) bool {
	n := len(wanted.runes)
	return r.kind == wanted.kind && len(r.runes) >= n && slices.Equal(r.runes[:n], wanted.runes)
}

// endsWith: a word must be the whole one, since words are indexed whole.
func (r run) endsWith(wanted run) bool {
	n := len(r.runes) - len(wanted.runes)
	return r.kind == wanted.kind && n >= 0 && (r.kind == ofDense || n == 0) && slices.Equal(r.runes[n:], wanted.runes)
}
