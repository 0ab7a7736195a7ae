package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"whistle/internal/tabular"
	"whistle/internal/ticket"
	"whistle/internal/visit"
)

var importedVisitColumns = []tabular.Column{
	{Key: "enterprise", Names: []string{"企业", "企业名称", "走访企业", "单位名称", "enterprise_id"}, Required: true},
	{Key: "project", Names: []string{"重点项目", "项目"}},
	{Key: "visited_at", Names: []string{"走访时间", "走访日期", "时间", "日期", "visited at"}, Required: true},
	{Key: "visitor", Names: []string{"走访人", "走访人员", "用户名", "账号"}, Required: true},
	{Key: "campaign", Names: []string{"走访活动", "活动"}},
	{Key: "seen", Names: []string{"走访情况", "情况", "走访记录", "内容"}, Required: true},
	{Key: "location", Names: []string{"地点", "走访地点", "place"}},
}

func campaignIndex(ctx context.Context, s *Service) (*index, []visit.Campaign, error) {
	return indexOf(ctx, s, "campaign", func(c *visit.Campaign) (codes, names []string) { return []string{c.Code}, []string{c.Name} })
}

// visits takes visits in. A row that says what one before it said, in this file
// or another, is there already.
func (run *importRun) visits(ctx context.Context) (take, error) {
	s := run.s
	enterprises, _, err := enterpriseIndex(ctx, s)
	if err != nil {
		return nil, err
	}
	projects, _, err := projectIndex(ctx, s)
	if err != nil {
		return nil, err
	}
	campaigns, _, err := campaignIndex(ctx, s)
	if err != nil {
		return nil, err
	}
	users, err := s.Users(ctx, ticket.System, UserFilter{Retired: true})
	if err != nil {
		return nil, err
	}
	visitors := newIndex("account")
	for _, u := range users {
		visitors.add(u.ID, false, []string{u.Username}, u.Name) // who has left was there all the same
	}
	columns := map[string]string{"enterprise_id": "enterprise", "project_id": "project", "campaign_id": "campaign"}
	return func(ctx context.Context, row *importRow) (outcome, error) {
		in := visit.Record{
			ProjectID: projects.refer(row, "project"), CampaignID: campaigns.refer(row, "campaign"),
			Seen: row.required("seen"), Location: row.text("location"),
		}
		if row.required("enterprise") != "" {
			in.EnterpriseID = enterprises.refer(row, "enterprise")
		}
		visitorID := ""
		if row.required("visitor") != "" {
			visitorID = visitors.refer(row, "visitor")
		}
		if row.required("visited_at") != "" {
			at, _ := noted(row, "visited_at", s.zone)
			in.VisitedAt = &at
		}
		in.Tidy()
		if row.bad() {
			run.blame(row, "seen", columns, ticket.CheckTags(in))
			return unchanged, nil
		}
		sum := sha256.Sum256([]byte(strings.Join([]string{in.EnterpriseID, in.ProjectID, in.CampaignID, visitorID, in.VisitedAt.UTC().Format(time.RFC3339), in.Seen}, "\x00")))
		in.ClientID = "import-" + hex.EncodeToString(sum[:16])
		_, fresh, err := s.recordVisit(ctx, ticket.System, visitorID, in)
		if err == nil && !fresh {
			return unchanged, nil
		}
		return added, run.refused(row, "seen", columns, err)
	}, nil
}
