package service

import (
	"context"
	"io"
	"strings"

	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
)

// maxChoices is of how many entries a drop-down is made. Nobody looks through a
// longer one; what to write is explained all the same.
const maxChoices = 2000

// holding is what the cells of an import's column hold, as a template says and
// checks it.
type holding struct {
	as       tabular.Holds
	min, max int  // of a number
	several  bool // cells may hold several, divided by 、
	// The words that may be written, in a language; or the entries.
	words   func(language text.Language) []string
	entries indexer
	find    func(text string, language text.Language) string // the word in a language
}

var (
	anyText      = holding{as: tabular.HoldsText}
	severalWords = holding{as: tabular.HoldsText, several: true}
	aDay         = holding{as: tabular.HoldsDay}
	aMoment      = holding{as: tabular.HoldsMoment}
	yesNo        = oneOf(spoken("export", vocabulary[string]{{"yes", []string{"是"}}, {"no", []string{"否"}}}))
)

func aNumber(least, most int) holding {
	return holding{as: tabular.HoldsNumber, min: least, max: most}
}

// oneOf is a column of codes.
func oneOf[W ~string](known lexicon[W]) holding {
	said := func(code W, names []string, language text.Language) string {
		if id := known.list + "." + string(code); text.Has(id) {
			return language.Get(id)
		}
		return names[0]
	}
	return holding{
		as: tabular.HoldsText,
		words: func(language text.Language) []string {
			all := make([]string, len(known.vocabulary))
			for i, w := range known.vocabulary {
				all[i] = said(w.code, w.names, language)
			}
			return all
		},
		find: func(written string, language text.Language) string {
			if code, ok := known.find(written); ok {
				return said(code, []string{written}, language)
			}
			return written
		},
	}
}

func someOf[W ~string](known lexicon[W]) holding {
	h := oneOf(known)
	h.several = true
	return h
}

// indexer makes an index of entries.
type indexer func(ctx context.Context, s *Service) (*index, error)

// alone is an indexer that leaves the entries themselves out.
func alone[T any](of func(ctx context.Context, s *Service) (*index, []T, error)) indexer {
	return func(ctx context.Context, s *Service) (*index, error) {
		x, _, err := of(ctx, s)
		return x, err
	}
}

// accounts finds those of some roles.
func accounts(may func(ticket.Role) bool) indexer {
	return func(ctx context.Context, s *Service) (*index, error) { return userIndex(ctx, s, may) }
}

// The columns of what the directory holds.
var (
	aDepartment    = holding{entries: alone(departmentIndex)}
	aPlace         = holding{entries: alone(placeIndex)}
	somePlaces     = holding{entries: alone(placeIndex), several: true}
	someChains     = holding{entries: alone(chainIndex), several: true}
	anEnterprise   = holding{entries: alone(enterpriseIndex)}
	aProject       = holding{entries: alone(projectIndex)}
	aCampaign      = holding{entries: alone(campaignIndex)}
	anAlliance     = holding{entries: alone(allianceIndex)}
	aPolicy        = holding{entries: alone(policyIndex)}
	aCategory      = holding{entries: categoryIndex}
	someCategories = holding{entries: categoryIndex, several: true}
	anAccount      = holding{entries: accounts(anyRole)}
	aStaffAccount  = holding{entries: accounts(mayStaff)}
	aGuest         = holding{entries: accounts(isGuest)}
)

func anyRole(ticket.Role) bool { return true }

// choices are what may be chosen; none where there is too much of it.
func (h holding) choices(ctx context.Context, s *Service, actor ticket.Actor, language text.Language) ([]string, error) {
	switch {
	case h.words != nil:
		return h.words(language), nil
	case h.entries == nil || !administers(actor):
		return nil, nil
	}
	x, err := h.entries(ctx, s)
	if err != nil {
		return nil, err
	}
	all := x.choices()
	if len(all) > maxChoices {
		return nil, nil
	}
	return all, nil
}

// note says what a column takes.
func (h holding) note(kind ImportKind, key string, choices []string, language text.Language) string {
	var said []string
	if id := "import_note." + string(kind) + "." + key; text.Has(id) {
		said = append(said, language.Get(id))
	}
	switch {
	case h.several && len(choices) > 0:
		said = append(said, language.Get("import_form.some_of"))
	case h.several:
		said = append(said, language.Get("import_form.several"))
	case len(choices) > 0:
		said = append(said, language.Get("import_form.one_of"))
	case h.entries != nil:
		said = append(said, language.Get("import_form.entry"))
	case h.as == tabular.HoldsDay:
		said = append(said, language.Get("import_form.day"))
	case h.as == tabular.HoldsMoment:
		said = append(said, language.Get("import_form.moment"))
	case h.as == tabular.HoldsNumber:
		said = append(said, language.Get("import_form.number", "Min", h.min, "Max", h.max))
	}
	return strings.Join(said, "\n")
}

// writeForm writes a template as a workbook to fill.
func (s *Service) writeForm(ctx context.Context, actor ticket.Actor, kind ImportKind, language text.Language, w io.Writer) error {
	form := tabular.Form{
		Title: language.Get("import_kind." + string(kind)), Help: language.Get("import_form.help"), Lists: language.Get("import_form.lists"),
		About: language.Get("import_form.about"), Must: language.Get("import_form.must"), Wrong: language.Get("import_form.wrong"),
		HelpColumn: language.Get("imports.column"), HelpMust: language.Get("import_form.must"), HelpNote: language.Get("import_form.note"), HelpExample: language.Get("import_form.example"),
	}
	for _, cell := range importTemplates[kind].columns {
		choices, err := cell.of.choices(ctx, s, actor, language)
		if err != nil {
			return err
		}
		example := cell.value
		if cell.of.find != nil && !cell.of.several && example != "" {
			example = cell.of.find(example, language)
		}
		form.Columns = append(form.Columns, tabular.FormColumn{
			Header: importHeader(kind, cell.key, language), Required: importColumn(kind, cell.key).Required,
			Holds: cell.of.as, Min: cell.of.min, Max: cell.of.max, Choices: choices, Several: cell.of.several,
			Note: cell.of.note(kind, cell.key, choices, language), Example: example,
		})
	}
	return tabular.WriteForm(w, form)
}
