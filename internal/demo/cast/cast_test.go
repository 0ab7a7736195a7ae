package cast

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func runes(s string) int { return utf8.RuneCountInString(s) }

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2023)) }

func TestDistrict(t *testing.T) {
	codes := map[string]Department{}
	names := map[string]bool{}
	desks := 0
	answered := map[string]int{}
	known := map[string]bool{}
	for _, c := range Categories() {
		known[c.Code] = true
	}
	for _, d := range Departments() {
		if _, twice := codes[d.Code]; twice || names[d.Name] || names[d.ShortName] {
			t.Errorf("%s stands twice", d.Code)
		}
		if d.ParentCode != "" && codes[d.ParentCode].Code == "" {
			t.Errorf("%s stands before its parent %s", d.Code, d.ParentCode)
		}
		codes[d.Code] = d
		names[d.Name], names[d.ShortName] = true, true
		if d.Desk {
			desks++
		}
		if len(d.Duties) == 0 {
			t.Errorf("%s answers for nothing", d.Code)
		}
		for _, c := range d.Duties {
			if !known[c] {
				t.Errorf("%s answers for %s, which is no category", d.Code, c)
			}
			answered[c]++
		}
	}
	if desks != 1 {
		t.Errorf("%d desks", desks)
	}
	if n := len(codes); n < 30 || n > 40 {
		t.Errorf("%d departments", n)
	}
	for c := range known {
		if answered[c] < 2 {
			t.Errorf("%s is answered for by %d departments", c, answered[c])
		}
	}
	for _, p := range Places() {
		if d := codes[p.Code]; d.Kind != p.Kind {
			t.Errorf("place %s has no department of its kind", p.Code)
		}
	}
	for code, list := range topics {
		for _, x := range list {
			if x.lead == "@" {
				if !has(parkDuties, code) || !has(townDuties, code) {
					t.Errorf("%s: the parks and towns don't answer for it: %s", code, x.about)
				}
			} else if !has(codes[x.lead].Duties, code) {
				t.Errorf("%s: %s leads and doesn't answer for it: %s", code, x.lead, x.about)
			}
			for _, j := range x.joined {
				if j != "@" && codes[j].Code == "" {
					t.Errorf("%s: no department %s", code, j)
				}
			}
		}
	}
}

func TestListsAreCopies(t *testing.T) {
	Departments()[0].Duties[0] = "x"
	Chains()[0].Segments[0] = "x"
	Categories()[0].Code = "x"
	if Departments()[0].Duties[0] == "x" || Chains()[0].Segments[0] == "x" || Categories()[0].Code == "x" {
		t.Error("a caller can change the tables")
	}
}

func TestEnterprises(t *testing.T) {
	for seed := range uint64(5) {
		all := Enterprises(source(seed), EnterpriseCount)
		if len(all) != EnterpriseCount {
			t.Fatalf("%d enterprises", len(all))
		}
		names, codes := map[string]bool{}, map[string]bool{}
		inChain, kinds, settled := map[string]int{}, map[string]int{}, map[string]int{}
		two := 0
		for _, e := range all {
			if names[e.Name] || codes[e.CreditCode] {
				t.Errorf("%s stands twice", e.Name)
			}
			names[e.Name], codes[e.CreditCode] = true, true
			if fault := codeFault(e.CreditCode); fault != "" {
				t.Errorf("%s: %s", e.CreditCode, fault)
			}
			if !strings.Contains(e.Name, "栖江") || runes(e.Name) > 30 || e.Contact == "" || e.ShortName == "" {
				t.Errorf("bad enterprise %+v", e)
			}
			if placeByCode(e.Place).Zone != e.Zone || placeByCode(e.Place).Name == District {
				t.Errorf("%s: place %s", e.Name, e.Place)
			}
			if (len(e.Chains) > 0) != (e.Segment != "") {
				t.Errorf("%s: chains %v, segment %q", e.Name, e.Chains, e.Segment)
			}
			kinds[e.Kind]++
			settled[e.Place]++
			if len(e.Chains) > 1 {
				two++
			}
			for _, c := range e.Chains {
				inChain[c]++
			}
		}
		for _, c := range Chains() {
			if inChain[c.Code] != c.Enterprises {
				t.Errorf("%s: %d enterprises, want %d", c.Code, inChain[c.Code], c.Enterprises)
			}
		}
		if inChain[IntegratedCircuit] != 260 || inChain[HighEndTransport] != 100 {
			t.Errorf("chains %v", inChain)
		}
		if two == 0 || two > 50 {
			t.Errorf("%d enterprises in two chains", two)
		}
		for _, k := range []string{KindCompany, KindCooperative, KindFamilyFarm, KindGrower} {
			if kinds[k] < 50 {
				t.Errorf("%d of kind %s", kinds[k], k)
			}
		}
		for _, p := range Places() {
			if settled[p.Code] < 20 {
				t.Errorf("%d in %s", settled[p.Code], p.Code)
			}
		}
		if seed == 0 {
			t.Logf("chains %v kinds %v places %v in two chains %d", inChain, kinds, settled, two)
		}
	}
}

