// Package text holds every word that people read outside the API, in the
// languages the service speaks. Its files lie in locales/, one a subject and
// language, e.g. desk.zh-CN.toml; a test holds the languages to the same texts.
package text

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed locales
var locales embed.FS

// Language is one that the service speaks, as a BCP 47 tag.
type Language string

// The languages. Chinese is the default: whoever asks for one that the service
// doesn't speak reads Chinese.
const (
	Chinese Language = "zh-CN"
	English Language = "en"
)

// Languages lists them, the default first.
func Languages() []Language { return []Language{Chinese, English} }

var (
	bundle, ids = mustLoad()
	// The first of the list is what a matcher falls back to.
	matcher = language.NewMatcher([]language.Tag{language.MustParse(string(Chinese)), language.MustParse(string(English))})
	// Localizers are safe for use by many at once and costly to make.
	localizers = func() map[Language]*i18n.Localizer {
		made := map[Language]*i18n.Localizer{}
		for _, l := range Languages() {
			made[l] = i18n.NewLocalizer(bundle, string(l), string(Chinese))
		}
		return made
	}()
)

func mustLoad() (*i18n.Bundle, map[Language]map[string]bool) {
	ids := map[Language]map[string]bool{Chinese: {}, English: {}}
	b := i18n.NewBundle(language.MustParse(string(Chinese)))
	b.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	paths, err := fs.Glob(locales, "locales/*.toml")
	if err != nil {
		panic(err)
	}
	for _, path := range paths {
		file, err := b.LoadMessageFileFS(locales, path)
		if err != nil {
			panic(fmt.Sprintf("text: %s: %v", path, err))
		}
		of := ids[Language(file.Tag.String())]
		for _, m := range file.Messages {
			if of[m.ID] {
				panic(fmt.Sprintf("text: %s: %s stands twice", path, m.ID))
			}
			of[m.ID] = true
		}
	}
	return b, ids
}

// Parse gives the language of a code; ok says whether the service speaks it.
func Parse(code string) (l Language, ok bool) {
	l = Language(code)
	return l, slices.Contains(Languages(), l)
}

// Match picks the language for the Accept-Language header of a browser.
func Match(acceptLanguage string) Language {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return Chinese
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return Chinese
	}
	return Languages()[i]
}

// Get gives the text in the language. Data are pairs of name and value for the
// text's {{.Name}}; a pair named Count picks the plural. A text that isn't
// there shows as its own name in brackets, which tests look for.
func (l Language) Get(id string, data ...any) string {
	values := map[string]any{}
	for i := 0; i+1 < len(data); i += 2 {
		values[fmt.Sprint(data[i])] = data[i+1]
	}
	config := &i18n.LocalizeConfig{MessageID: id, TemplateData: values}
	if count, ok := values["Count"]; ok {
		config.PluralCount = count
	}
	localizer, ok := localizers[l]
	if !ok {
		localizer = localizers[Chinese]
	}
	s, err := localizer.Localize(config)
	if err != nil {
		// English without a text falls back to Chinese and says so by an error
		// beside it.
		var missing *i18n.MessageNotFoundErr
		if s == "" || !errors.As(err, &missing) {
			return "[" + id + "]"
		}
	}
	return s
}

// IDs lists the names of all texts in a language, sorted.
func IDs(l Language) []string { return slices.Sorted(maps.Keys(ids[l])) }

// Has says whether there is such a text.
func Has(id string) bool { return ids[Chinese][id] }
