package visit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Visit is one that was made.
type Visit struct {
	ID           string
	ClientID     string // by which its sender knows it; "" for none
	EnterpriseID string
	ProjectID    string // of the enterprise; "" for none
	CampaignID   string // "" for none
	VisitorID    string
	VisitedAt    time.Time
	VisitedOn    worktime.Date // the day of it where the service is
	Seen         string        // what was seen and heard there
	Location     string        // in words
	Latitude     *float64      // WGS 84, in degrees; nil where the visitor didn't say
	Longitude    *float64
	Answers      []Answer `gorm:"serializer:json"`
	RecordedAt   time.Time
}

// Answer is one to a question of the campaign, with the question as it was
// asked.
type Answer struct {
	Number   int    `json:"number" doc:"Of the question, from 1"`
	Question string `json:"question"`
	Part     Part   `json:"part"`
	Text     string `json:"text"`
}

// Finding is a problem that was found at a visit.
type Finding struct {
	ID       string
	VisitID  string
	Position int
	Text     string
	Category string // a category's code
	TicketID string // the ticket that was made of it; "" for none
}

// TableName keeps it with the visits.
func (Finding) TableName() string { return "visit_findings" }

// TableName keeps it with the visits.
func (Plan) TableName() string { return "visit_plans" }

// Record is what a visit is recorded from.
type Record struct {
	ClientID     string       `json:"client_id,omitempty" maxLength:"64" doc:"Made by the sender: however often it is sent, the visit is recorded once"`
	EnterpriseID string       `json:"enterprise_id" minLength:"1" maxLength:"64" doc:"Who was visited"`
	ProjectID    string       `json:"project_id,omitempty" maxLength:"64" doc:"A key project of it, when that was visited"`
	CampaignID   string       `json:"campaign_id,omitempty" maxLength:"64" doc:"The campaign in which it was"`
	VisitedAt    *time.Time   `json:"visited_at,omitempty" doc:"When; now by default, never later"`
	Seen         string       `json:"seen" minLength:"1" maxLength:"10000" pattern:"\\S" doc:"What was seen and heard there"`
	Location     string       `json:"location,omitempty" maxLength:"200" doc:"Where, in words"`
	Latitude     *float64     `json:"latitude,omitempty" doc:"WGS 84, in degrees from -90 to 90; with longitude"`
	Longitude    *float64     `json:"longitude,omitempty" doc:"WGS 84, in degrees from -180 to 180; with latitude"`
	Answers      []NewAnswer  `json:"answers,omitempty" maxItems:"50" doc:"To the campaign's questions"`
	Findings     []NewFinding `json:"findings,omitempty" maxItems:"20" doc:"Problems that were found"`
	ticket.Attached
}

// NewAnswer is an answer to one of the campaign's questions.
type NewAnswer struct {
	Number int    `json:"number" minimum:"1" maximum:"50" doc:"Of the question, from 1"`
	Text   string `json:"text" minLength:"1" maxLength:"2000" pattern:"\\S"`
}

// NewFinding is a problem that was found.
type NewFinding struct {
	Text     string `json:"text" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What is stuck"`
	Category string `json:"category" minLength:"1" maxLength:"64" doc:"Category code, see /categories"`
}

// Tidy takes away the blanks around its texts. Answers and findings are copied
// first: the caller may send the same ones again at this moment.
func (r *Record) Tidy() {
	r.Answers, r.Findings = slices.Clone(r.Answers), slices.Clone(r.Findings)
	for _, text := range []*string{&r.ClientID, &r.EnterpriseID, &r.ProjectID, &r.CampaignID, &r.Seen, &r.Location} {
		*text = strings.TrimSpace(*text)
	}
	for i := range r.Answers {
		r.Answers[i].Text = strings.TrimSpace(r.Answers[i].Text)
	}
	for i := range r.Findings {
		r.Findings[i].Text = strings.TrimSpace(r.Findings[i].Text)
	}
}

// Check holds what a record says against the rules that need nothing but the
// present moment and its campaign; nil for none.
func (r *Record) Check(now time.Time, campaign *Campaign) []ticket.Field {
	var faults []ticket.Field
	fault := func(pointer, format string, args ...any) {
		faults = append(faults, ticket.Fieldf(pointer, format, args...))
	}
	if r.VisitedAt != nil && r.VisitedAt.After(now) {
		fault("/visited_at", "must not be later than now")
	}
	for _, c := range []struct {
		pointer      string
		value, other *float64
		most         float64
	}{{"/latitude", r.Latitude, r.Longitude, 90}, {"/longitude", r.Longitude, r.Latitude, 180}} {
		switch {
		case c.value == nil && c.other != nil:
			fault(c.pointer, "is missing: a place has both latitude and longitude")
		case c.value != nil && !(*c.value >= -c.most && *c.value <= c.most): // nor NaN
			fault(c.pointer, "must be from %d to %d", -int(c.most), int(c.most))
		}
	}
	_, answers := r.answers(campaign)
	return append(faults, answers...)
}

// AnswersTo are the answers with the campaign's questions.
func (r *Record) AnswersTo(campaign *Campaign) []Answer {
	answers, _ := r.answers(campaign)
	return answers
}

func (r *Record) answers(campaign *Campaign) ([]Answer, []ticket.Field) {
	answers, faults := []Answer{}, []ticket.Field(nil)
	var questions []Question
	if campaign != nil {
		questions = campaign.Questions
	}
	given := map[int]bool{}
	for i, a := range r.Answers {
		at := fmt.Sprintf("/answers/%d/", i)
		if a.Number < 1 || a.Number > len(questions) {
			faults = append(faults, ticket.Fieldf(at+"number", "is no question of the campaign"))
			continue
		}
		if given[a.Number] {
			faults = append(faults, ticket.Fieldf(at+"number", "is answered twice"))
		}
		given[a.Number] = true
		q := questions[a.Number-1]
		switch q.Kind {
		case Number:
			if _, err := strconv.ParseFloat(a.Text, 64); err != nil {
				faults = append(faults, ticket.Fieldf(at+"text", "must be a number"))
			}
		case Choice:
			if !slices.Contains(q.Choices, a.Text) {
				faults = append(faults, ticket.Fieldf(at+"text", "must be one of: %s", strings.Join(q.Choices, ", ")))
			}
		case Text:
		}
		answers = append(answers, Answer{a.Number, q.Text, q.Part, a.Text})
	}
	return answers, faults
}
