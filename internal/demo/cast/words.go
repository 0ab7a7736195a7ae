package cast

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Words speaks for everybody in the district. It holds its own random source
// and so isn't safe for concurrent use.
type Words struct {
	r    *rand.Rand
	seen map[string]bool
}

// NewWords makes the speaker of a random source.
func NewWords(r *rand.Rand) *Words { return &Words{r: r, seen: map[string]bool{}} }

// Filing is one request and what it is about, so that every later word on it
// speaks of the same thing, the same numbers and the same place.
type Filing struct {
	Category    string
	Title       string
	Description string
	Lead        string   // the department that should lead
	Joined      []string // those a whistle would call, perhaps none
	Urgent      bool     // the matter itself can't wait

	who     Enterprise
	topic   *topic
	variant string
	vars    []binding
}

type binding struct{ key, value string }

// A topic is one worry with all that is said of it. Texts are templates:
//
//	{job}       a word of the lexicon, by sector where it has one; the same
//	            word wherever the filing says it again
//	{n5-60}     a number from 5 to 60, {n100-900/50} in steps of 50; the whole
//	            key is its name, a letter behind tells two apart
//	{n2-5~}     a tilde draws anew each time
//	[a|b|c]     one of them, drawn anew each time
//
// A text may be meant for some matters only: "a/b:…" is for those variants of
// the topic (its title chooses), "公交/路灯:…" for matters so named, and
// "land:…" for a category.
type topic struct {
	fits   sector
	lead   string // a department's code, "@" for the enterprise's own park or town
	joined []string
	urgent int    // percent of them that can't wait
	about  string // the matter as a noun
	titles []string
	opens  []string // first sentence
	facts  []string // one or two of them
	asks   []string // last sentence
	steps  []string // what was done on the way
	done   []string // how it ended well
}

// Category draws what an enterprise comes for.
func (w *Words) Category(e Enterprise) string {
	weights := categoryWeights[e.sector]
	if weights == nil {
		weights = categoryWeights[maker]
	}
	total := 0
	for _, n := range weights {
		total += n
	}
	x := w.r.IntN(total)
	for i, n := range weights {
		if x < n {
			return categories[i].Code
		}
		x -= n
	}
	return "other"
}

// Filing invents a request of an enterprise in a category.
func (w *Words) Filing(category string, e Enterprise) *Filing {
	if e.sector == 0 {
		e.sector = maker
	}
	var fit []*topic
	list := topics[category]
	for i := range list {
		if t := &list[i]; t.fits&e.sector != 0 {
			fit = append(fit, t)
		}
	}
	if len(fit) == 0 {
		return w.Filing("other", e)
	}
	var f *Filing
	for range 10 { // nobody says quite the same as somebody before
		f = &Filing{Category: category, who: e, topic: pick(w.r, fit)}
		title := pick(w.r, f.topic.titles)
		meant, _ := split(title)
		f.variant, _, _ = strings.Cut(meant, "/")
		f.Title = w.say(f, title)
		f.Description = w.describe(f)
		if !w.seen[f.Title] && !w.seen[f.Description] {
			break
		}
	}
	w.seen[f.Title], w.seen[f.Description] = true, true
	f.Lead = f.department(f.topic.lead)
	for _, code := range f.topic.joined {
		if code = f.department(code); code != f.Lead && !has(f.Joined, code) {
			f.Joined = append(f.Joined, code)
		}
	}
	f.Urgent = w.r.IntN(100) < f.topic.urgent
	return f
}

func (f *Filing) department(code string) string {
	if code == "@" {
		return f.who.Place
	}
	return code
}

func (w *Words) describe(f *Filing) string {
	t := f.topic
	fact := w.choose(f, t.facts)
	text := w.one(f, t.opens) + w.say(f, fact)
	if w.r.IntN(3) == 0 {
		if another := w.choose(f, t.facts); another != fact {
			text += w.say(f, another)
		}
	}
	return text + w.one(f, t.asks)
}

// split takes a text's tag off.
func split(text string) (tag, rest string) {
	if tag, rest, found := strings.Cut(text, ":"); found {
		return tag, rest
	}
	return "", text
}

