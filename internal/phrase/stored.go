package phrase

import (
	"encoding/json"
	"time"
)

// stored is a phrase as it is kept, for readers whose languages are not known
// yet.
type stored struct {
	Format string      `json:"format"`
	Args   []storedArg `json:"args,omitempty"`
}

// storedArg is an argument as one of the kinds that there are.
type storedArg struct {
	Text   *string    `json:"text,omitempty"`
	Number *int       `json:"number,omitempty"`
	Phrase *Phrase    `json:"phrase,omitempty"`
	Code   *Code      `json:"code,omitempty"`
	Moment *time.Time `json:"moment,omitempty"`
}

// MarshalJSON keeps what the phrase was made from. One with an argument of a
// kind that cannot be kept becomes the plain English text.
func (p Phrase) MarshalJSON() ([]byte, error) {
	if len(p.args) == 0 {
		return json.Marshal(stored{Format: p.english})
	}
	s := stored{Format: p.format}
	for _, arg := range p.args {
		var kept storedArg
		switch arg := arg.(type) {
		case string:
			kept.Text = &arg
		case int:
			kept.Number = &arg
		case Phrase:
			kept.Phrase = &arg
		case Code:
			kept.Code = &arg
		case Moment:
			at := time.Time(arg)
			kept.Moment = &at
		default:
			return json.Marshal(stored{Format: p.english})
		}
		s.Args = append(s.Args, kept)
	}
	return json.Marshal(s)
}

// UnmarshalJSON makes the phrase that was kept.
func (p *Phrase) UnmarshalJSON(raw []byte) error {
	var s stored
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	if len(s.Args) == 0 {
		*p = Word(s.Format)
		return nil
	}
	args := make([]any, len(s.Args))
	for i, arg := range s.Args {
		switch {
		case arg.Text != nil:
			args[i] = *arg.Text
		case arg.Number != nil:
			args[i] = *arg.Number
		case arg.Phrase != nil:
			args[i] = *arg.Phrase
		case arg.Code != nil:
			args[i] = *arg.Code
		case arg.Moment != nil:
			args[i] = Moment(*arg.Moment)
		}
	}
	*p = Of(s.Format, args...)
	return nil
}
