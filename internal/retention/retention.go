// Package retention says how long what names people is kept that nothing
// refers to: one table, whose lengths the operator may change.
package retention

import (
	"fmt"
	"slices"
	"strings"
)

// Rule is how long one kind of thing is kept.
type Rule struct {
	Name  string
	Days  int    // by default; 0 keeps it for good
	Least int    // that may be set, beside 0 where Off
	Off   bool   // it may be kept for good
	What  string // is removed
	Why   string // it is kept for so long
}

// The names of the rules.
const (
	Sessions = "sessions"
	Links    = "links"
	Notices  = "notices"
	Uploads  = "uploads"
	Imports  = "imports"
	Pushes   = "pushes"
	Contacts = "contacts"
)

// Rules are all there are.
var Rules = []Rule{
	{Sessions, 180, 180, false, "sessions and API tokens that have ended, with their addresses and devices", "网络安全法 art. 21 (3): logs of the network are kept for six months at least"},
	{Links, 180, 30, false, "invitations and password links that have ended", "as long as the sessions that they opened"},
	{Notices, 180, 30, false, "notices, read or not", "what they tell of stands in the ticket"},
	{Uploads, 1, 1, false, "files that nothing carries", "a form is sent within a day"},
	{Imports, 30, 1, false, "files of imports, and their bad rows", "until they are mended and taken in"},
	{Pushes, 30, 7, false, "the log of what webhooks were told and answered", "until a receiver that was down has asked for it again"},
	{Contacts, 0, 30, true, "contact and telephone of enterprises none of whose tickets is open or was closed within the time", "个人信息保护法 art. 19: no longer than the purpose needs; off, since the roster is used for visits too"},
}

// Days is how long each is kept, by the rules and what is set otherwise.
type Days map[string]int

// Of is how many days one kind of thing is kept; 0 for good.
func (d Days) Of(name string) int {
	if days, ok := d[name]; ok {
		return days
	}
	i := slices.IndexFunc(Rules, func(r Rule) bool { return r.Name == name })
	return Rules[i].Days
}

// Check finds every fault of what is set.
func (d Days) Check() []string {
	var faults, names []string
	for _, r := range Rules {
		names = append(names, r.Name)
		if days, set := d[r.Name]; set && days < r.Least && (days != 0 || !r.Off) {
			faults = append(faults, fmt.Sprintf("%s must be %d days or more", r.Name, r.Least))
		}
	}
	for name := range d {
		if !slices.Contains(names, name) {
			faults = append(faults, fmt.Sprintf("holds no name of what is kept: %q is none of %s", name, strings.Join(names, ", ")))
		}
	}
	slices.Sort(faults)
	return faults
}
