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
	RetiredAt *time.Time
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

// Retired says whether the entry may not be chosen any more.
func (s Stamp) Retired() bool { return s.RetiredAt != nil }

// Place is a town, street or park.
type Place struct {
	ID       string
	Code     string
	Name     string
	ParentID string
	Stamp    `gorm:"embedded"`
}

// Chain is an industrial chain.
type Chain struct {
	ID    string
	Code  string
	Name  string
	Stamp `gorm:"embedded"`
}

// Category is what a problem is about.
type Category struct {
	ID       string
	Code     string
	Name     string
	Position int // order in which categories are offered
	Stamp    `gorm:"embedded"`
}

// Reason is one code of a closed list of reasons.
type Reason struct {
	ID    string
	Kind  ticket.ReasonKind
	Code  string
	Name  string
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
	ID              string
	Code            string
	Name            string
	ShortName       string
	Kind            DepartmentKind
	ParentID        string
	Dispatchable    bool // may be dispatched to
	Summonable      bool // may be summoned to joint handling
	OfficersResolve bool // its officers may submit results without the head
	Stamp           `gorm:"embedded"`
}

// Duty says that a department answers for a category (职责目录).
type Duty struct {
	ID           string
	Category     string // category code
	DepartmentID string
	Basis        string // the rule it rests on
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
	ID             string
	ExternalNumber string
	CreditCode     string // GB 32100-2015, 18 characters; "" for imported or small ones
	Name           string
	Kind           EnterpriseKind
	PlaceID        string
	Chains         []string `gorm:"serializer:json"`
	Tags           []string `gorm:"serializer:json"`
	Contact        string
	Phone          string
	Stamp          `gorm:"embedded"`
}

// Project is a key project (重点项目) of an enterprise.
type Project struct {
	ID           string
	Code         string
	Name         string
	EnterpriseID string
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
	Stamp    `gorm:"embedded"`
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
// named it.
type Attachment struct {
	ID         string
	TicketID   string
	Seq        int // the line
	Name       string
	MediaType  string
	Size       int64  // bytes
	SHA256     string `gorm:"column:sha256"`
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
