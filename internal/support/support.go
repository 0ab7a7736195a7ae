// Package support is the three lists around the tickets: what enterprises need
// (问题需求清单), what there is for them (政策资源清单) and what was done for them
// (服务企业清单); and which of the second fits whom.
package support

import (
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/phrase"
	"whistle/internal/worktime"
)

// PolicyResource is something that enterprises may be given: a measure of a
// document, with whom it fits. Each list of conditions that is empty fits all;
// of the others an enterprise must meet every one, by any of its items.
type PolicyResource struct {
	ID           string         `json:"id" readOnly:"true"`
	Code         string         `json:"code" minLength:"1" maxLength:"64" pattern:"\\S" doc:"Unique"`
	Name         string         `json:"name" minLength:"1" maxLength:"200" pattern:"\\S"`
	Document     string         `json:"document" required:"false" maxLength:"200" doc:"The document that it stands in: its number or title"`
	DepartmentID string         `json:"department_id" minLength:"1" maxLength:"64" doc:"The department that issued it; its head keeps it"`
	Gives        string         `json:"gives" minLength:"1" maxLength:"4000" pattern:"\\S" doc:"What it gives, in words"`
	ValidFrom    *worktime.Date `json:"valid_from" required:"false" format:"date" doc:"The first day; null for always"`
	ValidTo      *worktime.Date `json:"valid_to" required:"false" format:"date" doc:"The last day; null for no end"`
	Chains       []string       `json:"chains" required:"false" nullable:"false" maxItems:"20" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of the chains that it fits"`
	Tags         []string       `json:"tags" required:"false" nullable:"false" maxItems:"30" uniqueItems:"true" gorm:"serializer:json" doc:"Tags that it fits, scale among them: 规上, 龙头 …"`
	Kinds        []string       `json:"kinds" required:"false" nullable:"false" maxItems:"5" uniqueItems:"true" gorm:"serializer:json" doc:"Kinds of enterprise that it fits: company, cooperative, family_farm, grower, other"`
	Places       []string       `json:"places" required:"false" nullable:"false" maxItems:"50" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of the places that it fits, with those that are part of them"`
	Categories   []string       `json:"categories" required:"false" nullable:"false" maxItems:"20" uniqueItems:"true" gorm:"serializer:json" doc:"Codes of the categories of a problem that it helps with"`
	Conditions   string         `json:"conditions" required:"false" maxLength:"4000" doc:"What else is asked, in words"`
	Words        []string       `json:"words" required:"false" nullable:"false" maxItems:"30" uniqueItems:"true" gorm:"serializer:json" doc:"Words that tell in a ticket, beside the name, that it may help: each that is found there counts"`
	Orderable    bool           `json:"orderable" required:"false" doc:"Enterprises may order it as a service (企业点单)"`
	AnswerID     string         `json:"answer_department_id" required:"false" maxLength:"64" doc:"The department that answers an order; the issuing one when empty"`
	Attachments  []string       `json:"attachments" required:"false" nullable:"false" maxItems:"10" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of the document itself and its forms; the caller uploaded those that are new. One that is left out is removed"`

	directory.Stamp `gorm:"embedded"`
}

// Refs are the policy resource's id and stamp.
func (p *PolicyResource) Refs() (*string, *directory.Stamp) { return &p.ID, &p.Stamp }

// Tidy takes away the blanks around its texts and makes lists out of nothing.
func (p *PolicyResource) Tidy() {
	trim(&p.Code, &p.Name, &p.Document, &p.DepartmentID, &p.Gives, &p.Conditions, &p.AnswerID)
	directory.TidyLists(&p.Chains, &p.Tags, &p.Kinds, &p.Places, &p.Categories, &p.Words, &p.Attachments)
}

// AttachmentIDs are the files that it carries.
func (p *PolicyResource) AttachmentIDs() []string { return p.Attachments }

// Answers is the department that an order goes to first.
func (p *PolicyResource) Answers() string {
	if p.AnswerID != "" {
		return p.AnswerID
	}
	return p.DepartmentID
}

// Valid says whether it holds on a day.
func (p *PolicyResource) Valid(day worktime.Date) bool {
	return !p.Retired() && (p.ValidFrom == nil || !day.Before(*p.ValidFrom)) && (p.ValidTo == nil || !p.ValidTo.Before(day))
}

// ExpiryWarning is how many days before its last day a policy resource is
// warned of.
const ExpiryWarning = 30

