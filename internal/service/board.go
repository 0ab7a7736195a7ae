package service

import (
	"context"
	"slices"
	"time"

	"whistle/internal/store"
	"whistle/internal/ticket"
)

// BoardRow is a joint handling that is under way.
type BoardRow struct {
	*WorklistRow
	Since       time.Time   // when the present whistle was blown
	Convener    ticket.Side // who chairs: the desk, or the lead department
	Summoned    []Summoned  // by the present whistle, in that order
	Outstanding int         // of them have not reported in
}

// Summoned is a department that a whistle called.
type Summoned struct {
	DepartmentID string
	At           time.Time
	ReportedAt   *time.Time
	Late         bool            // its deadline is out, or was when it reported in
	Position     ticket.Position // "" until it reports in, and for who does not read the offices' talk
	Text         string          // what it said, for the same readers
	Deadline     *Deadline       // nil once it has reported in
}

// Board lists the joint handlings that the actor sees, what burns first on
// top; who was whistled, who reported in and with which position.
func (s *Service) Board(ctx context.Context, actor ticket.Actor, f WorklistFilter) ([]*BoardRow, error) {
	listed, err := s.worklistRows(ctx, actor, store.BoardList, f)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(listed))
	for i, row := range listed {
		ids[i] = row.ID
	}
	said, err := s.store.LinesOf(ctx, ids, ticket.EventReportIn)
	if err != nil {
		return nil, err
	}
	rows := make([]*BoardRow, len(listed))
	for i, row := range listed {
		rows[i] = &BoardRow{WorklistRow: row, Convener: ticket.SideDesk}
		if row.Convener == ticket.ConvenedByLead {
			rows[i].Convener = ticket.SideDepartment
		}
		if err := s.summoned(ctx, rows[i], said[row.ID]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (s *Service) summoned(ctx context.Context, row *BoardRow, said []*ticket.Line) error {
	owed := row.Obligations()
	for _, summons := range row.Summons {
		if summons.Round != row.Round {
			continue
		}
		one := Summoned{
			DepartmentID: summons.DepartmentID, At: summons.At, ReportedAt: summons.ReportedAt,
			Late: row.Clocks[summons.Clock].Missed(row.Now),
		}
		row.Since = summons.At
		if summons.ReportedAt == nil {
			row.Outstanding++
			own := slices.DeleteFunc(slices.Clone(owed), func(o ticket.Obligation) bool {
				return o.Event != ticket.EventReportIn || o.PartyID != summons.DepartmentID
			})
			var err error
			if one.Deadline, _, err = s.burning(ctx, row.TicketView, own); err != nil {
				return err
			}
		} else if row.Inside() {
			one.Position = summons.Position
			for _, line := range said {
				if line.Seq == summons.Line {
					one.Text = line.Words["text"]
				}
			}
		}
		row.Summoned = append(row.Summoned, one)
	}
	return nil
}