func TestSmallDistrict(t *testing.T) {
	for _, n := range []int{0, 1, 10, 100, 3000} {
		if got := len(Enterprises(source(1), n)); got != n {
			t.Errorf("%d enterprises, want %d", got, n)
		}
	}
	if Projects(source(1), nil, 5) != nil {
		t.Error("projects of nobody")
	}
}

// codeFault is the standard's arithmetic once more, from its own tables; it
// says what is wrong with a code, or nothing.
func codeFault(code string) string {
	if len(code) != 18 {
		return "length"
	}
	if code[0] != '9' || code[2:4] != "99" {
		return "could be a real one"
	}
	values := map[rune]int{}
	for i, c := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		values[c] = i
	}
	weights := []int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
	sum := 0
	for i, c := range code[:17] {
		v, ok := values[c]
		if !ok {
			return "alphabet"
		}
		sum += v * weights[i]
	}
	if values[rune(code[17])] != (31-sum%31)%31 {
		return "check digit"
	}
	// the organisation code within, GB 11714
	sum = 0
	for i, c := range code[8:16] {
		v := strings.IndexRune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", c)
		sum += v * []int{3, 7, 9, 10, 5, 8, 4, 2}[i]
	}
	want := map[int]byte{10: 'X', 11: '0'}[11-sum%11]
	if want == 0 {
		want = byte('0' + 11 - sum%11)
	}
	if code[16] != want {
		return "organisation code's check digit"
	}
	return ""
}

func TestCreditCode(t *testing.T) {
	r := source(3)
	for range 5000 {
		code := CreditCode(r)
		if fault := codeFault(code); fault != "" {
			t.Fatalf("%s: %s", code, fault)
		}
		i := 8 + r.IntN(10)
		c := codeAlphabet[r.IntN(len(codeAlphabet))]
		if c != code[i] && codeFault(code[:i]+string(c)+code[i+1:]) == "" {
			t.Fatalf("%s: a wrong character at %d passes", code, i)
		}
	}
}

func TestProjects(t *testing.T) {
	all := Enterprises(source(1), EnterpriseCount)
	list := Projects(source(2), all, ProjectCount)
	if len(list) != ProjectCount {
		t.Fatalf("%d projects", len(list))
	}
	names := map[string]bool{}
	for _, p := range list {
		e := all[p.Enterprise]
		if names[p.Name] || runes(p.Name) > 40 || e.CreditCode != p.CreditCode || e.Place != p.Place || e.Kind != KindCompany || p.Investment <= 0 {
			t.Errorf("bad project %+v", p)
		}
		names[p.Name] = true
	}
}

func TestPersonNames(t *testing.T) {
	r := source(4)
	seen := map[string]bool{}
	for range 2000 {
		n := PersonName(r)
		if l := runes(n); l < 2 || l > 4 {
			t.Errorf("%q", n)
		}
		seen[n] = true
	}
	if len(seen) < 1800 {
		t.Errorf("only %d names of 2000", len(seen))
	}
}

func TestSameSeedSameAnswer(t *testing.T) {
	tell := func() []any {
		r := source(7)
		all := Enterprises(r, EnterpriseCount)
		out := []any{all, Projects(r, all, ProjectCount)}
		w := NewWords(r)
		for i := range 300 {
			e := all[i]
			f := w.Filing(w.Category(e), e)
			out = append(out, f.Title, f.Description, f.Lead, f.Joined, f.Urgent)
			for _, v := range voices {
				out = append(out, v.say(w, f))
			}
		}
		return out
	}
	if !reflect.DeepEqual(tell(), tell()) {
		t.Error("the same seed gives two answers")
	}
}

