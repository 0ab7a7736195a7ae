package directory

import (
	"time"

	"whistle/internal/worktime"
)

// The parts of a manager.
const (
	Guide   = "guide"   // 指导员
	Contact = "contact" // 联络员
)

// Handover is one manager giving enterprises to another from a day on. The
// assignments that come of it name it.
type Handover struct {
	ID         string
	FromUserID string
	ToUserID   string
	FromDate   worktime.Date
	Note       string // for the one who takes over and the offices; may be ""
	MadeBy     string
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
}

// TableName of the hand-overs.
func (Handover) TableName() string { return "handovers" }

// ServicePlan is what is planned for one enterprise (一企一策).
type ServicePlan struct {
	EnterpriseID string `gorm:"primaryKey"`
	Words        string
	UpdatedBy    string
	UpdatedAt    time.Time `gorm:"autoUpdateTime:false"`
}

// Coverage is who of the roster has managers.
type Coverage string

// How a roster's enterprises can be covered. The roster is those in service
// that have a credit code.
const (
	OnRoster       Coverage = "roster"
	Covered        Coverage = "covered" // by at least one manager
	Uncovered      Coverage = "none"
	WithoutGuide   Coverage = "no_guide"
	WithoutContact Coverage = "no_contact"
)

// Coverages lists them.
func Coverages() []Coverage {
	return []Coverage{OnRoster, Covered, Uncovered, WithoutGuide, WithoutContact}
}
