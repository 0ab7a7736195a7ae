package service

import (
	"context"

	"whistle/internal/support"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

type (
	policyResourceRow = exportedEntry[support.PolicyResource]
	needRow           = exportedEntry[support.Need]
	serviceRow        = exportedEntry[support.Service]
)

var policyResourceColumns = entryColumns(
	col("code", func(_ *writing, e policyResourceRow) any { return e.T.Code }),
	col("name", func(_ *writing, e policyResourceRow) any { return e.T.Name }),
	col("document", func(_ *writing, e policyResourceRow) any { return blankAsNull(e.T.Document) }),
	col("department", func(w *writing, e policyResourceRow) any { return w.named(e.names, e.T.DepartmentID) }),
	col("gives", func(_ *writing, e policyResourceRow) any { return e.T.Gives }),
	col("valid_from", func(w *writing, e policyResourceRow) any { return w.day(e.T.ValidFrom) }),
	col("valid_to", func(w *writing, e policyResourceRow) any { return w.day(e.T.ValidTo) }),
	col("chains", func(w *writing, e policyResourceRow) any { return w.allNamed(e.names, e.T.Chains) }),
	col("tags", func(_ *writing, e policyResourceRow) any { return e.T.Tags }),
	col("kinds", func(w *writing, e policyResourceRow) any { return w.allWords("enterprise_kind", e.T.Kinds) }),
	col("places", func(w *writing, e policyResourceRow) any { return w.allNamed(e.names, e.T.Places) }),
	col("categories", func(w *writing, e policyResourceRow) any { return w.allCategories(e.T.Categories) }),
	col("conditions", func(_ *writing, e policyResourceRow) any { return blankAsNull(e.T.Conditions) }),
	col("words", func(_ *writing, e policyResourceRow) any { return e.T.Words }),
	col("orderable", func(w *writing, e policyResourceRow) any { return w.yesNo(e.T.Orderable) }),
	col("answer_department", func(w *writing, e policyResourceRow) any { return w.named(e.names, e.T.AnswerID) }),
)

var needColumns = entryColumns(
	col("enterprise", func(w *writing, e needRow) any { return w.named(e.names, e.T.EnterpriseID) }),
	col("category", func(w *writing, e needRow) any { return w.category(e.T.Category) }),
	col("text", func(_ *writing, e needRow) any { return e.T.Text }),
	col("state", func(w *writing, e needRow) any { return w.word("need_state", string(e.T.State)) }),
	col("reason", func(_ *writing, e needRow) any { return blankAsNull(e.T.Reason) }),
	col("ticket_id", func(_ *writing, e needRow) any { return blankAsNull(e.T.TicketID) }).only(inJSON),
	col("visit_id", func(_ *writing, e needRow) any { return blankAsNull(e.T.VisitID) }).only(inJSON),
	col("written_by", func(w *writing, e needRow) any { return w.named(e.names, e.T.WrittenBy) }),
	col("decided_by", func(w *writing, e needRow) any { return w.named(e.names, e.T.DecidedBy) }),
	col("decided_at", func(w *writing, e needRow) any { return w.at(e.T.DecidedAt) }),
)

var serviceColumns = entryColumns(
	col("enterprise", func(w *writing, e serviceRow) any { return w.named(e.names, e.T.EnterpriseID) }),
	col("policy_resource", func(w *writing, e serviceRow) any { return w.named(e.names, e.T.PolicyID) }),
	col("department", func(w *writing, e serviceRow) any { return w.named(e.names, e.T.DepartmentID) }),
	col("state", func(w *writing, e serviceRow) any { return w.word("service_state", string(e.T.State)) }),
	col("due_on", func(w *writing, e serviceRow) any { return w.day(e.T.DueOn) }),
	col("delivered_on", func(w *writing, e serviceRow) any { return w.day(e.T.DeliveredOn) }),
	col("amount_yuan", func(_ *writing, e serviceRow) any { return e.T.AmountFen.Yuan() }).only(inSheets),
	col("amount_fen", func(_ *writing, e serviceRow) any { return int64(e.T.AmountFen) }).only(inJSON),
	col("reason", func(_ *writing, e serviceRow) any { return blankAsNull(e.T.Reason) }),
	col("note", func(_ *writing, e serviceRow) any { return blankAsNull(e.T.Note) }),
	col("need_id", func(_ *writing, e serviceRow) any { return blankAsNull(e.T.NeedID) }).only(inJSON),
	col("ticket_id", func(_ *writing, e serviceRow) any { return blankAsNull(e.T.TicketID) }).only(inJSON),
	col("proposed_by", func(w *writing, e serviceRow) any { return w.named(e.names, e.T.ProposedBy) }),
	col("decided_by", func(w *writing, e serviceRow) any { return w.named(e.names, e.T.DecidedBy) }),
	col("decided_at", func(w *writing, e serviceRow) any { return w.at(e.T.DecidedAt) }),
	col("delivered_by", func(w *writing, e serviceRow) any { return w.named(e.names, e.T.DeliveredBy) }),
)

// allCategories are several categories.
func (w *writing) allCategories(codes []string) any {
	all := make([]string, len(codes))
	for i, code := range codes {
		all[i], _ = w.category(code).(string)
	}
	return all
}

// payoutRow is a group of what was paid out.
type payoutRow struct {
	Payout
	by    string
	names *Names
}

var payoutColumns = []column[payoutRow]{
	col("by", func(w *writing, p payoutRow) any { return w.word("payout_by", p.by) }),
	col("group", func(w *writing, p payoutRow) any { return w.named(p.names, p.Key) }),
	col("delivered", func(_ *writing, p payoutRow) any { return p.Delivered }),
	col("amount_yuan", func(_ *writing, p payoutRow) any { return p.AmountFen.Yuan() }).only(inSheets),
	col("amount_fen", func(_ *writing, p payoutRow) any { return int64(p.AmountFen) }).only(inJSON),
}

// ExportPayouts writes what was paid out from one day to another: the whole,
// then by policy resource, then by department.
func (s *Service) ExportPayouts(ctx context.Context, actor ticket.Actor, from, until worktime.Date, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedPayouts, payoutColumns, to, func(ctx context.Context, write func(payoutRow) error) error {
		totals, err := s.supportTotals(ctx, actor, from, until, 0)
		if err != nil {
			return err
		}
		for _, group := range []struct {
			by   string
			rows []Payout
		}{{"all", []Payout{totals.Total}}, {"policy", totals.ByPolicy}, {"department", totals.ByDepartment}} {
			for _, row := range group.rows {
				if err := write(payoutRow{row, group.by, totals.Names}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
