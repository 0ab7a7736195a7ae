package store_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"whistle/internal/store"
	"whistle/internal/testkit"
)

// soundsPersonal are names of columns that speak of people.
var soundsPersonal = regexp.MustCompile(`(^|_)(name|username|phone|mobile|tel|email|mail|contact|address|ip|device|agent|birth|gender|identity|words|text|note|about|reason|message)($|_)`)

// TestEveryColumnIsInTheListOfPersonalData holds the list against the schema:
// whoever adds a column says what it tells of people.
func TestEveryColumnIsInTheListOfPersonalData(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		st := testkit.Open(t, cfg)
		schema, err := st.Columns(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(schema) < 40 {
			t.Fatalf("only %d tables were found", len(schema))
		}
		for _, p := range store.PersonalData {
			columns := schema[p.Table]
			if columns == nil {
				t.Errorf("%s is listed and is no table, or twice", p.Table)
				continue
			}
			delete(schema, p.Table)
			listed := slices.Concat(strings.Fields(p.Own), strings.Fields(p.Words), strings.Fields(p.Plain), strings.Fields(p.Withheld))
			slices.Sort(listed)
			for i, c := range listed {
				if i > 0 && listed[i-1] == c {
					t.Errorf("%s.%s is listed twice", p.Table, c)
				}
			}
			for c := range columns {
				if !slices.Contains(listed, c) {
					t.Errorf("%s.%s is not listed: say in PersonalData what it tells of people", p.Table, c)
				}
			}
			for _, c := range strings.Fields(p.Plain) {
				if soundsPersonal.MatchString(c) && p.Because == "" {
					t.Errorf("%s.%s is said to tell of nobody; say why", p.Table, c)
				}
			}
			// Withheld columns may be of one database alone.
			for _, c := range slices.Concat(strings.Fields(p.Own), strings.Fields(p.Words), strings.Fields(p.Plain)) {
				if _, there := columns[c]; !there {
					t.Errorf("%s.%s is listed and is no column", p.Table, c)
				}
			}
			if p.Gone && p.Mine == "" || p.Own != "" && p.Mine == "" {
				t.Errorf("%s: whose rows are they?", p.Table)
			}
		}
		for table := range schema {
			t.Errorf("the table %s is not listed: say in PersonalData what it tells of people", table)
		}
	})
}
