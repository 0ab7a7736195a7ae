package web

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

type policiesPage struct {
	Versions []service.PolicyView // newest first
	Open     *service.PolicyView  // whose rules are shown
	Changes  []service.RuleChange // against the version before
	Before   int                  // that version; 0 for none
}

// policies shows the versions of the clocks' lengths, and the rules of one.
func (p *page) policies() error {
	versions, err := p.svc.PolicyList(p.ctx())
	if err != nil {
		return err
	}
	shown := policiesPage{Versions: versions}
	asked, _ := strconv.Atoi(p.QueryParam("version")) // 0 for the one in effect
	for i := range versions {
		if versions[i].Version == asked || asked == 0 && versions[i].State == service.PolicyInEffect {
			shown.Open = &versions[i]
			if i+1 < len(versions) {
				shown.Before = versions[i+1].Version
			}
			break
		}
	}
	if shown.Open == nil {
		return ticket.NotFound("page")
	}
	if shown.Before > 0 {
		if shown.Changes, err = p.svc.ComparePolicies(p.ctx(), shown.Before, shown.Open.Version); err != nil {
			return err
		}
	}
	return p.show("admin/policies", shown)
}

// PolicyName is the name of a version; the one that the service begins with has
// one in each language.
func (v view) PolicyName(name string) string {
	if name == service.FirstPolicy {
		return v.t("policy.first")
	}
	return name
}

// Always says whether a version is in effect since ever.
func (v view) Always(from *time.Time) bool { return from != nil && from.Unix() == 0 }

// newPolicyPage asks for a version of the clocks' lengths. Its rules are edited
// as lines of text, one rule a line: that can be copied from a decree, checked
// at a glance and compared with the version before.
type newPolicyPage struct {
	From int // the version that it began as
	Form *form
}

func (p *page) policyForm(from directory.Policy) *form {
	f := newForm("/admin/policies/new?from="+strconv.Itoa(from.Version), p.t("policy.create"))
	f.Back = "/admin/policies"
	lines := make([]string, len(from.Rules))
	for i, r := range from.Rules {
		lines[i] = ruleLine(r)
	}
	f.Fields = []field{
		{Name: "name", Label: p.t("entry.name"), Kind: kindText, Required: true, Max: 100},
		{Name: "effective_from", Label: p.t("policy.effective_from"), Hint: p.t("policy.effective_from_hint"), Kind: kindMoment},
		{Name: "rules", Label: p.t("policy.rules"), Hint: p.t("policy.rules_hint"), Kind: kindLong, Required: true, Values: []string{strings.Join(lines, "\n")}},
	}
	return f
}

// ruleLine writes a rule as a line, e.g. "claim labour urgent 2 working_hours";
// a star stands for any category or urgency.
func ruleLine(r ticket.Rule) string {
	star := func(s string) string {
		if s == "" {
			return "*"
		}
		return s
	}
	return fmt.Sprintf("%s %s %s %d %s", r.Clock, star(r.Category), star(string(r.Urgency)), r.Amount, r.Unit)
}

// parseRules reads lines as ruleLine writes them, and tells of every line that
// is none.
func (p *page) parseRules(text string) ([]ticket.Rule, []ticket.Field) {
	var rules []ticket.Rule
	var faults []ticket.Field
	for i, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		const parts = 5 // clock, category, urgency, amount, unit
		amount := 0
		if len(words) == parts {
			amount, _ = strconv.Atoi(words[3]) // 0 is refused below
		}
		if len(words) != parts || amount == 0 {
			faults = append(faults, ticket.Fieldf("/rules", "line %d: must be clock, category, urgency, number and unit, such as: %s", i+1, "claim * urgent 2 working_hours"))
			continue
		}
		unstar := func(s string) string { return strings.TrimPrefix(s, "*") }
		rules = append(rules, ticket.Rule{
			Clock: ticket.ClockName(words[0]), Category: unstar(words[1]), Urgency: ticket.Urgency(unstar(words[2])),
			Length: ticket.Length{Amount: amount, Unit: ticket.Unit(words[4])},
		})
	}
	return rules, faults
}

func (p *page) fromPolicy() (directory.Policy, error) {
	version, err := strconv.Atoi(p.QueryParam("from"))
	if err != nil {
		return directory.Policy{}, ticket.NotFound("page")
	}
	return p.svc.Policy(p.ctx(), version)
}

func (p *page) newPolicy() error {
	from, err := p.fromPolicy()
	if err != nil {
		return err
	}
	return p.show("admin/policy", newPolicyPage{From: from.Version, Form: p.policyForm(from)})
}

func (p *page) createPolicy() error {
	from, err := p.fromPolicy()
	if err != nil {
		return err
	}
	f := p.policyForm(from)
	values, _, err := p.values()
	if err == nil {
		f.fill(values)
		var in struct {
			Name          string    `json:"name"`
			EffectiveFrom time.Time `json:"effective_from"`
			Rules         string    `json:"rules"`
		}
		if err = p.decode(values, &in); err == nil {
			rules, faults := p.parseRules(in.Rules)
			if err = ticket.InvalidForm(faults); err == nil {
				created := service.NewPolicy{Name: in.Name, Rules: rules}
				if !in.EffectiveFrom.IsZero() {
					created.EffectiveFrom = &in.EffectiveFrom
				}
				_, err = p.once(values, func(ctx context.Context) (string, error) {
					_, err := p.svc.CreatePolicy(ctx, p.actor, created)
					return "", err
				})
			}
		}
	}
	if err != nil {
		return p.refuse(err, f, func(status int) error {
			return p.showAs(status, "admin/policy", newPolicyPage{From: from.Version, Form: f})
		})
	}
	p.say("policy.created")
	return p.goTo("/admin/policies")
}
