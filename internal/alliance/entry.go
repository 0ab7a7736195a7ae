package alliance

import (
	"strings"

	"whistle/internal/directory"
)

// Refs are the alliance's id and stamp.
func (a *Alliance) Refs() (*string, *directory.Stamp) { return &a.ID, &a.Stamp }

// Refs are the activity's id and stamp.
func (a *Activity) Refs() (*string, *directory.Stamp) { return &a.ID, &a.Stamp }

// Tidy takes away the blanks around its texts and makes lists out of nothing.
func (a *Alliance) Tidy() {
	for _, text := range []*string{&a.Name, &a.ChainID, &a.LeadEnterpriseID, &a.LeadDepartmentID, &a.About} {
		*text = strings.TrimSpace(*text)
	}
	directory.TidyLists(&a.Members, &a.ServiceDepartments, &a.Experts)
	if a.Partners == nil {
		a.Partners = []Partner{}
	}
	for i := range a.Partners {
		p := &a.Partners[i]
		p.Name, p.Contact = strings.TrimSpace(p.Name), strings.TrimSpace(p.Contact)
	}
}

// Tidy takes away the blanks around its texts and makes lists out of nothing.
func (a *Activity) Tidy() {
	for _, text := range []*string{&a.AllianceID, &a.ChainID, &a.Name, &a.Place, &a.About} {
		*text = strings.TrimSpace(*text)
	}
	directory.TidyLists(&a.Enterprises, &a.Departments, &a.Partners, &a.Attachments)
}

// AttachmentIDs are the files that it carries.
func (a *Activity) AttachmentIDs() []string { return a.Attachments }