// voices are all the words of the loop.
var voices = []struct {
	name string
	say  func(*Words, *Filing) string
}{
	{"Question", (*Words).Question},
	{"Answer", (*Words).Answer},
	{"Correction", (*Words).Correction},
	{"Reject", func(w *Words, f *Filing) string { return w.Reject(f, pick(w.r, rejectReasons).Code) }},
	{"Withdraw", (*Words).Withdraw},
	{"DispatchNote", (*Words).DispatchNote},
	{"Recall", (*Words).Recall},
	{"Return", func(w *Words, f *Filing) string { return w.Return(f, pick(w.r, returnReasons).Code) }},
	{"RequestWhistle", (*Words).RequestWhistle},
	{"DeclineWhistle", (*Words).DeclineWhistle},
	{"Whistle", (*Words).Whistle},
	{"ReportIn can", func(w *Words, f *Filing) string { return w.ReportIn(f, "can") }},
	{"ReportIn cannot", func(w *Words, f *Filing) string { return w.ReportIn(f, "cannot") }},
	{"ReportIn needs", func(w *Words, f *Filing) string { return w.ReportIn(f, "needs") }},
	{"Advice", (*Words).Advice},
	{"Minutes", (*Words).Minutes},
	{"Without", (*Words).Without},
	{"Task", (*Words).Task},
	{"TaskResult", (*Words).TaskResult},
	{"CancelTask", (*Words).CancelTask},
	{"Progress", (*Words).Progress},
	{"Extension", (*Words).Extension},
	{"Suspension", (*Words).Suspension},
	{"Decision yes", func(w *Words, f *Filing) string { return w.Decision(f, true) }},
	{"Decision no", func(w *Words, f *Filing) string { return w.Decision(f, false) }},
	{"Review", (*Words).Review},
	{"Resume", (*Words).Resume},
	{"Solved", (*Words).Solved},
	{"Explained", (*Words).Explained},
	{"Satisfaction", func(w *Words, f *Filing) string { return w.Satisfaction(f, 1+w.r.IntN(5)) }},
	{"Missing", (*Words).Missing},
	{"Callback", func(w *Words, f *Filing) string { return w.Callback(f, w.r.IntN(2) > 0, w.r.IntN(2) > 0) }},
	{"Reopen", (*Words).Reopen},
	{"Instruct", (*Words).Instruct},
	{"Supervise", (*Words).Supervise},
	{"TakeCharge", (*Words).TakeCharge},
	{"OrderAnswer", (*Words).OrderAnswer},
	{"Urge", (*Words).Urge},
	{"Message", (*Words).Message},
	{"Reply", (*Words).Reply},
}

func checkText(t *testing.T, name, s string, limit int) {
	t.Helper()
	if strings.TrimSpace(s) == "" {
		t.Errorf("%s says nothing", name)
	}
	if strings.ContainsAny(s, "{}[]|<>~@%!:/") && !wellPercent(s) {
		t.Errorf("%s: a marker is left in %q", name, s)
	}
	for _, double := range []string{"。。", "，，", "，。", "：。", "。，", "的的", "们们"} {
		if strings.Contains(s, double) {
			t.Errorf("%s: %q in %q", name, double, s)
		}
	}
	if n := runes(s); n > limit {
		t.Errorf("%s: %d characters in %q", name, n, s)
	}
}

// wellPercent allows the percent sign behind a digit and nothing else.
func wellPercent(s string) bool {
	if strings.ContainsAny(s, "{}[]|<>~@!:/") {
		return false
	}
	for i := range len(s) {
		if s[i] == '%' && (i == 0 || s[i-1] < '0' || s[i-1] > '9') {
			return false
		}
	}
	return true
}

func TestWordsOfTheLoop(t *testing.T) {
	r := source(11)
	all := Enterprises(r, EnterpriseCount)
	w := NewWords(r)
	categoriesSeen := map[string]int{}
	solved := map[string]bool{}
	for i := range 3000 {
		e := all[i%len(all)]
		f := w.Filing(w.Category(e), e)
		categoriesSeen[f.Category]++
		checkText(t, "title", f.Title, 40)
		checkText(t, "description", f.Description, 400)
		if strings.HasSuffix(f.Title, "。") || runes(f.Title) < 5 {
			t.Errorf("title %q", f.Title)
		}
		if n := strings.Count(f.Description, "。") + strings.Count(f.Description, "？"); n < 3 || n > 5 || runes(f.Description) < 30 {
			t.Errorf("%d sentences: %q", n, f.Description)
		}
		for _, v := range voices {
			checkText(t, v.name, v.say(w, f), 300)
		}
		solved[w.Solved(f)] = true
	}
	for _, c := range Categories() {
		if categoriesSeen[c.Code] < 50 {
			t.Errorf("%d filings in %s", categoriesSeen[c.Code], c.Code)
		}
	}
	if len(solved) < 2900 {
		t.Errorf("only %d results of 3000", len(solved))
	}
	t.Logf("categories %v", categoriesSeen)
}

