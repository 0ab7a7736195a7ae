package web

import (
	"whistle/internal/cursor"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

const boardPath = workbenchPath + "/board"

func (w *Pages) boardRoutes() []route {
	return []route{get(boardPath, (*page).workbenchBoard)}
}

// boardPage is the joint handlings that the reader sees, with who was whistled
// and how far each has come. templates/parts/board.html shows it.
type boardPage struct {
	Rows []boardRow
	Next string // the address of the next page; "" on the last
}

// boardRow is a joint handling, and the departments that were whistled by how
// far they have come.
type boardRow struct {
	*service.BoardRow
	Href                     string
	ReportedIn, Due, Overdue []service.Summoned
}

// board reads a page of the board, whose tickets open in the list at an address.
func (p *page) board(list string) (*boardPage, error) {
	after, ok := cursor.Decode[service.WorklistPosition](p.QueryParam("after"))
	if !ok {
		return nil, ticket.NotFound("page")
	}
	rows, err := p.svc.Board(p.ctx(), p.actor, service.WorklistFilter{After: after, Limit: queueRows + 1})
	if err != nil {
		return nil, err
	}
	shown := &boardPage{}
	if len(rows) > queueRows {
		rows = rows[:queueRows]
		if shown.Next, err = query(p.Request().URL.Path, "after", cursor.Encode(rows[queueRows-1].Position)); err != nil {
			return nil, err
		}
	}
	for _, r := range rows {
		row := boardRow{BoardRow: r}
		if row.Href, err = query(list, "ticket", r.ID); err != nil {
			return nil, err
		}
		for _, s := range r.Summoned {
			switch {
			case s.ReportedAt != nil:
				row.ReportedIn = append(row.ReportedIn, s)
			case s.Late:
				row.Overdue = append(row.Overdue, s)
			default:
				row.Due = append(row.Due, s)
			}
		}
		shown.Rows = append(shown.Rows, row)
	}
	return shown, nil
}

func (p *page) workbenchBoard() error {
	if !p.worksHere() || p.actor.DepartmentID == "" {
		return ticket.NotFound("page")
	}
	shown, err := p.board(workbenchPath + "?queue=joint")
	if err != nil {
		return err
	}
	return p.show("workbench/board", shown)
}
