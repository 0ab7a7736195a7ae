package directory

import "strings"

// Entry is a pointer to one of the directory's types, for what is done alike
// with all of them.
type Entry[T any] interface {
	*T
	// Refs are its id and stamp, to be read and set.
	Refs() (id *string, stamp *Stamp)
	// Tidy brings it into the form in which it is kept.
	Tidy()
}

// Refs are the place's id and stamp.
func (p *Place) Refs() (*string, *Stamp) { return &p.ID, &p.Stamp }

// Refs are the chain's id and stamp.
func (c *Chain) Refs() (*string, *Stamp) { return &c.ID, &c.Stamp }

// Refs are the category's id and stamp.
func (c *Category) Refs() (*string, *Stamp) { return &c.ID, &c.Stamp }

// Refs are the reason's id and stamp.
func (r *Reason) Refs() (*string, *Stamp) { return &r.ID, &r.Stamp }

// Refs are the department's id and stamp.
func (d *Department) Refs() (*string, *Stamp) { return &d.ID, &d.Stamp }

// Refs are the duty's id and stamp.
func (d *Duty) Refs() (*string, *Stamp) { return &d.ID, &d.Stamp }

// Refs are the enterprise's id and stamp.
func (e *Enterprise) Refs() (*string, *Stamp) { return &e.ID, &e.Stamp }

// Refs are the project's id and stamp.
func (p *Project) Refs() (*string, *Stamp) { return &p.ID, &p.Stamp }

// Tidy takes away the blanks around its texts.
func (p *Place) Tidy() { trim(&p.Code, &p.Name, &p.ParentID) }

// Tidy takes away the blanks around its texts.
func (c *Chain) Tidy() { trim(&c.Code, &c.Name, &c.ParentID, &c.Plan) }

// Tidy takes away the blanks around its texts.
func (c *Category) Tidy() { trim(&c.Code, &c.Name) }

// Tidy takes away the blanks around its texts.
func (r *Reason) Tidy() { trim(&r.Code, &r.Name) }

// Tidy takes away the blanks around its texts and makes a list out of nothing;
// a station is a plain one unless it says what.
func (d *Department) Tidy() {
	trim(&d.Code, &d.Name, &d.ShortName, &d.ParentID, &d.PlaceID, &d.Opening)
	TidyLists(&d.Services)
	if d.Kind == Station && d.StationKind == "" {
		d.StationKind = ServiceStation
	}
}

// Tidy takes away the blanks around its texts.
func (d *Duty) Tidy() { trim(&d.Category, &d.DepartmentID, &d.Basis) }

// Tidy takes away the blanks around its texts, writes the credit code in
// capitals and makes lists out of nothing.
func (e *Enterprise) Tidy() {
	trim(&e.ExternalNumber, &e.CreditCode, &e.Name, &e.PlaceID, &e.Contact, &e.Phone)
	e.CreditCode = strings.ToUpper(e.CreditCode)
	TidyLists(&e.Chains, &e.Tags)
}

// Tidy takes away the blanks around its texts.
func (p *Project) Tidy() { trim(&p.Code, &p.Name, &p.EnterpriseID) }

// TidyLists takes away the blanks around the texts of lists, and makes lists
// out of nothing.
func TidyLists(lists ...*[]string) {
	for _, list := range lists {
		if *list == nil {
			*list = []string{}
		}
		for i := range *list {
			trim(&(*list)[i])
		}
	}
}

func trim(texts ...*string) {
	for _, text := range texts {
		*text = strings.TrimSpace(*text)
	}
}
