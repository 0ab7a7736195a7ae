package tabular

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"whistle/internal/phrase"
)

// csvSource reads CSV. encoding/csv would end at a stray quotation mark or
// swallow the rest of the file with it; here it spoils one record and the
// reading goes on behind it.
type csvSource struct {
	r     *bufio.Reader // UTF-8 without byte order mark; may hold bad bytes
	comma byte
	eol   byte     // '\n', or '\r' in files that have no '\n'
	back  []string // lines put back, to be read again
	line  int      // lines consumed
	bad   func(string) bool
}

// maxRecord bounds one record in bytes. A quotation mark that is still open
// after that much was never meant to be closed: a whole row of the longest
// cells a spreadsheet takes is shorter.
const maxRecord = 1 << 20

const unreadable = "the row holds characters that can't be read; write them anew, and save the file as UTF-8"

// commas are the dividers tried, the likeliest first.
var commas = []byte{',', '\t', ';'}

func (s *csvSource) close() error { return nil }

func openCSV(s io.ReadSeeker, set *columns) (source, error) {
	form, err := detect(s)
	if err != nil {
		return nil, err
	}
	if _, err := s.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	src := &csvSource{r: bufio.NewReaderSize(form.decode(s), 64<<10), eol: form.eol, bad: form.bad}
	if b, _ := src.r.Peek(3); string(b) == "\ufeff" {
		if _, err := src.r.Discard(len(b)); err != nil {
			return nil, err
		}
	}
	src.comma = src.detectComma(set)
	return src, nil
}

// textForm is what a text file turned out to be.
type textForm struct {
	eol    byte
	decode func(io.Reader) io.Reader
	bad    func(string) bool // the cell holds bytes that mean nothing
}

// detect looks through the whole file: the first Chinese word may stand in its
// last row. What isn't UTF-8 is GB18030, unless that would leave more bytes
// without meaning than UTF-8 does: a file with one damaged byte is still what
// it was.
func detect(r io.Reader) (textForm, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	head, _ := br.Peek(3)
	mark := append([]byte{}, head...)
	replaced := func(s string) bool { return strings.ContainsRune(s, utf8.RuneError) }
	e := textForm{
		eol:    '\n',
		decode: func(r io.Reader) io.Reader { return r },
		bad:    func(s string) bool { return !utf8.ValidString(s) },
	}
	for _, end := range []struct {
		mark  string
		order unicode.Endianness
	}{{"\xff\xfe", unicode.LittleEndian}, {"\xfe\xff", unicode.BigEndian}} {
		if bytes.HasPrefix(mark, []byte(end.mark)) {
			e.bad = replaced
			e.decode = func(r io.Reader) io.Reader {
				return transform.NewReader(r, unicode.UTF16(end.order, unicode.UseBOM).NewDecoder())
			}
			var c counts
			_, err := io.Copy(&c, e.decode(br))
			e.eol = c.eol()
			return e, err
		}
	}

	// Both readings are counted in one pass over the file.
	var asUTF8 counts
	asGB := counts{replaced: true}
	gb := transform.NewWriter(&asGB, simplifiedchinese.GB18030.NewDecoder())
	if _, err := io.Copy(io.MultiWriter(&asUTF8, gb), br); err != nil {
		return e, err
	}
	if err := gb.Close(); err != nil {
		return e, err
	}
	asUTF8.finish()
	asGB.finish()
	if asUTF8.nul > asUTF8.total/64 {
		return e, phrase.Of("this is neither a text file nor an Excel workbook; save the table as .xlsx or CSV")
	}
	e.eol = asUTF8.eol()
	if asUTF8.bad > asGB.bad && string(mark) != "\ufeff" {
		e.bad = replaced
		e.decode = func(r io.Reader) io.Reader {
			return transform.NewReader(r, simplifiedchinese.GB18030.NewDecoder())
		}
	}
	return e, nil
}

// counts looks at text passing by.
type counts struct {
	bad, nul, lf, cr, total int
	replaced                bool   // the text was decoded: U+FFFD stands for bad bytes
	carry                   []byte // the beginning of a rune
}

func (c *counts) Write(p []byte) (int, error) {
	b := p
	if len(c.carry) > 0 {
		b = append(c.carry, p...)
	}
	c.total += len(p)
	c.nul += bytes.Count(p, []byte{0})
	c.lf += bytes.Count(p, []byte{'\n'})
	c.cr += bytes.Count(p, []byte{'\r'})
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		if !utf8.FullRune(b) {
			break
		}
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && (size == 1 || c.replaced) {
			c.bad++
		}
		b = b[size:]
	}
	c.carry = append([]byte{}, b...)
	return len(p), nil
}

func (c *counts) finish() { c.bad += len(c.carry) }

// eol: programs of the old Macintosh, and Excel asked to write for it, end
// lines with a carriage return alone.
func (c *counts) eol() byte {
	if c.lf == 0 && c.cr > 0 {
		return '\r'
	}
	return '\n'
}