// Expires says whether it holds on a day, and ends so soon that somebody should
// see to it.
func (p *PolicyResource) Expires(day worktime.Date) bool {
	return p.Valid(day) && p.ValidTo != nil && !day.AddDays(ExpiryWarning).Before(*p.ValidTo)
}

// NeedState tells what became of a need.
type NeedState string

// The states of a need.
const (
	NeedOpen    NeedState = "open"
	NeedMet     NeedState = "met"
	NeedDropped NeedState = "dropped"
)

// NeedStates lists them.
var NeedStates = []NeedState{NeedOpen, NeedMet, NeedDropped}

// Need is what an enterprise needs: from a ticket, from a visit, or written.
type Need struct {
	ID           string     `json:"id" readOnly:"true"`
	EnterpriseID string     `json:"enterprise_id" minLength:"1" maxLength:"64"`
	TicketID     string     `json:"ticket_id" required:"false" maxLength:"64"`
	VisitID      string     `json:"visit_id" required:"false" maxLength:"64"`
	Category     string     `json:"category" minLength:"1" maxLength:"64"`
	Text         string     `json:"text" minLength:"1" maxLength:"4000" pattern:"\\S"`
	State        NeedState  `json:"state" enum:"open,met,dropped"`
	Reason       string     `json:"reason" required:"false" maxLength:"2000"`
	WrittenBy    string     `json:"written_by"`
	DecidedBy    string     `json:"decided_by"`
	DecidedAt    *time.Time `json:"decided_at"`

	directory.Stamp `gorm:"embedded"`
}

// Refs are the need's id and stamp.
func (n *Need) Refs() (*string, *directory.Stamp) { return &n.ID, &n.Stamp }

// Tidy takes away the blanks around its texts.
func (n *Need) Tidy() {
	trim(&n.EnterpriseID, &n.TicketID, &n.VisitID, &n.Category, &n.Text, &n.Reason)
}

// ServiceState tells how far a service has come.
type ServiceState string

// The states of a service.
const (
	Proposed  ServiceState = "proposed"
	Accepted  ServiceState = "accepted"
	Declined  ServiceState = "declined"
	Delivered ServiceState = "delivered"
)

// ServiceStates lists them.
var ServiceStates = []ServiceState{Proposed, Accepted, Declined, Delivered}

// Service is a policy resource for an enterprise and what became of it. Each
// step is somebody's decision, kept with who and when.
type Service struct {
	ID           string         `json:"id" readOnly:"true"`
	EnterpriseID string         `json:"enterprise_id" minLength:"1" maxLength:"64"`
	PolicyID     string         `json:"policy_resource_id" minLength:"1" maxLength:"64"`
	NeedID       string         `json:"need_id" required:"false" maxLength:"64"`
	TicketID     string         `json:"ticket_id" required:"false" maxLength:"64"`
	DepartmentID string         `json:"department_id" minLength:"1" maxLength:"64"`
	DueOn        *worktime.Date `json:"due_on" required:"false" format:"date"`
	State        ServiceState   `json:"state" enum:"proposed,accepted,declined,delivered"`
	Why          phrase.Phrase  `json:"-" gorm:"serializer:json"` // it was proposed
	Reason       string         `json:"reason" required:"false" maxLength:"2000"`
	ProposedBy   string         `json:"proposed_by"`
	DecidedBy    string         `json:"decided_by"`
	DecidedAt    *time.Time     `json:"decided_at"`
	DeliveredOn  *worktime.Date `json:"delivered_on" required:"false" format:"date"`
	DeliveredBy  string         `json:"delivered_by"`
	AmountFen    Fen            `json:"amount_fen" minimum:"0"`
	Note         string         `json:"note" required:"false" maxLength:"2000"`

	directory.Stamp `gorm:"embedded"`
}

// Refs are the service's id and stamp.
func (s *Service) Refs() (*string, *directory.Stamp) { return &s.ID, &s.Stamp }

// Tidy takes away the blanks around its texts.
func (s *Service) Tidy() {
	trim(&s.EnterpriseID, &s.PolicyID, &s.NeedID, &s.TicketID, &s.DepartmentID, &s.Reason, &s.Note)
}

// Order links a ticket to the policy resource that was ordered by it.
type Order struct {
	TicketID string `gorm:"primaryKey"`
	PolicyID string
}

// TableName is the table of orders; a leader's orders are others.
func (Order) TableName() string { return "policy_orders" }

func trim(texts ...*string) {
	for _, text := range texts {
		*text = strings.TrimSpace(*text)
	}
}