func (w *Words) meant(f *Filing, text string) bool {
	tag, _ := split(text)
	if tag == "" {
		return true
	}
	about := ""
	for {
		one, more, found := strings.Cut(tag, "/")
		if one == f.variant || one == f.Category {
			return true
		}
		if one[0] >= utf8.RuneSelf { // a Chinese one
			if about == "" {
				about = w.word(f, "about")
			}
			if strings.Contains(about, one) {
				return true
			}
		}
		if !found {
			return false
		}
		tag = more
	}
}

// choose draws one of the texts meant for this filing, "" where none is.
func (w *Words) choose(f *Filing, texts []string) string {
	n := 0
	for _, text := range texts {
		if w.meant(f, text) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	n = w.r.IntN(n)
	for _, text := range texts {
		if w.meant(f, text) {
			if n == 0 {
				return text
			}
			n--
		}
	}
	return ""
}

// one says one of the texts.
func (w *Words) one(f *Filing, texts []string) string { return w.say(f, w.choose(f, texts)) }

// say fills a template with the filing's words.
func (w *Words) say(f *Filing, template string) string {
	_, template = split(template)
	var b strings.Builder
	w.fill(&b, f, template)
	return b.String()
}

func (w *Words) fill(b *strings.Builder, f *Filing, s string) {
	for {
		i := strings.IndexAny(s, "{[")
		if i < 0 {
			b.WriteString(s)
			return
		}
		b.WriteString(s[:i])
		end := strings.IndexAny(s[i:], "}]")
		if end < 0 {
			b.WriteString(s[i:])
			return
		}
		inner := s[i+1 : i+end]
		if s[i] == '[' {
			// an alternative may hold a word, so it closes with the last bracket
			end = strings.IndexByte(s[i:], ']')
			inner = s[i+1 : i+end]
			choices := strings.Count(inner, "|") + 1
			for n := w.r.IntN(choices); n > 0; n-- {
				inner = inner[strings.IndexByte(inner, '|')+1:]
			}
			inner, _, _ = strings.Cut(inner, "|")
			w.fill(b, f, inner)
		} else {
			b.WriteString(w.word(f, inner))
		}
		s = s[i+end+1:]
	}
}

func (w *Words) word(f *Filing, key string) string {
	for _, v := range f.vars {
		if v.key == key {
			return v.value
		}
	}
	var value string
	fresh := false
	switch {
	case key == "about":
		value = aboutNothing
		if f.topic != nil {
			value = w.say(f, f.topic.about)
		}
	case key == "place":
		value = placeByCode(f.who.Place).Name
	case (key == "crop" || key == "product") && f.who.crop != "":
		value = f.who.crop
	case key == "product" && lineProducts[f.who.line] != nil:
		value = pick(w.r, lineProducts[f.who.line])
	case key == "photo" && papers[f.Category] != nil:
		value = pick(w.r, papers[f.Category])
	case isNumber(key):
		fresh = strings.HasSuffix(key, "~")
		value = strconv.Itoa(w.number(key))
	default:
		value = w.say(f, pick(w.r, lexicon(key, f.who)))
		fresh = freshWords[key]
	}
	if !fresh {
		f.vars = append(f.vars, binding{key, value})
	}
	return value
}

func isNumber(key string) bool {
	return len(key) > 1 && key[0] == 'n' && key[1] >= '0' && key[1] <= '9'
}

// number draws n5-60 or n100-900/50; letters behind are only a name.
func (w *Words) number(key string) int {
	low, high, step := 0, 0, 1
	at := &low
	for _, c := range key[1:] {
		switch {
		case c == '-':
			at = &high
		case c == '/':
			step = 0
			at = &step
		case c >= '0' && c <= '9':
			*at = *at*10 + int(c-'0')
		}
	}
	return low + step*w.r.IntN((high-low)/step+1)
}

// lexicon finds the words of a key: by kind for how one speaks of oneself, by
// sector where the sectors differ, else for all. An unknown key stays visible,
// and a test looks for it.
func lexicon(key string, e Enterprise) []string {
	if list := kindWords[key]; list != nil {
		if words := list[e.Kind]; words != nil {
			return words
		}
		return list[KindCompany]
	}
	if list := sectorWords[key]; list != nil {
		s := e.sector
		if list[s] == nil {
			s = maker
		}
		return list[s]
	}
	if words := commonWords[key]; words != nil {
		return words
	}
	return []string{"<" + key + ">"}
}
