// Package directory is the organisation around the tickets: departments,
// enterprises, people, and the closed lists they are described by. An entry is
// never deleted once used; it is retired, and stays for those who refer to it.
package directory

import (
	"time"

	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Stamp is when an entry was made, changed and retired.
type Stamp struct {
	RetiredAt *time.Time `json:"retired_at" readOnly:"true" doc:"Since when it may not be chosen any more"`
	CreatedAt time.Time  `json:"created_at" readOnly:"true" gorm:"autoCreateTime:false"`
	UpdatedAt time.Time  `json:"updated_at" readOnly:"true" gorm:"autoUpdateTime:false"`
}

// Retired says whether the entry may not be chosen any more.
func (s Stamp) Retired() bool { return s.RetiredAt != nil }

// Place is a town, street or park.
type Place struct {
	ID       string `json:"id" readOnly:"true"`
	Code     string `json:"code" minLength:"1" maxLength:"64" pattern:"\\S" doc:"Unique"`
	Name     string `json:"name" minLength:"1" maxLength:"100" pattern:"\\S"`
	ParentID string `json:"parent_id" required:"false" maxLength:"64" doc:"The place it is part of; empty for none"`
	Stamp    `gorm:"embedded"`
}

// Chain is an industrial chain, or a segment of one: 稻米 below 现代农业.
type Chain struct {
	ID       string `json:"id" readOnly:"true"`
	Code     string `json:"code" minLength:"1" maxLength:"64" pattern:"\\S" doc:"Unique"`
	Name     string `json:"name" minLength:"1" maxLength:"100" pattern:"\\S"`
	ParentID string `json:"parent_id" required:"false" maxLength:"64" doc:"The chain that it is a segment of; empty for none. What is asked by a chain is asked by its segments too"`
	Plan     string `json:"plan" required:"false" maxLength:"10000" doc:"How the district serves it (一链一策)"`
	Stamp    `gorm:"embedded"`
}

// Category is what a problem is about.
type Category struct {
	ID       string `json:"id" readOnly:"true"`
	Code     string `json:"code" minLength:"1" maxLength:"64" pattern:"\\S" doc:"Unique, and stays: tickets, duties and policies refer to it"`
	Name     string `json:"name" minLength:"1" maxLength:"100" pattern:"\\S"`
	Position int    `json:"position" required:"false" minimum:"0" maximum:"10000" doc:"The order in which categories are offered"`
	Stamp    `gorm:"embedded"`
}

// Reason is one code of a closed list of reasons.
type Reason struct {
	ID    string            `json:"id" readOnly:"true"`
	Kind  ticket.ReasonKind `json:"kind" enum:"reject,return" doc:"What it is a reason for; stays"`
	Code  string            `json:"code" minLength:"1" maxLength:"64" pattern:"\\S" doc:"Unique within the kind, and stays: histories refer to it"`
	Name  string            `json:"name" minLength:"1" maxLength:"100" pattern:"\\S"`
	Stamp `gorm:"embedded"`
}

// DepartmentKind tells what sort of office it is.
type DepartmentKind string

// The kinds of department.
const (
	Bureau  DepartmentKind = "bureau"
	Park    DepartmentKind = "park"
	Town    DepartmentKind = "town"
	Mass    DepartmentKind = "mass"    // mass organisation: trade union, federation of commerce
	Station DepartmentKind = "station" // service station, quality station
)

// Department is an office that may lead tickets or be summoned.
type Department struct {
	ID              string         `json:"id" readOnly:"true"`
	Code            string         `json:"code" minLength:"1" maxLength:"64" pattern:"\\S" doc:"Unique"`
	Name            string         `json:"name" minLength:"1" maxLength:"100" pattern:"\\S"`
	ShortName       string         `json:"short_name" required:"false" maxLength:"40"`
	Kind            DepartmentKind `json:"kind" required:"false" enum:"bureau,park,town,mass,station" doc:"bureau when left out"`
	ParentID        string         `json:"parent_id" required:"false" maxLength:"64" doc:"The department it belongs to; empty for none"`
	Dispatchable    bool           `json:"dispatchable" required:"false" doc:"May be dispatched to; true when left out"`
	Summonable      bool           `json:"summonable" required:"false" doc:"May be summoned to joint handling; true when left out"`
	OfficersResolve bool           `json:"officers_resolve" required:"false" doc:"Its officers may submit results without the head; false when left out"`
	StationKind     StationKind    `json:"station_kind" required:"false" enum:"center,station,point,quality," doc:"What sort of station it is; station when left out, empty for any other department"`
	PlaceID         string         `json:"place_id" required:"false" maxLength:"64" doc:"Where a station is"`
	Services        []string       `json:"services" required:"false" nullable:"false" maxItems:"10" uniqueItems:"true" gorm:"serializer:json" doc:"What a station offers: metrology, standards, accreditation, testing, quality_management; intellectual_property, branding, special_equipment, training, trade_secrets"`
	Opening         string         `json:"opening" required:"false" maxLength:"400" doc:"When and where a station is open, in words"`
	Stamp           `gorm:"embedded"`
}

// Duty says that a department answers for a category (职责目录).
type Duty struct {
	ID           string `json:"id" readOnly:"true"`
	Category     string `json:"category" minLength:"1" maxLength:"64" doc:"Category code"`
	DepartmentID string `json:"department_id" minLength:"1" maxLength:"64"`
	Basis        string `json:"basis" required:"false" maxLength:"1000" doc:"The rule it rests on"`
	Stamp        `gorm:"embedded"`
}

// EnterpriseKind tells what sort of enterprise it is.
type EnterpriseKind string

// The kinds of enterprise.
const (
	Company     EnterpriseKind = "company"
	Cooperative EnterpriseKind = "cooperative"
	FamilyFarm  EnterpriseKind = "family_farm"
	Grower      EnterpriseKind = "grower"
	Other       EnterpriseKind = "other"
)

// Enterprise is on the roster when it has a credit code.
type Enterprise struct {
	ID             string         `json:"id" readOnly:"true"`
	ExternalNumber string         `json:"external_number" required:"false" maxLength:"100" doc:"Its number in the system that it was imported from; unique"`
	CreditCode     string         `json:"credit_code" required:"false" maxLength:"18" doc:"Unified social credit code, GB 32100-2015, unique; empty for imported or small ones, which stand outside the roster"`
	Name           string         `json:"name" minLength:"1" maxLength:"200" pattern:"\\S"`
	Kind           EnterpriseKind `json:"kind" required:"false" enum:"company,cooperative,family_farm,grower,other" doc:"company when left out"`
	PlaceID        string         `json:"place_id" required:"false" maxLength:"64"`
	Chains         []string       `json:"chains" required:"false" nullable:"false" maxItems:"20" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of its chains"`
	Tags           []string       `json:"tags" required:"false" nullable:"false" maxItems:"30" uniqueItems:"true" gorm:"serializer:json" doc:"规上, 龙头, 专精特新 …"`
	Contact        string         `json:"contact" required:"false" maxLength:"100" doc:"Whom to ask there; for the offices, those who look after it and the enterprise itself"`
	Phone          string         `json:"phone" required:"false" maxLength:"40" doc:"For the same readers as contact"`
	Stamp          `gorm:"embedded"`
}

// Project is a key project (重点项目) of an enterprise.
type Project struct {
	ID           string `json:"id" readOnly:"true"`
	Code         string `json:"code" minLength:"1" maxLength:"64" pattern:"\\S" doc:"Unique"`
	Name         string `json:"name" minLength:"1" maxLength:"200" pattern:"\\S"`
	EnterpriseID string `json:"enterprise_id" minLength:"1" maxLength:"64"`
	Stamp        `gorm:"embedded"`
}

// User is an account.
type User struct {
	ID                string
	Username          string
	Name              string
	Role              ticket.Role
	DepartmentID      string
	EnterpriseID      string
	Phone             string
	Email             string // where mail is sent to; "" for nowhere
	Language          string // in which they are told things: zh-CN or en
	PasswordHash      string // argon2id; "" while none is set
	PasswordChangedAt *time.Time
	Stamp             `gorm:"embedded"`
}

// AssignmentKind tells what an assignment adds to an account.
type AssignmentKind string

// The kinds of assignment.
const (
	ManagerOf AssignmentKind = "manager" // looks after an enterprise; part 指导员 or 联络员
	StaffOf   AssignmentKind = "station" // staff of a station, a department
	TeamOf    AssignmentKind = "team"    // member of a key project's team
	DeputyOf  AssignmentKind = "deputy"  // stands in for the head of a department
)

// Assignment adds to an account for some days, both included.
type Assignment struct {
	ID       string
	Kind     AssignmentKind
	UserID   string
	TargetID string // enterprise, department or project
	Part     string // guide 指导员 or contact 联络员 for managers
	FromDate worktime.Date
	ToDate   *worktime.Date // nil: open-ended
	// HandoverID is the hand-over by which it came; "" for none.
	HandoverID string
	Stamp      `gorm:"embedded"`
}

// InForce says whether the assignment holds on a day.
func (a Assignment) InForce(day worktime.Date) bool {
	return !a.Retired() && !day.Before(a.FromDate) && (a.ToDate == nil || !a.ToDate.Before(day))
}

// ActorOf is the account with the assignments that are in force on a day.
func ActorOf(u User, assignments []Assignment, day worktime.Date) ticket.Actor {
	a := ticket.Actor{ID: u.ID, Name: u.Name, Role: u.Role, EnterpriseID: u.EnterpriseID, DepartmentID: u.DepartmentID}
	for _, as := range assignments {
		if !as.InForce(day) {
			continue
		}
		switch as.Kind {
		case ManagerOf:
			a.Manages = append(a.Manages, as.TargetID)
		case StaffOf:
			a.Stations = append(a.Stations, as.TargetID)
		case TeamOf:
			a.Teams = append(a.Teams, as.TargetID)
		case DeputyOf:
			a.Deputy = a.Deputy || as.TargetID == u.DepartmentID
		}
	}
	return a
}

// Attachment is an uploaded file; a history line carries it once an event
// named it, or a visit.
type Attachment struct {
	ID         string
	TicketID   string // "" until an event carried it
	Subject    string // what else carried it: a visit, a policy resource, an activity; "" for nothing
	SubjectID  string
	Seq        int // the line
	Name       string
	MediaType  string
	Size       int64  // bytes
	SHA256     string `gorm:"column:sha256"` // of the content, in hex
	UploadedBy string
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
}

// Policy is one stored version of the clocks' lengths.
type Policy struct {
	Version       int
	Name          string
	Rules         []ticket.Rule `gorm:"serializer:json"`
	EffectiveFrom *time.Time    // nil: only tickets that are given it by name
	CreatedBy     string
	CreatedAt     time.Time `gorm:"autoCreateTime:false"`
}

// Calendar is one stored version of the holidays.
type Calendar struct {
	Version   int
	Note      string
	CreatedBy string
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
}
