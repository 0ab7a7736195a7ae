package directory

// OrganisationKind tells what an expert comes from.
type OrganisationKind string

// The kinds of organisation.
const (
	University  OrganisationKind = "university"
	Institute   OrganisationKind = "institute"
	Business    OrganisationKind = "business"
	Association OrganisationKind = "association"
	Authority   OrganisationKind = "authority" // a department, also of a neighbouring district
)

// OrganisationKinds lists them.
func OrganisationKinds() []OrganisationKind {
	return []OrganisationKind{University, Institute, Business, Association, Authority}
}

// Expert is one of the district's experts (智库): who may be called to a joint
// handling for what they know. One with an account can be invited.
type Expert struct {
	ID           string           `json:"id" readOnly:"true"`
	UserID       string           `json:"user_id" required:"false" maxLength:"64" doc:"The guest's account by which they are invited and give advice; empty for none"`
	Name         string           `json:"name" minLength:"1" maxLength:"100" pattern:"\\S"`
	Kind         OrganisationKind `json:"kind" required:"false" enum:"university,institute,business,association,authority" doc:"What the organisation is; university when left out"`
	Organisation string           `json:"organisation" minLength:"1" maxLength:"200" pattern:"\\S"`
	Post         string           `json:"post" required:"false" maxLength:"100"`
	Inside       bool             `json:"inside" required:"false" doc:"Of the district; false when left out"`
	Fields       []string         `json:"fields" required:"false" nullable:"false" maxItems:"20" uniqueItems:"true" gorm:"serializer:json" doc:"What they know, in words"`
	Categories   []string         `json:"categories" required:"false" nullable:"false" maxItems:"20" uniqueItems:"true" gorm:"serializer:json" doc:"Codes of the categories that they advise on"`
	Chains       []string         `json:"chains" required:"false" nullable:"false" maxItems:"20" uniqueItems:"true" gorm:"serializer:json" doc:"Ids of the chains that they know"`
	Phone        string           `json:"phone" required:"false" maxLength:"40"`
	Stamp        `gorm:"embedded"`
}

// Refs are the expert's id and stamp.
func (e *Expert) Refs() (*string, *Stamp) { return &e.ID, &e.Stamp }

// Tidy takes away the blanks around its texts and makes lists out of nothing.
func (e *Expert) Tidy() {
	trim(&e.UserID, &e.Name, &e.Organisation, &e.Post, &e.Phone)
	TidyLists(&e.Fields, &e.Categories, &e.Chains)
}
