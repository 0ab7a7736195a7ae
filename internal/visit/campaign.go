// Package visit is about going to the enterprises (走访): the campaigns in which
// that is done, who is to go to whom, what was seen there, and how many of those
// on the roster were reached.
package visit

import (
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/worktime"
)

// Kind tells what sort of campaign it is.
type Kind string

// The kinds of campaign.
const (
	Day      Kind = "day"      // 集中走访日
	Week     Kind = "week"     // 集中走访周
	Survey   Kind = "survey"   // 链上千企蹲点调研, with a questionnaire
	Guidance Kind = "guidance" // 技术指导
)

// Kinds lists the kinds of campaign.
func Kinds() []Kind { return []Kind{Day, Week, Survey, Guidance} }

// Targets tells who is to be visited.
type Targets string

// Who may be to be visited.
const (
	Roster   Targets = "roster"   // every enterprise of the roster
	Projects Targets = "projects" // every key project
)

// AllTargets lists who may be to be visited.
func AllTargets() []Targets { return []Targets{Roster, Projects} }

// Campaign is a time in which those named are to be visited.
type Campaign struct {
	ID              string        `json:"id" readOnly:"true"`
	Code            string        `json:"code" minLength:"1" maxLength:"64" pattern:"\\S" doc:"Unique"`
	Name            string        `json:"name" minLength:"1" maxLength:"100" pattern:"\\S"`
	Kind            Kind          `json:"kind" required:"false" enum:"day,week,survey,guidance" doc:"A day of visits, a week of them, a survey with a questionnaire, or technical guidance; day when left out"`
	FromDate        worktime.Date `json:"from_date" format:"date" doc:"The first day"`
	ToDate          worktime.Date `json:"to_date" format:"date" doc:"The last day, included"`
	Targets         Targets       `json:"targets" required:"false" enum:"roster,projects" doc:"Who is to be visited: the enterprises of the roster or the key projects; roster when left out"`
	PlaceID         string        `json:"place_id" required:"false" maxLength:"64" doc:"Only those there; empty for any"`
	ChainID         string        `json:"chain_id" required:"false" maxLength:"64" doc:"Only those of the chain; empty for any"`
	Note            string        `json:"note" required:"false" maxLength:"2000" doc:"What whoever goes should know"`
	Questions       []Question    `json:"questions" required:"false" nullable:"false" maxItems:"50" gorm:"serializer:json" doc:"What is asked there, in this order"`
	directory.Stamp `gorm:"embedded"`
}

// QuestionKind tells how a question is answered.
type QuestionKind string

// The kinds of question.
const (
	Text   QuestionKind = "text"
	Choice QuestionKind = "choice"
	Number QuestionKind = "number"
)

// QuestionKinds lists the kinds of question.
func QuestionKinds() []QuestionKind { return []QuestionKind{Text, Choice, Number} }

// Part is who of an enterprise is asked.
type Part string

// Who may be asked.
const (
	Owner   Part = "owner"
	Manager Part = "manager"
	Worker  Part = "worker"
	Party   Part = "party" // who leads the party's work there
)

// Parts lists who may be asked.
func Parts() []Part { return []Part{Owner, Manager, Worker, Party} }

// Question is one of a campaign's questionnaire.
type Question struct {
	Text    string       `json:"text" minLength:"1" maxLength:"500" pattern:"\\S"`
	Kind    QuestionKind `json:"kind,omitempty" enum:"text,choice,number" doc:"text when left out"`
	Part    Part         `json:"part,omitempty" enum:"owner,manager,worker,party" doc:"Who is asked; empty for anybody"`
	Choices []string     `json:"choices,omitempty" maxItems:"20" uniqueItems:"true" doc:"The possible answers of a choice"`
}

// Refs are the campaign's id and stamp.
func (c *Campaign) Refs() (*string, *directory.Stamp) { return &c.ID, &c.Stamp }

// Tidy takes away the blanks around its texts and makes lists out of nothing.
func (c *Campaign) Tidy() {
	for _, text := range []*string{&c.Code, &c.Name, &c.PlaceID, &c.ChainID, &c.Note} {
		*text = strings.TrimSpace(*text)
	}
	if c.Questions == nil {
		c.Questions = []Question{}
	}
	for i := range c.Questions {
		q := &c.Questions[i]
		q.Text = strings.TrimSpace(q.Text)
		if q.Kind == "" {
			q.Kind = Text
		}
		for j := range q.Choices {
			q.Choices[j] = strings.TrimSpace(q.Choices[j])
		}
	}
}

// Wants says whether an enterprise's place and chains are among those that the
// campaign is for.
func (c *Campaign) Wants(placeID string, chains []string) bool {
	inChain := c.ChainID == ""
	for _, id := range chains {
		inChain = inChain || id == c.ChainID
	}
	return inChain && (c.PlaceID == "" || c.PlaceID == placeID)
}

// Plan says who is to visit an enterprise, or a key project of it, in a
// campaign.
type Plan struct {
	ID           string
	CampaignID   string
	EnterpriseID string
	ProjectID    string    // "" for the enterprise itself
	UserID       string    // who goes; "" while nobody is named
	Day          string    // when, as a worktime.Date; "" while that is open
	CreatedAt    time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt    time.Time `gorm:"autoUpdateTime:false"`
}
