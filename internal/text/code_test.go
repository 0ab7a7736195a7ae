package text_test

import (
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/visit"
)

// TestEveryCodeHasAWord holds the texts to the closed lists of the service:
// whatever comes to be in one of them can be shown.
func TestEveryCodeHasAWord(t *testing.T) {
	want := func(list string, codes ...string) {
		t.Helper()
		for _, code := range codes {
			if id := list + "." + code; !text.Has(id) {
				t.Errorf("there is no text %q", id)
			}
		}
	}
	for _, s := range ticket.States() {
		want("state", string(s.State))
		want("stage", string(s.Stage))
	}
	want("light", string(ticket.Green), string(ticket.Yellow), string(ticket.Red))
	want("urgency", string(ticket.Normal), string(ticket.Urgent))
	for _, s := range ticket.Sources() {
		want("source", string(s))
	}
	for _, r := range ticket.DefaultRules() {
		want("clock", string(r.Clock))
		want("unit", string(r.Unit))
	}
	for _, c := range directory.Categories() {
		want("category", c.Code)
	}
	for _, r := range directory.Reasons() {
		want("reason."+string(r.Kind), r.Code)
	}
	for _, def := range ticket.Workflow() {
		want("event", string(def.Event))
		if def.Event != ticket.EventRedate { // which the service alone causes
			want("done", string(def.Event))
		}
		wantFields(t, def.Event, ticket.InputFields(def.Input))
	}
	for _, kind := range visit.Kinds() {
		want("campaign_kind", string(kind))
		want("entry_option.kind", string(kind))
	}
	for _, targets := range visit.AllTargets() {
		want("campaign_targets", string(targets))
		want("entry_option.targets", string(targets))
	}
	for _, kind := range visit.QuestionKinds() {
		want("entry_option.questions.kind", string(kind))
	}
	for _, part := range visit.Parts() {
		want("interviewee", string(part))
		want("entry_option.questions.part", string(part))
	}
	for _, cut := range visit.Cuts() {
		want("coverage_by", string(cut))
	}
	for _, kind := range directory.MilestoneKinds() {
		want("milestone", string(kind))
		for _, field := range []string{"planned_day", "done_day", "note"} {
			want("audit_field", string(kind)+"_"+field)
		}
	}
	for _, part := range store.ChargeParts() {
		want("charge_part", string(part))
	}
	for _, role := range ticket.Roles() {
		want("role", string(role))
		for _, w := range store.WorklistsOf(ticket.Actor{Role: role, DepartmentID: "d", Manages: []string{"e"}}) {
			want("worklist", string(w.Name))
		}
	}
}

// wantFields asks for the label of each field of an event's form, and for the
// words of what may be chosen; those for one event go before those for all.
func wantFields(t *testing.T, event ticket.Event, fields []ticket.InputField) {
	t.Helper()
	want := func(area, name string) {
		t.Helper()
		if !text.Has(area+"."+string(event)+"."+name) && !text.Has(area+"."+name) {
			t.Errorf("%s: there is no text %q", event, area+"."+name)
		}
	}
	for _, f := range fields {
		want("field", f.Name)
		wantFields(t, event, f.Of)
		for _, code := range f.Enum {
			if f.Name != "source" { // nobody is asked for it
				want("option", f.Name+"."+code)
			}
		}
		if f.Type.Kind() == reflect.Bool || f.Type == reflect.TypeFor[*bool]() {
			want("option", f.Name+".true")
			want("option", f.Name+".false")
		}
	}
}

// TestPagesHoldNoTexts finds Chinese in the source of the pages; what errors say
// has its own test.
func TestPagesHoldNoTexts(t *testing.T) {
	s := readSource(t, "whistle/internal/web")
	for _, file := range s.syntax["whistle/internal/web"] {
		ast.Inspect(file, func(node ast.Node) bool {
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			value, err := strconv.Unquote(literal.Value)
			han := strings.ContainsFunc(value, func(r rune) bool { return unicode.Is(unicode.Han, r) })
			if err == nil && han && !slices.Contains(text.Phrases(text.Chinese), value) {
				t.Errorf("%s: %q belongs into locales", s.position(literal), value)
			}
			return true
		})
	}
}
