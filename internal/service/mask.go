package service

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"whistle/internal/directory"
	"whistle/internal/ticket"
)

// contactSight is how an enterprise's contacts are read: name, telephone number
// and mail address of a person.
type contactSight int

const (
	contactHidden contactSight = iota
	contactMasked              // 王**, 138****8000
	contactWhole
)

// contactReaders is who reads the contacts of an enterprise how: the first row
// that is the reader's holds, and nobody else reads them at all. The API, the
// pages and the exports have them from here.
var contactReaders = []struct {
	who   string
	is    func(actor ticket.Actor, enterpriseID string, atWork bool) bool
	reads contactSight
}{
	{"the service itself, and the administrator, who keeps them", func(a ticket.Actor, _ string, _ bool) bool { return administers(a) }, contactWhole},
	{"the desk, which calls back", func(a ticket.Actor, _ string, _ bool) bool { return a.Role == ticket.RoleDispatcher }, contactWhole},
	{"the enterprise itself and its managers", func(a ticket.Actor, id string, _ bool) bool { return slices.Contains(closeTo(a), id) }, contactWhole},
	{"a department at work for it, and who is to visit it", func(_ ticket.Actor, _ string, atWork bool) bool { return atWork }, contactWhole},
	{"the other offices and the leaders", func(a ticket.Actor, _ string, _ bool) bool { return office(a) }, contactMasked},
}

// contactSights says how an actor reads the contacts of some enterprises.
func (s *Service) contactSights(ctx context.Context, actor ticket.Actor, ids []string) (map[string]contactSight, error) {
	var atWork []string
	var err error
	if actor.Role == ticket.RoleOfficer || actor.Role == ticket.RoleHead {
		if atWork, err = s.store.AtWorkFor(ctx, actor, ids, s.today()); err != nil {
			return nil, err
		}
	}
	sights := make(map[string]contactSight, len(ids))
	for _, id := range ids {
		for _, row := range contactReaders {
			if row.is(actor, id, slices.Contains(atWork, id)) {
				sights[id] = row.reads
				break
			}
		}
	}
	return sights, nil
}

// hideContacts leaves of the enterprises' contacts what the actor reads.
func hideContacts(ctx context.Context, s *Service, actor ticket.Actor, enterprises []directory.Enterprise) error {
	ids := make([]string, len(enterprises))
	for i := range enterprises {
		ids[i] = enterprises[i].ID
	}
	sights, err := s.contactSights(ctx, actor, ids)
	for i := range enterprises {
		e := &enterprises[i]
		e.Contact, e.Phone = sights[e.ID].name(e.Contact), sights[e.ID].phone(e.Phone)
	}
	return err
}

// name is a person's name as it is read: the first letter, and how long it is
// not said.
func (c contactSight) name(name string) string {
	letters := []rune(strings.TrimSpace(name))
	switch {
	case c == contactWhole, name == ticket.Redacted:
		return name
	case c == contactHidden, len(letters) == 0:
		return ""
	}
	return string(letters[0]) + "**"
}

// phone is a telephone number as it is read: of a long one the first three and
// the last four digits.
func (c contactSight) phone(phone string) string {
	const first, last, long = 3, 4, 10
	digits := strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return -1
		}
		return r
	}, phone)
	switch {
	case c == contactWhole:
		return phone
	case c == contactHidden, phone == "":
		return ""
	case len(digits) >= long:
		return digits[:first] + "****" + digits[len(digits)-last:]
	}
	return "****"
}

// email is a mail address as it is read: its first letter and whose server it is.
func (c contactSight) email(address string) string {
	user, host, _ := strings.Cut(address, "@")
	switch {
	case c == contactWhole:
		return address
	case c == contactHidden, user == "":
		return ""
	}
	return string([]rune(user)[0]) + "***@" + host
}