// detectComma tries the dividers on the header: the one that shows most known
// columns, then the one that shows most cells.
func (s *csvSource) detectComma(set *columns) byte {
	head, _ := s.r.Peek(64 << 10)
	best, bestKnown, bestCells := commas[0], -1, -1
	for _, comma := range commas {
		try := &csvSource{r: bufio.NewReader(bytes.NewReader(head)), comma: comma, eol: s.eol, bad: s.bad}
		for {
			cells, _, err := try.next()
			if err != nil {
				break
			}
			if strings.Trim(trim(strings.Join(cells, "")), ",;\t") == "" {
				continue // a blank row, whichever divides it
			}
			known := set.matches(cells)
			if known > bestKnown || known == bestKnown && len(cells) > bestCells {
				best, bestKnown, bestCells = comma, known, len(cells)
			}
			break
		}
	}
	return best
}

// readLine returns a line with its ending, and io.EOF when there is none.
func (s *csvSource) readLine() (string, error) {
	var line string
	if len(s.back) > 0 {
		line, s.back = s.back[0], s.back[1:]
	} else {
		var err error
		line, err = s.r.ReadString(s.eol)
		if err != nil && (!errors.Is(err, io.EOF) || line == "") {
			return "", err
		}
	}
	s.line++
	return line, nil
}

func (s *csvSource) next() ([]string, phrase.Phrase, error) {
	line, err := s.readLine()
	if err != nil {
		return nil, phrase.Phrase{}, err
	}
	first := s.line
	cells, fault, err := s.record(line)
	if err != nil {
		return nil, fault, err
	}
	if fault.Empty() {
		for _, c := range cells {
			if s.bad(c) || strings.IndexByte(c, 0) >= 0 {
				fault = phrase.Of(unreadable)
				break
			}
		}
	} else if s.line > first {
		fault = phrase.Of("lines %d to %d of the file: %s", first, s.line, fault)
	} else {
		fault = phrase.Of("line %d of the file: %s", first, fault)
	}
	for i, c := range cells {
		cells[i] = bare(c)
	}
	return cells, fault, nil
}

// bare takes off the apostrophe that the CSV writer, and people by hand, put
// before text that a spreadsheet would take for a formula or another number.
func bare(s string) string {
	if strings.HasPrefix(s, "'") && misread(s) {
		return s[1:]
	}
	return s
}

// record cuts one record into cells, reading on while a quotation mark is
// open. A record that is malformed is cut as well as can be, for the person
// who mends it.
func (s *csvSource) record(line string) (cells []string, fault phrase.Phrase, err error) {
	if !strings.Contains(line, `"`) {
		return strings.Split(s.chop(line), string(s.comma)), fault, nil
	}
	text := []byte(line)
	var more []string // lines read beyond the first
	pos := 0
	for {
		start := pos
		pos = skipSpaces(text, pos)
		if pos >= len(text) || text[pos] != '"' {
			// A cell without quotation marks; those within it are its own.
			pos = start
			if i := bytes.IndexByte(text[pos:], s.comma); i >= 0 {
				cells = append(cells, string(text[pos:pos+i]))
				pos += i + 1
				continue
			}
			return append(cells, s.chop(string(text[pos:]))), fault, nil
		}
		pos++
		var cell []byte
		for {
			i := bytes.IndexByte(text[pos:], '"')
			if i < 0 {
				cell = append(cell, text[pos:]...)
				pos = len(text)
				next, err := s.readLine()
				ended := errors.Is(err, io.EOF)
				if err != nil && !ended {
					return nil, fault, err
				}
				if !ended {
					more = append(more, next)
				}
				if ended || len(text)+len(next) > maxRecord {
					// What follows are most likely sound rows.
					s.back = append(more, s.back...)
					s.line -= len(more)
					return strings.Split(s.chop(line), string(s.comma)),
						phrase.Of("a quotation mark is opened and never closed; close it, or take it away"), nil
				}
				text = append(text, next...)
				continue
			}
			cell = append(cell, text[pos:pos+i]...)
			pos += i + 1
			if pos < len(text) && text[pos] == '"' {
				cell = append(cell, '"')
				pos++
				continue
			}
			break
		}
		cells = append(cells, string(cell))
		pos = skipSpaces(text, pos)
		switch rest := s.chop(string(text[pos:])); {
		case rest == "":
			return cells, fault, nil
		case rest[0] == s.comma:
			pos++
		default:
			parts := strings.Split(rest, string(s.comma))
			cells[len(cells)-1] += parts[0]
			return append(cells, parts[1:]...),
				phrase.Of("text follows a closing quotation mark; write a quotation mark within a cell twice (\"\")"), nil
		}
	}
}

// skipSpaces passes over spaces around quotation marks, which people write
// after commas.
func skipSpaces(b []byte, pos int) int {
	for pos < len(b) && b[pos] == ' ' {
		pos++
	}
	return pos
}

// chop takes the line's ending off.
func (s *csvSource) chop(line string) string {
	line = strings.TrimSuffix(line, string(s.eol))
	return strings.TrimSuffix(line, "\r")
}
