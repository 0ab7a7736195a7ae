package ticket

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// WriteMermaid draws the state diagram of the table.
func WriteMermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, info := range states {
		fmt.Fprintf(&b, "    %s: %s %s\n", info.State, info.State, info.Chinese)
	}
	arrows := map[string][]string{}
	var order []string
	stays := map[State][]string{}
	for _, def := range workflow {
		for _, row := range def.Rows {
			from := row.From
			if from == nil {
				from = []State{"[*]"}
			}
			for _, state := range from {
				if row.To == "" {
					stays[state] = appendOnce(stays[state], string(def.Event))
					continue
				}
				key := fmt.Sprintf("%s --> %s", state, row.To)
				if arrows[key] == nil {
					order = append(order, key)
				}
				arrows[key] = appendOnce(arrows[key], string(def.Event))
			}
		}
	}
	for _, key := range order {
		fmt.Fprintf(&b, "    %s: %s\n", key, strings.Join(arrows[key], ", "))
	}
	for _, info := range states {
		if !info.State.Open() {
			fmt.Fprintf(&b, "    %s --> [*]\n", info.State)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func appendOnce(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// WriteMarkdown prints the states and the table.
func WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("| stage | state | 中文 | meaning |\n| --- | --- | --- | --- |\n")
	for _, info := range states {
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", strings.ReplaceAll(string(info.Stage), "_", " "), info.State, info.Chinese, info.Meaning)
	}
	b.WriteString("\n| event | 中文 | from → to | who | when | what it does | read by | told to |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, def := range workflow {
		for i, row := range def.Rows {
			name, chinese, summary, audience, tells := "", "", "", "", ""
			if i == 0 {
				name, chinese, summary, audience, tells = fmt.Sprintf("`%s`", def.Event), def.Chinese, def.Summary, string(def.Audience), cmp.Or(def.Tells.String(), "nobody")
			}
			fmt.Fprintf(&b, "| %s | %s | %s → %s | %s | %s | %s | %s | %s |\n", name, chinese, row.from(), row.to(), row.Who, row.guards(), summary, audience, tells)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Row) from() string {
	switch {
	case r.From == nil:
		return "–"
	case len(r.From) == len(everyState):
		return "any"
	case len(r.From) == len(openStates):
		return "any open"
	}
	names := make([]string, len(r.From))
	for i, s := range r.From {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

func (r Row) to() string {
	if r.To == "" {
		return "same"
	}
	return string(r.To)
}

func (r Row) guards() string {
	var names []string
	for _, c := range []*Condition{r.When, r.If} {
		if c != nil {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, "; ")
}

// String says a row in words, as for the API's document.
func (r Row) String() string {
	text := fmt.Sprintf("From %s to %s, by: %s.", r.from(), r.to(), r.Who)
	if guards := r.guards(); guards != "" {
		text += " When: " + guards + "."
	}
	return text
}

// TableRow is one row of the table for other programs.
type TableRow struct {
	Event    Event    `json:"event"`
	Chinese  string   `json:"chinese"`
	Summary  string   `json:"summary"`
	From     []State  `json:"from"`
	To       State    `json:"to"` // "" when the state stays
	Who      []string `json:"who"`
	When     string   `json:"when,omitempty"`
	Audience Audience `json:"audience"`
	Tells    []string `json:"tells,omitempty"` // none: nobody is told
}

// Table is the workflow as plain rows.
func Table() []TableRow {
	var rows []TableRow
	for _, def := range workflow {
		for _, row := range def.Rows {
			var who []string
			for _, n := range relationNames {
				if row.Who&n.relation != 0 {
					who = append(who, n.name)
				}
			}
			rows = append(rows, TableRow{
				Event: def.Event, Chinese: def.Chinese, Summary: def.Summary,
				From: append([]State{}, row.From...), To: row.To, Who: who, When: row.guards(), Audience: def.Audience, Tells: def.Tells.names(),
			})
		}
	}
	return rows
}
