package text_test

import (
	"go/ast"
	"go/constant"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"whistle/internal/text"
)

// madeUp are the beginnings of names that are made up of parts where the source
// doesn't show it: by a variable, or by a function that templates call.
var madeUp = map[string]string{
	"worklist":        "web/queue.go: QueueText",
	"worklist_empty":  "web/queue.go: QueueText",
	"option":          "web/eventform.go: fieldMaker",
	"hint":            "web/eventform.go: fieldMaker",
	"unit":            "ticket/world.go: a phrase.Code",
	"verified":        "service/export_tickets.go: a column",
	"assignment_part": "service/export_directory.go: a column",
	"reason_kind":     "service/export_directory.go: a column",
	"audit_action":    "service/export_directory.go: a column",
	"audit_subject":   "service/export_directory.go: a column",
	"coverage":        "web/around.go: codeOptions",
	"link_kind":       "service/export_directory.go: a column",
	"policy_which":    "web/support.go: codeOptions",
	"payout_by":       "service/export_support.go: a column",
	"audit_field":     "web/audit.go: fieldName",
	"charge_part":     "web/charge.go: codeOptions",
	"job_kind":        "web/admin.go: CodeOr",
	"entry_option":    "web/directory.go: option",
}

// usage is which texts the source asks for.
type usage struct {
	named    map[string]string // by name → where
	prefixes map[string]string // the beginnings of names that are made up of parts → where
}

func (u usage) has(id string) bool {
	if _, ok := u.named[id]; ok {
		return true
	}
	for prefix := range u.prefixes {
		if strings.HasPrefix(id, prefix) {
			return true
		}
	}
	return false
}

// TestEveryTextIsThereAndUsed holds the texts to the templates and the source.
func TestEveryTextIsThereAndUsed(t *testing.T) {
	u := usage{named: map[string]string{}, prefixes: map[string]string{}}
	names := placeholders(t)
	for _, p := range readPages(t) {
		calls, prefixes := p.uses()
		for _, c := range calls {
			u.named[c.id] = p.path
			checkData(t, names, p.path, c)
		}
		for _, prefix := range prefixes {
			u.prefixes[prefix] = p.path
		}
	}
	u.readSource(t, names)
	for prefix, where := range madeUp {
		u.prefixes[prefix+"."] = where
	}
	ids := text.IDs(text.Chinese)
	for id, where := range u.named {
		if !text.Has(id) {
			t.Errorf("%s: there is no text %q", where, id)
		}
	}
	for prefix, where := range u.prefixes {
		if !slices.ContainsFunc(ids, func(id string) bool { return strings.HasPrefix(id, prefix) }) {
			t.Errorf("%s: no text begins with %q", where, prefix)
		}
	}
	for _, id := range ids {
		if !u.has(id) {
			t.Errorf("nothing uses %q", id)
		}
	}
}

// readSource finds the texts that the Go source names: where one is asked for,
// and wherever a constant is the name of one, to be asked for by a template.
func (u usage) readSource(t *testing.T, names map[string][]string) {
	s := readSource(t, "whistle/cmd/whistle")
	asks := map[string]bool{"t": true, "say": true, "Get": true, "Has": true, "code": true, "word": true}
	for path, files := range s.syntax {
		if path == "whistle/internal/testkit" {
			continue
		}
		for _, file := range files {
			ast.Inspect(file, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.BasicLit:
					if value := s.constant(node); text.Has(value) {
						u.named[value] = s.position(node)
					}
				case *ast.BinaryExpr:
					if begin := s.constant(leftmost(node)); s.constant(node) == "" && strings.Contains(begin, ".") {
						if slices.ContainsFunc(text.IDs(text.Chinese), func(id string) bool { return strings.HasPrefix(id, begin) }) {
							u.prefixes[begin] = s.position(node)
						}
					}
				case *ast.CallExpr:
					function, ok := node.Fun.(*ast.SelectorExpr)
					if !ok || !asks[function.Sel.Name] || len(node.Args) == 0 {
						return true
					}
					c, ok := s.call(node)
					if !ok {
						return true
					}
					if function.Sel.Name == "t" || function.Sel.Name == "say" || s.isText(function) {
						u.named[c.id] = s.position(node)
						if function.Sel.Name != "Has" {
							checkData(t, names, s.position(node), c)
						}
					}
				}
				return true
			})
		}
	}
}

// isText says whether a function is one of this package's.
func (s *source) isText(function *ast.SelectorExpr) bool {
	object := s.info.Uses[function.Sel]
	return object != nil && object.Pkg() != nil && object.Pkg().Path() == "whistle/internal/text"
}

