package ticket

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestEveryEventIsDefinedOnce(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "workflow.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Event" {
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, name)
		}
		return true
	})
	if len(declared) < 40 {
		t.Fatalf("only %d constants found", len(declared))
	}
	count := map[string]int{}
	for _, def := range Workflow() {
		count[string(def.Event)]++
		if !slices.Contains(declared, string(def.Event)) {
			t.Errorf("%s is in the table and has no constant", def.Event)
		}
		if def.Chinese == "" || def.Summary == "" || def.Input == nil || def.Audience == "" || len(def.Rows) == 0 {
			t.Errorf("%s is defined by half", def.Event)
		}
	}
	for _, name := range declared {
		if count[name] != 1 {
			t.Errorf("%s is defined %d times", name, count[name])
		}
	}
	if _, ok := Define("no_such_event"); ok {
		t.Error("an event that is not there is defined")
	}
}

// Rows that share event, state and a relation must be told apart by a
// condition, each by one of its own name.
func TestRowsAreToldApart(t *testing.T) {
	name := func(c *Condition) string {
		if c == nil {
			return ""
		}
		return c.Name
	}
	for _, def := range Workflow() {
		for i, a := range def.Rows {
			if a.Who == 0 {
				t.Errorf("%s, row %d: nobody", def.Event, i)
			}
			for j, b := range def.Rows[:i] {
				if a.Who&b.Who == 0 || !slices.ContainsFunc(a.From, func(s State) bool { return slices.Contains(b.From, s) }) {
					continue
				}
				if a.If != nil && b.If != nil && a.If.Name != b.If.Name || a.When != nil && b.When != nil && a.When.Name != b.When.Name {
					continue
				}
				t.Errorf("%s, rows %d and %d are not told apart: %q %q, %q %q", def.Event, j, i,
					name(a.When), name(a.If), name(b.When), name(b.If))
			}
			for _, from := range a.From {
				if from.Info().State == "" {
					t.Errorf("%s, row %d: no state %q", def.Event, i, from)
				}
			}
			if a.To != "" && a.To.Info().State == "" {
				t.Errorf("%s, row %d: no state %q", def.Event, i, a.To)
			}
		}
	}
	// The machine keeps the last of two that share name and state.
	seen := map[string]bool{}
	for _, desc := range transitions {
		for _, src := range desc.Src {
			if key := desc.Name + " " + src; seen[key] {
				t.Errorf("%s is there twice", key)
			} else {
				seen[key] = true
			}
		}
	}
}

func TestWithdrawnAndMergedAbsorb(t *testing.T) {
	for _, def := range Workflow() {
		for _, row := range def.Rows {
			for _, state := range []State{Withdrawn, Merged, Closed, Rejected} {
				if row.To == "" || !slices.Contains(row.From, state) {
					continue
				}
				if def.Event != EventReopen || state == Withdrawn || state == Merged {
					t.Errorf("%s leads from %s to %s", def.Event, state, row.To)
				}
			}
		}
	}
}

// A field that is found in an input, by its path.
type inputField struct {
	path, name string
	tag        reflect.StructTag
	kind       reflect.Type
}

func fieldsOf(typ reflect.Type, path string) []inputField {
	var all []inputField
	for i := range typ.NumField() {
		sf := typ.Field(i)
		if sf.Anonymous {
			all = append(all, fieldsOf(sf.Type, path)...)
			continue
		}
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		kind := sf.Type
		for kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		all = append(all, inputField{path + "." + name, name, sf.Tag, kind})
		if kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct {
			all = append(all, fieldsOf(kind.Elem(), path+"."+name)...)
		}
		if kind == reflect.TypeFor[Old]() {
			all = append(all, fieldsOf(kind, path+"."+name)...)
		}
	}
	return all
}

// isCode says whether a field holds an id or a code of a closed list.
func isCode(f inputField) bool {
	return f.tag.Get("enum") != "" || strings.HasSuffix(f.name, "_id") || strings.HasSuffix(f.name, "_code") || f.name == "category"
}

