package ticket

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ActorRef is how a history line names who acted. It holds no personal name:
// names are looked up when the line is shown.
type ActorRef struct {
	ID           string `json:"id"`
	Role         Role   `json:"role"`
	DepartmentID string `json:"department_id,omitempty"`
}

// Facts are what the service adds to an input, so that the line can be
// replayed without asking the directory.
type Facts struct {
	Number          string   `json:"number,omitempty"`
	ExternalNumber  string   `json:"external_number,omitempty"`
	Imported        bool     `json:"imported,omitempty"`
	PolicyVersion   int      `json:"policy_version,omitempty"`
	CalendarVersion int      `json:"calendar_version,omitempty"`
	PlaceID         string   `json:"place_id,omitempty"`
	Chains          []string `json:"chains,omitempty"`
	Old             *Old     `json:"old,omitempty"`
}

// Old is what stood before a correction.
type Old struct {
	Category     string  `json:"category,omitempty"`
	Title        string  `json:"title,omitempty"`
	EnterpriseID string  `json:"enterprise_id,omitempty"`
	Urgency      Urgency `json:"urgency,omitempty"`
	Confidential *bool   `json:"confidential,omitempty"`
}

// Line is one line of a ticket's history.
type Line struct {
	TicketID   string
	Seq        int // from 1, without gaps
	Event      Event
	At         time.Time // when it happened
	RecordedAt time.Time // when it was written
	Actor      ActorRef
	From, To   State
	Inferred   bool
	Input      Input
	Facts      Facts
	PrevHash   string // "" on the first line

	// Canonical is the line as it is hashed and stored, to the byte. Words
	// are the free texts that it holds digests of, by their place in the data.
	Canonical string
	Words     map[string]string
	Salt      string
	Hash      string // SHA-256 of Canonical, in hex
}

// CanonicalVersion is the version of the form below.
const CanonicalVersion = 1

// canonical is a line's canonical form, version 1: compact JSON in UTF-8 with
// the members in this order, those of data and words sorted by name, times in
// UTC and RFC 3339 cut to microseconds. Words maps the place of each free text
// in data (its path, joined by dots) to the hex SHA-256 of salt and text, so
// that a text can be redacted by law without breaking the chain.
type canonical struct {
	V          int               `json:"v"`
	Ticket     string            `json:"ticket"`
	Seq        int               `json:"seq"`
	Event      Event             `json:"event"`
	At         time.Time         `json:"at"`
	RecordedAt time.Time         `json:"recorded_at"`
	Actor      ActorRef          `json:"actor"`
	From       State             `json:"from"`
	To         State             `json:"to"`
	Inferred   bool              `json:"inferred"`
	Data       json.RawMessage   `json:"data"`
	Words      map[string]string `json:"words"`
	Prev       string            `json:"prev"`
}

// freeTexts are the fields, at any depth of an input, in which people write
// what they like.
var freeTexts = map[string]bool{
	"title": true, "description": true, "question": true, "answer": true, "text": true, "reason": true,
	"minutes": true, "result": true, "condition": true, "missing": true, "said": true,
}

// Redacted stands where a text was removed by law.
const Redacted = "[redacted]"

// seal computes the line's canonical form, words and hash.
func (l *Line) seal() error {
	data, err := joinData(l.Input, l.Facts)
	if err != nil {
		return err
	}
	l.Words = map[string]string{}
	takeWords(data, "", l.Words)
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	l.Salt = hex.EncodeToString(salt)
	digests := make(map[string]string, len(l.Words))
	for path, text := range l.Words {
		digests[path] = Digest(l.Salt, text)
	}
	raw, err := marshal(data)
	if err != nil {
		return err
	}
	text, err := marshal(canonical{
		V: CanonicalVersion, Ticket: l.TicketID, Seq: l.Seq, Event: l.Event, At: l.At, RecordedAt: l.RecordedAt,
		Actor: l.Actor, From: l.From, To: l.To, Inferred: l.Inferred, Data: raw, Words: digests, Prev: l.PrevHash,
	})
	if err != nil {
		return err
	}
	l.Canonical, l.Hash = string(text), HashOf(string(text))
	return nil
}

// HashOf is the hash of a canonical line: hex SHA-256.
func HashOf(canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return hex.EncodeToString(sum[:])
}

// Digest is what a canonical line holds of a free text: hex SHA-256 of the
// line's salt and the text.
func Digest(salt, text string) string { return HashOf(salt + text) }