func (s *source) constant(e ast.Expr) string {
	if value := s.info.Types[e].Value; value != nil && value.Kind() == constant.String {
		return constant.StringVal(value)
	}
	return ""
}

func (s *source) position(node ast.Node) string {
	at := s.files.Position(node.Pos())
	return filepath.Base(filepath.Dir(at.Filename)) + "/" + filepath.Base(at.Filename)
}

func leftmost(e ast.Expr) ast.Expr {
	for {
		sum, ok := ast.Unparen(e).(*ast.BinaryExpr)
		if !ok || sum.Op != token.ADD {
			return e
		}
		e = sum.X
	}
}

// call is a call that asks for a text by its name.
func (s *source) call(node *ast.CallExpr) (call, bool) {
	c := call{id: s.constant(node.Args[0]), open: node.Ellipsis.IsValid()}
	for i := 1; i < len(node.Args); i += 2 {
		name := s.constant(node.Args[i])
		c.names = append(c.names, name)
		c.open = c.open || name == ""
	}
	return c, c.id != ""
}

// checkData holds the data that a call gives a text to those that it takes.
func checkData(t *testing.T, names map[string][]string, where string, c call) {
	t.Helper()
	if c.open {
		return
	}
	for _, name := range names[c.id] {
		if !slices.Contains(c.names, name) {
			t.Errorf("%s: %s is not given its %s", where, c.id, name)
		}
	}
	for _, name := range c.names {
		if name != "Count" && !slices.Contains(names[c.id], name) && text.Has(c.id) {
			t.Errorf("%s: %s takes no %s", where, c.id, name)
		}
	}
}

var placeholder = regexp.MustCompile(`{{\s*\.(\w+)\s*}}`)

// forms are a text's forms by number, or the only one as other.
type forms map[string]string

// readLocales reads the texts of a language as they stand in the files.
func readLocales(t *testing.T, l text.Language) map[string]forms {
	t.Helper()
	paths, err := filepath.Glob("locales/*." + string(l) + ".toml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no texts: %v", err)
	}
	all := map[string]forms{}
	for _, path := range paths {
		var file map[string]any
		if _, err := toml.DecodeFile(path, &file); err != nil {
			t.Fatal(err)
		}
		for id, value := range file {
			switch value := value.(type) {
			case string:
				all[id] = forms{"other": value}
			case map[string]any:
				all[id] = forms{}
				for form, words := range value {
					all[id][form], _ = words.(string)
				}
			}
		}
	}
	return all
}

func (f forms) placeholders() []string {
	var names []string
	for _, words := range f {
		for _, found := range placeholder.FindAllStringSubmatch(words, -1) {
			if !slices.Contains(names, found[1]) {
				names = append(names, found[1])
			}
		}
	}
	slices.Sort(names)
	return names
}

// placeholders are the data that each text takes in any language.
func placeholders(t *testing.T) map[string][]string {
	all := map[string][]string{}
	for _, l := range text.Languages() {
		for id, f := range readLocales(t, l) {
			for _, name := range f.placeholders() {
				if !slices.Contains(all[id], name) {
					all[id] = append(all[id], name)
				}
			}
		}
	}
	return all
}

// TestTextsTakeTheSame holds the languages to the same data, and their forms by
// number to those that the language has.
func TestTextsTakeTheSame(t *testing.T) {
	chinese, english := readLocales(t, text.Chinese), readLocales(t, text.English)
	for id, words := range chinese {
		if got, want := english[id].placeholders(), words.placeholders(); !slices.Equal(got, want) && !mayLeaveOut(id) {
			t.Errorf("%s takes %v in English and %v in Chinese", id, got, want)
		}
		if len(words) != 1 || words["other"] == "" {
			t.Errorf("%s has forms by number, which Chinese has not", id)
		}
	}
	for id, words := range english {
		_, one := words["one"]
		for form, said := range words {
			if form != "one" && form != "other" || said == "" {
				t.Errorf("%s has an English form %q: %q", id, form, said)
			}
		}
		if !one && counted.MatchString(words["other"]) {
			t.Errorf("%s counts, but has no English for one: %q", id, words["other"])
		}
	}
}

// counted finds a number with a noun in the plural after it.
var counted = regexp.MustCompile(`{{\s*\.Count\s*}} (?:\w+ )?\w+s\b`)

// mayLeaveOut allows one language to leave out what the other can't.
func mayLeaveOut(id string) bool {
	return strings.HasPrefix(id, "date.") || id == "month" // a month is a name in one and a number in the other
}
