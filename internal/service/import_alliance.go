package service

import (
	"context"
	"slices"

	"whistle/internal/alliance"
	"whistle/internal/tabular"
)

// allianceMemberColumns are those of a table of who belongs to which alliance, a row a
// member.
var allianceMemberColumns = []tabular.Column{
	{Key: "alliance", Names: []string{"联盟", "党建联盟", "联盟名称"}, Required: true},
	{Key: "enterprise", Names: []string{"企业", "企业名称", "成员", "成员单位", "统一社会信用代码"}, Required: true},
}

func allianceIndex(ctx context.Context, s *Service) (*index, []alliance.Alliance, error) {
	return indexOf(ctx, s, "alliance", func(a *alliance.Alliance) (codes, names []string) { return nil, []string{a.Name} })
}

// members takes enterprises into alliances; those that are in one stay.
func (run *importRun) members(ctx context.Context) (take, error) {
	alliances, _, err := allianceIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	enterprises, _, err := enterpriseIndex(ctx, run.s)
	if err != nil {
		return nil, err
	}
	e := run.s.Alliances()
	return func(ctx context.Context, row *importRow) (outcome, error) {
		row.required("alliance")
		row.required("enterprise")
		into, member := alliances.refer(row, "alliance"), enterprises.refer(row, "enterprise")
		if row.bad() {
			return unchanged, nil
		}
		run.once(row, "enterprise", into+" "+member)
		before, err := e.Get(ctx, run.actor, into)
		if err != nil || row.bad() || slices.Contains(before.Members, member) {
			return unchanged, err
		}
		_, err = e.Change(ctx, run.actor, into, func(a *alliance.Alliance) error {
			a.Members = append(a.Members, member)
			return nil
		})
		return added, run.refused(row, "enterprise", map[string]string{"members": "enterprise"}, err)
	}, nil
}