// No free text may be hashed in the clear: it could not be redacted.
func TestFreeTextsAreAllTheWords(t *testing.T) {
	types := []reflect.Type{reflect.TypeFor[Facts]()}
	for _, def := range Workflow() {
		types = append(types, reflect.TypeOf(def.Input))
	}
	// Numbers and codes that the service makes, which no person words.
	made := []string{"number", "external_number", "urgency", "chains", "attachments", "department_ids"}
	used := map[string]bool{}
	for _, typ := range types {
		for _, f := range fieldsOf(typ, typ.Name()) {
			words := f.kind.Kind() == reflect.String ||
				f.kind.Kind() == reflect.Slice && f.kind.Elem().Kind() == reflect.String
			if freeTexts[f.name] {
				used[f.name] = true
				if f.kind.Kind() != reflect.String || isCode(f) {
					t.Errorf("%s is taken for words and is none", f.path)
				}
				continue
			}
			if words && !isCode(f) && !slices.Contains(made, f.name) {
				t.Errorf("%s would be hashed in the clear", f.path)
			}
			if f.name == "" || f.name == "-" {
				t.Errorf("%s has no name", f.path)
			}
		}
	}
	for name := range freeTexts {
		if !used[name] {
			t.Errorf("no input has the text %q", name)
		}
	}
}

// An input and its facts stand in one object, so their names must differ.
func TestFactsDoNotHideInputs(t *testing.T) {
	facts := map[string]bool{}
	for _, f := range fieldsOf(reflect.TypeFor[Facts](), "") {
		if strings.Count(f.path, ".") == 1 {
			facts[f.name] = true
		}
	}
	for _, def := range Workflow() {
		for _, f := range fieldsOf(reflect.TypeOf(def.Input), "") {
			if strings.Count(f.path, ".") == 1 && facts[f.name] {
				t.Errorf("%s: %s is a fact's name too", def.Event, f.name)
			}
		}
	}
}

func TestInternalFieldsExist(t *testing.T) {
	for _, def := range Workflow() {
		var names []string
		for _, f := range fieldsOf(reflect.TypeOf(def.Input), "") {
			names = append(names, f.name)
		}
		for _, name := range def.Internal {
			if !slices.Contains(names, name) {
				t.Errorf("%s has no field %q to keep internal", def.Event, name)
			}
		}
	}
}

// Every text has a limit, every required text a pattern that refuses blanks,
// and the tags are of the kinds that CheckForm reads.
func TestFormsHaveLimits(t *testing.T) {
	for _, def := range Workflow() {
		CheckForm(def.Input) // panics on a tag that is no number
		for _, f := range fieldsOf(reflect.TypeOf(def.Input), string(def.Event)) {
			switch f.kind.Kind() { //nolint:exhaustive // the others need no limit
			case reflect.String:
				if f.tag.Get("maxLength") == "" && f.tag.Get("enum") == "" {
					t.Errorf("%s may be of any length", f.path)
				}
				if freeTexts[f.name] && !strings.Contains(f.tag.Get("json"), "omitempty") && f.tag.Get("pattern") == "" {
					t.Errorf("%s may be blank", f.path)
				}
			case reflect.Slice:
				if f.tag.Get("maxItems") == "" {
					t.Errorf("%s may hold any number", f.path)
				}
			}
		}
	}
}

func TestEveryTextCarriesAttachments(t *testing.T) {
	without := []Event{EventUrge} // once a working day, in a line
	for _, def := range Workflow() {
		_, carries := def.Input.(interface{ AttachmentIDs() []string })
		words := false
		for _, f := range fieldsOf(reflect.TypeOf(def.Input), "") {
			words = words || freeTexts[f.name]
		}
		if words != carries && !slices.Contains(without, def.Event) {
			t.Errorf("%s: words %t, attachments %t", def.Event, words, carries)
		}
	}
}

func TestStatesHaveStages(t *testing.T) {
	var all []State
	for _, stage := range []Stage{StageCollection, StageDispatch, StageJointHandling, StageResolution, StageVerification, StageClosed} {
		for _, s := range stage.In() {
			if s.Stage() != stage || s.Open() != (stage != StageClosed) {
				t.Errorf("%s: %s, open %t", s, s.Stage(), s.Open())
			}
			all = append(all, s)
		}
	}
	if len(all) != len(States()) || len(OpenStates()) != 8 {
		t.Errorf("%d states in stages of %d, %d open", len(all), len(States()), len(OpenStates()))
	}
	if State("").Open() || State("gone").Info() != (StateInfo{}) {
		t.Error("no state is open")
	}
}

func TestErrorsSayWhere(t *testing.T) {
	err := InvalidValues([]Field{Fieldf("/a", "must be %s", "b"), {Pointer: "/c/0", Message: "must be d"}})
	if got := err.Error(); got != "Some values cannot be accepted. (/a: must be b; /c/0: must be d)" {
		t.Error(got)
	}
	if InvalidValues(nil) != nil {
		t.Error("no fault is a fault")
	}
}
