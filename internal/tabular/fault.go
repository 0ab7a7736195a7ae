package tabular

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"

	"whistle/internal/phrase"
)

// Fault is one thing wrong with a file, put so that whoever made the file can
// mend it.
type Fault struct {
	// Row is the row as a spreadsheet numbers it, from 1, the header and
	// blank rows counted. 0 where no row is meant.
	Row int `json:"row"`
	// Column is the header as it stands in the file; for a missing column
	// the name to give it; empty where the row as a whole is meant.
	Column string `json:"column,omitempty"`
	// Letter is what a spreadsheet calls the column; empty where no column of
	// the file is meant.
	Letter string `json:"letter,omitempty"`
	// Message says what is wrong and what to do, in English.
	Message string `json:"message"`

	said phrase.Phrase
}

// at is the fault in the cell with an index; -1 for none.
func (f Fault) at(cell int) Fault {
	if cell >= 0 {
		f.Letter, _ = excelize.ColumnNumberToName(cell + 1) // "" beyond what a spreadsheet has
	}
	return f
}

// faultOf is a Fault that can be put into another language.
func faultOf(row int, column string, said phrase.Phrase) Fault {
	return Fault{Row: row, Column: column, Message: said.String(), said: said}
}

// Phrase is the message, to be put into the reader's language.
func (f Fault) Phrase() phrase.Phrase {
	if f.said.String() == f.Message {
		return f.said
	}
	return phrase.Word(f.Message)
}

// String gives "row 12, 留言时间: message".
func (f Fault) String() string {
	var parts []string
	if f.Row > 0 {
		parts = append(parts, "row "+strconv.Itoa(f.Row))
	}
	if f.Column != "" {
		parts = append(parts, Quote(f.Column))
	}
	if len(parts) == 0 {
		return f.Message
	}
	return strings.Join(parts, ", ") + ": " + f.Message
}

// MaxFaults is how many faults Faults keeps; further ones are only counted.
// A file of a million rows with the wrong date format must not fill memory
// with a million equal sentences.
const MaxFaults = 10_000

// Faults gathers the faults of a file in the order they are added. The zero
// value is empty and ready. A *Faults is an error; use Err to get nil when
// there are none.
type Faults struct {
	// Count is how many were added, also beyond MaxFaults.
	Count int
	// List holds the first MaxFaults of them.
	List []Fault
}

// Add appends faults.
func (f *Faults) Add(faults ...Fault) {
	f.Count += len(faults)
	if room := MaxFaults - len(f.List); len(faults) > room {
		faults = faults[:room]
	}
	f.List = append(f.List, faults...)
}

// Err is nil when there are no faults, and f otherwise.
func (f *Faults) Err() error {
	if f == nil || f.Count == 0 {
		return nil
	}
	return f
}

// Error tells the count and the first five faults.
func (f *Faults) Error() string {
	const show = 5
	var b strings.Builder
	if f.Count == 1 {
		b.WriteString("1 fault")
	} else {
		fmt.Fprintf(&b, "%d faults", f.Count)
	}
	for i, fault := range f.List {
		if i == show {
			fmt.Fprintf(&b, "; and %d more", f.Count-show)
			break
		}
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(fault.String())
	}
	return b.String()
}

// quoteRunes is how much of a value a message shows: enough to find the cell,
// too little to carry a citizen's letter into a log.
const quoteRunes = 40

// Quote puts a value into quotation marks for a message: on one line, without
// control characters, cut to 40 runes.
func Quote(s string) string {
	var b strings.Builder
	b.WriteString("“")
	n := 0
	for _, r := range s {
		if n == quoteRunes {
			b.WriteString("…")
			break
		}
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	b.WriteString("”")
	return b.String()
}
