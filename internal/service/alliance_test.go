package service_test

import (
	"testing"

	"whistle/internal/alliance"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// TestMembersAreImported: each row takes one enterprise in, once; what is wrong
// is told by row and column, and then nothing is taken in.
func TestMembersAreImported(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		made, err := d.Alliances().Create(t.Context(), d.Actor(t, "desk"), alliance.Alliance{
			Name: "集成电路联盟", Kind: alliance.OneXN, ChainID: d.Chains["chips"], LeadDepartmentID: d.Departments["land"],
		})
		if err != nil {
			t.Fatal(err)
		}
		members := func() int {
			a, err := d.Alliances().Get(t.Context(), ticket.System, made.ID)
			if err != nil {
				t.Fatal(err)
			}
			return len(a.Members)
		}
		bad := importInto(t, d.Service.Service, service.ImportMembers, "联盟,成员单位\n集成电路联盟,甲科技有限公司\n集成电路联盟,own\n没有的联盟,没有的企业\n集成电路联盟,\n")
		var at []string
		for _, f := range bad.Faults.List {
			at = append(at, f.Column)
		}
		if bad.Applied || bad.Bad != 3 || len(at) != 4 || members() != 0 {
			t.Errorf("%d bad rows at %v, %d members", bad.Bad, at, members())
		}
		table := "联盟,成员单位\n集成电路联盟,甲科技有限公司\n集成电路联盟,other\n"
		if first := importInto(t, d.Service.Service, service.ImportMembers, table); first.Added != 2 || members() != 2 {
			t.Errorf("%s, %d members", counts(first), members())
		}
		if again := importInto(t, d.Service.Service, service.ImportMembers, table); again.Unchanged != 2 || members() != 2 {
			t.Errorf("again: %s, %d members", counts(again), members())
		}
	})
}

// TestAlliancePageKeepsToSight: the open tickets of the members are those that
// the reader sees, and a confidential one shows to nobody else.
func TestAlliancePageKeepsToSight(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		made, err := d.Alliances().Create(t.Context(), d.Actor(t, "desk"), alliance.Alliance{
			Name: "集成电路联盟", Kind: alliance.OneXN, ChainID: d.Chains["chips"], LeadDepartmentID: d.Departments["land"], Members: []string{d.Enterprises["own"]},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, confidential := range []bool{false, true} {
			if _, err := d.File(t.Context(), d.Actor(t, "own"), ticket.SubmitInput{
				Title: "缺工", Description: "缺", Category: "labour", Source: ticket.SourceWeb, Confidential: confidential,
			}); err != nil {
				t.Fatal(err)
			}
		}
		for who, want := range map[string]int{"desk": 2, "leader": 2, "lead-head": 0, "manager": 1} {
			actor := d.Actor(t, who)
			about, err := d.AlliancePage(t.Context(), actor, made.ID)
			if err != nil || len(about.Tickets) != want {
				t.Errorf("%s sees %d open tickets of the members, want %d: %v", who, len(about.Tickets), want, err)
			}
			chain, err := d.ChainPage(t.Context(), actor, d.Chains["chips"])
			if err != nil || chain.Open.Count != want || len(chain.Burning) != want {
				t.Errorf("%s sees %d open tickets of the chain, want %d: %v", who, chain.Open.Count, want, err)
			}
		}
		if _, err := d.ChainPage(t.Context(), d.Actor(t, "own"), d.Chains["chips"]); code(err) != ticket.CodeNotFound {
			t.Errorf("an enterprise reads a chain's page: %v", err)
		}
	})
}

// TestPlansKeepTheirVersions: what a chain's plan was stands beside it.
func TestPlansKeepTheirVersions(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, cfg store.Config) {
		d := testkit.NewDistrict(t, testkit.NewService(t, cfg, "2023-09-27 10:00"))
		for _, plan := range []string{"第一版", "第二版"} {
			if _, err := d.Service.Chains().Change(t.Context(), d.Actor(t, "desk"), d.Chains["chips"], func(c *directory.Chain) error { c.Plan = plan; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		about, err := d.ChainPage(t.Context(), d.Actor(t, "leader"), d.Chains["chips"])
		if err != nil || about.Chain.Plan != "第二版" || len(about.Plans) != 2 || about.Plans[1].Changes[0].After[0].Text != "第一版" {
			t.Errorf("%q after %+v: %v", about.Chain.Plan, about.Plans, err)
		}
	})
}