// Every sector can file in every category, and each text of each topic finds
// its words.
func TestEveryTopicInEverySector(t *testing.T) {
	all := Enterprises(source(5), EnterpriseCount)
	bySector := map[sector]Enterprise{}
	for _, e := range all {
		bySector[e.sector] = e
	}
	w := NewWords(source(6))
	for _, c := range Categories() {
		for _, s := range sectors {
			e, found := bySector[s], false
			for i := range topics[c.Code] {
				x := &topics[c.Code][i]
				if x.fits&s == 0 {
					continue
				}
				found = true
				for _, title := range x.titles {
					tag, _ := split(title)
					f := &Filing{Category: c.Code, who: e, topic: x}
					f.variant, _, _ = strings.Cut(tag, "/")
					for _, list := range [][]string{x.opens, x.facts, x.asks, x.steps, x.done} {
						if w.choose(f, list) == "" {
							t.Errorf("%s: %q has no text among %q", c.Code, title, list)
						}
					}
				}
				for _, list := range [][]string{{x.about}, x.titles, x.opens, x.facts, x.asks, x.steps, x.done} {
					if len(list) == 0 {
						t.Errorf("%s: %s lacks a list", c.Code, x.about)
					}
					for _, text := range list {
						for range 5 {
							f := &Filing{Category: c.Code, who: e, topic: x}
							checkText(t, text, w.say(f, text), 100)
						}
					}
				}
				for _, text := range x.opens {
					if !strings.HasSuffix(text, "。") {
						t.Errorf("%q ends open", text)
					}
				}
			}
			if !found {
				t.Errorf("%s: nothing for %s", c.Code, s.key())
			}
		}
	}
}

func TestFiveThousandHardlyRepeat(t *testing.T) {
	for seed := range uint64(3) {
		for _, remembering := range []bool{true, false} {
			r := source(seed)
			all := Enterprises(r, EnterpriseCount)
			w := NewWords(r)
			titles, descriptions := map[string]bool{}, map[string]bool{}
			for range 5000 {
				if !remembering { // the grammar alone
					clear(w.seen)
				}
				e := pick(r, all)
				f := w.Filing(w.Category(e), e)
				titles[f.Title], descriptions[f.Description] = true, true
			}
			again, same := 5000-len(titles), 5000-len(descriptions)
			t.Logf("seed %d remembering %v: %d titles and %d descriptions again", seed, remembering, again, same)
			if remembering && again >= 100 || again >= 500 {
				t.Errorf("%d titles of 5000 again", again)
			}
			if remembering && same > 0 {
				t.Errorf("%d descriptions of 5000 again", same)
			}
		}
	}
}

// A text that is meant for some matters has such a matter.
func TestTagsAreOfUse(t *testing.T) {
	all := Enterprises(source(5), 300)
	w := NewWords(source(6))
	lists := [][]string{questions, answers, corrections, withdrawals, recalls, progresses, extensions, conditions, reportNeeds}
	for _, l := range rejects {
		lists = append(lists, l)
	}
	for _, own := range []map[string][]string{questionsOf, answersOf, tasksOf, conditionsOf, explainedOf} {
		for code, l := range own {
			if topics[code] == nil {
				t.Errorf("no category %s", code)
			}
			lists = append(lists, l)
		}
	}
	unused := map[string]bool{}
	for _, l := range lists {
		for _, text := range l {
			tag, _ := split(text)
			for _, one := range strings.Split(tag, "/") {
				unused[one] = tag != ""
			}
		}
	}
	for range 3000 {
		e := pick(w.r, all)
		f := w.Filing(w.Category(e), e)
		for one := range unused {
			if one != "" && w.meant(f, one+":") {
				delete(unused, one)
			}
		}
	}
	for one, tagged := range unused {
		if tagged {
			t.Errorf("no matter for %q", one)
		}
	}
}

// A filing that only names its category still gets words.
func TestBareFiling(t *testing.T) {
	w := NewWords(source(8))
	for range 100 {
		for _, v := range voices {
			checkText(t, v.name, v.say(w, &Filing{Category: "funding"}), 300)
		}
	}
	if f := w.Filing("nonsense", Enterprise{}); f.Category != "other" || f.Title == "" {
		t.Errorf("%+v", f)
	}
	if w.Category(Enterprise{}) == "" {
		t.Error("no category")
	}
}

func BenchmarkYear(b *testing.B) {
	for range b.N {
		r := source(1)
		all := Enterprises(r, EnterpriseCount)
		w := NewWords(r)
		for range 5000 {
			e := pick(r, all)
			w.Filing(w.Category(e), e)
		}
	}
}