// marshal writes compact JSON as it is, without HTML escapes.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// joinData is the input and the facts as one object.
func joinData(in Input, facts Facts) (map[string]any, error) {
	data := map[string]any{}
	for _, part := range []any{in, facts} {
		raw, err := marshal(part)
		if err != nil {
			return nil, err
		}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// takeWords moves the free texts out of the data.
func takeWords(node any, path string, words map[string]string) {
	at := func(key string) string {
		if path == "" {
			return key
		}
		return path + "." + key
	}
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			if text, ok := value.(string); ok && freeTexts[key] {
				words[at(key)] = text
				delete(node, key)
				continue
			}
			takeWords(value, at(key), words)
		}
	case []any:
		for i, value := range node {
			takeWords(value, at(strconv.Itoa(i)), words)
		}
	}
}

// putWords is the reverse of takeWords.
func putWords(data map[string]any, words map[string]string) {
	for _, path := range slices.Sorted(maps.Keys(words)) {
		var node any = data
		keys := strings.Split(path, ".")
		for _, key := range keys[:len(keys)-1] {
			switch n := node.(type) {
			case map[string]any:
				node = n[key]
			case []any:
				if i, err := strconv.Atoi(key); err == nil && i < len(n) {
					node = n[i]
				}
			}
		}
		if object, ok := node.(map[string]any); ok {
			object[keys[len(keys)-1]] = words[path]
		}
	}
}

// Open reads a line back from its canonical text and its words; a text that
// was redacted reads as Redacted. It does not check the hash.
func Open(text string, words map[string]string, salt string) (*Line, error) {
	var c canonical
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return nil, fmt.Errorf("history line: %w", err)
	}
	if c.V != CanonicalVersion {
		return nil, fmt.Errorf("history line: unknown version %d", c.V)
	}
	def, ok := Define(c.Event)
	if !ok {
		return nil, fmt.Errorf("history line: unknown event %q", c.Event)
	}
	l := &Line{
		TicketID: c.Ticket, Seq: c.Seq, Event: c.Event, At: c.At, RecordedAt: c.RecordedAt, Actor: c.Actor,
		From: c.From, To: c.To, Inferred: c.Inferred, PrevHash: c.Prev,
		Canonical: text, Hash: HashOf(text), Salt: salt, Words: make(map[string]string, len(c.Words)),
	}
	for path := range c.Words {
		if word, ok := words[path]; ok {
			l.Words[path] = word
		} else {
			l.Words[path] = Redacted
		}
	}
	data, err := l.data(c.Data)
	if err != nil {
		return nil, err
	}
	raw, err := marshal(data)
	if err != nil {
		return nil, err
	}
	in := reflect.New(reflect.TypeOf(def.Input))
	if err := json.Unmarshal(raw, in.Interface()); err != nil {
		return nil, fmt.Errorf("history line: %w", err)
	}
	l.Input = in.Elem().Interface().(Input)
	if err := json.Unmarshal(raw, &l.Facts); err != nil {
		return nil, fmt.Errorf("history line: %w", err)
	}
	return l, nil
}

func (l *Line) data(raw json.RawMessage) (map[string]any, error) {
	data := map[string]any{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&data); err != nil {
		return nil, fmt.Errorf("history line: %w", err)
	}
	putWords(data, l.Words)
	return data, nil
}

// CheckWords finds texts that are not those the line was written with. A
// redacted text is no fault.
func (l *Line) CheckWords(words map[string]string) error {
	var c canonical
	if err := json.Unmarshal([]byte(l.Canonical), &c); err != nil {
		return err
	}
	for path, text := range words {
		if digest, ok := c.Words[path]; !ok || digest != Digest(l.Salt, text) {
			return fmt.Errorf("the text %q is not the one that was written", path)
		}
	}
	return nil
}

// Data is what the line says, as the viewer may read it: an enterprise does
// not read the fields meant for the offices. ok is false when the viewer does
// not read the line at all.
func (l *Line) Data(viewer Relation) (data map[string]any, ok bool, err error) {
	def, found := Define(l.Event)
	if !found {
		return nil, false, fmt.Errorf("history line: unknown event %q", l.Event)
	}
	if data, err = joinData(l.Input, l.Facts); err != nil {
		return nil, false, err
	}
	if viewer&Offices != 0 {
		return data, true, nil
	}
	if def.Audience == OfficesOnly || def.Audience == MarkedPublic && !l.public() {
		return nil, false, nil
	}
	for _, field := range def.Internal {
		delete(data, field)
	}
	return data, true, nil
}

func (l *Line) public() bool {
	in, ok := l.Input.(ProgressInput)
	return ok && in.Public
}
