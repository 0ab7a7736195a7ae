package text

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/BurntSushi/toml"

	"whistle/internal/phrase"
)

// What errors say stands in the source, in English, as the API answers it. The
// files of phrases/ translate it, by its format, for people: the Chinese one
// all of it, the English one what is meant for programs as it stands.
//
//go:embed phrases
var phraseFiles embed.FS

var phrases = mustLoadPhrases()

func mustLoadPhrases() map[Language]map[string]string {
	all := map[Language]map[string]string{}
	for _, l := range Languages() {
		path := "phrases/" + string(l) + ".toml"
		file, err := phraseFiles.ReadFile(path)
		if err != nil {
			panic(err)
		}
		of := map[string]string{}
		if err := toml.Unmarshal(file, &of); err != nil {
			panic(fmt.Sprintf("text: %s: %v", path, err))
		}
		all[l] = of
	}
	return all
}

// Say puts a phrase into the language; moment writes the times in it. A phrase
// without a translation stays English.
func (l Language) Say(p phrase.Phrase, moment func(time.Time) string) string {
	translation, ok := phrases[l][p.Format()]
	if !ok {
		translation = p.Format()
	}
	return p.In(translation, func(arg any) any {
		switch arg := arg.(type) {
		case phrase.Phrase:
			return l.Say(arg, moment)
		case phrase.Code:
			return l.code(arg)
		case phrase.Moment:
			return moment(time.Time(arg))
		}
		return arg
	})
}

// code is a code in words: the text LIST.CODE, but for one with English words
// of its own.
func (l Language) code(c phrase.Code) string {
	if id := c.List + "." + c.Code; Has(id) && (l != English || c.English == "") {
		return l.Get(id)
	}
	return c.String()
}

// Phrases lists the formats that are translated into a language, sorted.
func Phrases(l Language) []string { return slices.Sorted(maps.Keys(phrases[l])) }
