// Package alliance is what enterprises of a chain do together: the party-building
// alliances 党建联盟 with their members, partners and helpers, and the one record
// that is kept of their activities, of whatever kind.
package alliance

import (
	"whistle/internal/directory"
	"whistle/internal/worktime"
)

// Kind tells how an alliance is put together.
type Kind string

// The kinds of alliance.
const (
	OneXN   Kind = "one_x_n"   // 1+X+N: a lead, X members, N partners
	OneOneN Kind = "one_one_n" // 1+1+N: a lead, one who backs it, N members
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{OneXN, OneOneN} }

// Alliance brings together who has to do with a chain.
type Alliance struct {
	ID                 string    `json:"id" readOnly:"true"`
	Name               string    `json:"name" minLength:"1" maxLength:"200" pattern:"\\S" doc:"Unique"`
	Kind               Kind      `json:"kind" enum:"one_x_n,one_one_n" doc:"1+X+N or 1+1+N"`
	ChainID            string    `json:"chain_id" minLength:"1" maxLength:"64" doc:"The chain, or the segment of one, that it is for"`
	LeadEnterpriseID   string    `json:"lead_enterprise_id" required:"false" maxLength:"64" doc:"The enterprise or farm that leads it; one of the two leads"`
	LeadDepartmentID   string    `json:"lead_department_id" required:"false" maxLength:"64" doc:"The department, park or town that leads it"`
	About              string    `json:"about" required:"false" maxLength:"2000" doc:"What it is there for"`
	Members            []string  `json:"members" required:"false" nullable:"false" maxItems:"500" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of the enterprises that belong to it, beside the lead"`
	Partners           []Partner `json:"partners" required:"false" nullable:"false" maxItems:"100" gorm:"serializer:json" doc:"Who else takes part, inside the district and outside"`
	ServiceDepartments []string  `json:"service_departments" required:"false" nullable:"false" maxItems:"30" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of the departments that lead its service; their heads may change it"`
	Experts            []string  `json:"experts" required:"false" nullable:"false" maxItems:"50" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of the accounts of its experts"`
	directory.Stamp    `gorm:"embedded"`
}

// PartnerKind tells what sort of body a partner is.
type PartnerKind string

// The kinds of partner.
const (
	University  PartnerKind = "university"
	Institute   PartnerKind = "institute"
	Agency      PartnerKind = "department" // such as one of a neighbouring district
	Business    PartnerKind = "enterprise"
	Bank        PartnerKind = "bank"
	Association PartnerKind = "association"
	OtherKind   PartnerKind = "other"
)

// Partner is a body that takes part and is not one of the directory's.
type Partner struct {
	Name    string      `json:"name" minLength:"1" maxLength:"100" pattern:"\\S"`
	Kind    PartnerKind `json:"kind" enum:"university,institute,department,enterprise,bank,association,other"`
	Inside  bool        `json:"inside" required:"false" doc:"Whether it is in the district"`
	Contact string      `json:"contact" required:"false" maxLength:"100" doc:"Whom to ask there, and how; for the offices"`
}

// ActivityKind tells what sort of activity it was.
type ActivityKind string

// The kinds of activity.
const (
	Study    ActivityKind = "study"      // 联学
	Deal     ActivityKind = "deal"       // 联办
	Nurture  ActivityKind = "nurture"    // 联育
	Share    ActivityKind = "share"      // 联享
	Create   ActivityKind = "create"     // 联创
	Tackle   ActivityKind = "tackle"     // 联攻
	Exemplar ActivityKind = "exemplar"   // 联树
	Groups   ActivityKind = "groups"     // 三组联建
	Force    ActivityKind = "task_force" // 突击队
	Villages ActivityKind = "villages"   // 村企挂钩
	Talent   ActivityKind = "talent"     // 人才活动
)

// ActivityKinds lists them, in the order in which they are offered.
func ActivityKinds() []ActivityKind {
	return []ActivityKind{Study, Deal, Nurture, Share, Create, Tackle, Exemplar, Groups, Force, Villages, Talent}
}

// Activity is one that took place, of an alliance or else of a chain at large.
type Activity struct {
	ID              string        `json:"id" readOnly:"true"`
	AllianceID      string        `json:"alliance_id" required:"false" maxLength:"64" doc:"The alliance whose activity it was; or else chain_id"`
	ChainID         string        `json:"chain_id" required:"false" maxLength:"64" doc:"The chain whose activity it was, where it was of no alliance"`
	Kind            ActivityKind  `json:"kind" enum:"study,deal,nurture,share,create,tackle,exemplar,groups,task_force,villages,talent" doc:"联学 联办 联育 联享 联创 联攻 联树, 三组联建, 突击队, 村企挂钩, 人才活动"`
	Name            string        `json:"name" minLength:"1" maxLength:"200" pattern:"\\S"`
	Day             worktime.Date `json:"day" format:"date" doc:"On which it took place"`
	Place           string        `json:"place" required:"false" maxLength:"200"`
	About           string        `json:"about" required:"false" maxLength:"5000" doc:"What was done and what came of it"`
	Enterprises     []string      `json:"enterprises" required:"false" nullable:"false" maxItems:"500" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of the enterprises that took part"`
	Departments     []string      `json:"departments" required:"false" nullable:"false" maxItems:"50" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of the departments that took part"`
	Partners        []string      `json:"partners" required:"false" nullable:"false" maxItems:"50" uniqueItems:"true" gorm:"serializer:json" doc:"Names of others that took part"`
	Attachments     []string      `json:"attachments" required:"false" nullable:"false" maxItems:"10" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of photos and other files; the caller uploaded those that are new. One that is left out is removed"`
	directory.Stamp `gorm:"embedded"`
}
