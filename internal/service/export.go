package service

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// An export of the history is JSON Lines, one exportRecord each: first the
// header, which holds what replaying needs, then the heads as the freezes
// found them, then the digests of the heads that the snapshots keep, then the
// history lines by ticket and number, and at last the end, whose counts show
// whether something is missing. It is read without the database.
type exportRecord struct {
	Header   *exportHeader     `json:"header,omitempty"`
	Head     *store.Head       `json:"head,omitempty"`
	Snapshot *exportSnapshot   `json:"snapshot,omitempty"`
	Line     *store.StoredLine `json:"line,omitempty"`
	End      *exportEnd        `json:"end,omitempty"`
}

const exportVersion = 1

var errNoExport = fmt.Errorf("not an export of the history in version %d", exportVersion)

type exportHeader struct {
	Version   int              `json:"whistle_history"`
	Zone      string           `json:"zone"`
	Policies  []ticket.Policy  `json:"policies"`
	Calendars []exportCalendar `json:"calendars"`
}

type exportCalendar struct {
	Version int            `json:"version"`
	Days    []worktime.Day `json:"days"`
}

type exportSnapshot struct {
	ID          string        `json:"id"`
	Kind        figures.Kind  `json:"kind"`
	From        worktime.Date `json:"from"`
	To          worktime.Date `json:"to"`
	RecordedBy  time.Time     `json:"recorded_by"`
	HeadsDigest string        `json:"heads_digest"`
	HeadsCount  int           `json:"heads_count"`
}

type exportEnd struct {
	Heads     int `json:"heads"`
	Snapshots int `json:"snapshots"`
	Tickets   int `json:"tickets"`
	Lines     int `json:"lines"`
}

// ExportHistory writes every history with what VerifyExport needs to check it
// without the database.
func (s *Service) ExportHistory(ctx context.Context, w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return s.store.InOneView(ctx, func(ctx context.Context) error {
		header, err := s.exportHeader(ctx)
		if err != nil {
			return err
		}
		heads, err := s.store.Heads(ctx)
		if err != nil {
			return err
		}
		snapshots, err := s.store.Snapshots(ctx, store.SnapshotFilter{})
		if err != nil {
			return err
		}
		end := exportEnd{Heads: len(heads), Snapshots: len(snapshots)}
		err = out.Encode(exportRecord{Header: header})
		for i := range heads {
			err = errors.Join(err, out.Encode(exportRecord{Head: &heads[i]}))
		}
		for _, f := range snapshots {
			err = errors.Join(err, out.Encode(exportRecord{Snapshot: &exportSnapshot{
				f.ID, f.Kind, f.FromDate, f.ToDate, f.RecordedBy, f.HeadsDigest, f.HeadsCount,
			}}))
		}
		if err != nil {
			return err
		}
		err = s.store.EachHistory(ctx, func(some []store.History) error {
			for _, h := range some {
				end.Tickets++
				end.Lines += len(h.Lines)
				for i := range h.Lines {
					if err := out.Encode(exportRecord{Line: &h.Lines[i]}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		return errors.Join(err, out.Encode(exportRecord{End: &end}))
	})
}

func (s *Service) exportHeader(ctx context.Context) (*exportHeader, error) {
	header := &exportHeader{Version: exportVersion, Zone: s.zone.String()}
	policies, err := s.store.Policies(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		header.Policies = append(header.Policies, ticket.Policy{Version: p.Version, Name: p.Name, Rules: p.Rules})
	}
	newest, err := s.store.CalendarVersion(ctx)
	if err != nil {
		return nil, err
	}
	for version := 1; version <= newest; version++ {
		days, err := s.store.CalendarDays(ctx, version)
		if err != nil {
			return nil, err
		}
		header.Calendars = append(header.Calendars, exportCalendar{version, days})
	}
	return header, nil
}

// exportWorld answers what replaying asks from an export's header.
type exportWorld struct {
	policies  map[int]ticket.Policy
	calendars map[int]*worktime.Calendar
}

func (w exportWorld) Policy(version int) (ticket.Policy, error) {
	if p, ok := w.policies[version]; ok {
		return p, nil
	}
	return ticket.Policy{}, fmt.Errorf("the export has no policy %d", version)
}

func (w exportWorld) Calendar(version int) (*worktime.Calendar, error) {
	if c, ok := w.calendars[version]; ok {
		return c, nil
	}
	return nil, fmt.Errorf("the export has no calendar %d", version)
}

func (h *exportHeader) world() (ticket.World, error) {
	if h == nil || h.Version != exportVersion {
		return ticket.World{}, errNoExport
	}
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		return ticket.World{}, err
	}
	w := exportWorld{map[int]ticket.Policy{}, map[int]*worktime.Calendar{}}
	for _, p := range h.Policies {
		w.policies[p.Version] = p
	}
	for _, c := range h.Calendars {
		if w.calendars[c.Version], err = worktime.New(c.Version, zone, worktime.DefaultShifts(), c.Days); err != nil {
			return ticket.World{}, err
		}
	}
	return ticket.World{Policies: w, Calendars: w}, nil
}

// VerifyExport does what Verify does as far as an export tells: it checks each
// line and link, replays each history, and holds all against the heads that
// the freezes found. The error is one of reading, or says that it is no export.
func VerifyExport(r io.Reader) (*VerifyReport, error) {
	in := bufio.NewReader(r)
	first, err := readRecord(in)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoExport, err)
	}
	world, err := first.Header.world()
	if err != nil {
		return nil, err
	}
	v := &exportVerifier{report: &VerifyReport{}, world: world, finished: map[string]bool{}}
	for number := 2; ; number++ {
		record, err := readRecord(in)
		if errors.Is(err, io.EOF) {
			break
		}
		var syntax *json.SyntaxError
		var wrongType *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax), errors.As(err, &wrongType):
			v.fault("line %d of the export is no record", number)
		case err != nil:
			return nil, err
		default:
			v.take(record)
		}
	}
	v.finish()
	return v.report, nil
}

func readRecord(in *bufio.Reader) (exportRecord, error) {
	var record exportRecord
	raw, err := in.ReadBytes('\n')
	if len(raw) == 0 {
		return record, err
	}
	return record, json.Unmarshal(raw, &record)
}

// exportVerifier takes an export in record by record.
type exportVerifier struct {
	report    *VerifyReport
	world     ticket.World
	heads     []store.Head
	left      map[string][]store.Head // of tickets whose lines have not come yet
	snapshots []figures.Snapshot
	current   *history
	finished  map[string]bool
	end       *exportEnd
}

func (v *exportVerifier) fault(what string, args ...any) {
	v.report.Faults = append(v.report.Faults, Fault{What: fmt.Sprintf(what, args...)})
}

func (v *exportVerifier) take(record exportRecord) {
	switch {
	case record.Head != nil:
		v.heads = append(v.heads, *record.Head)
	case record.Snapshot != nil:
		f := record.Snapshot
		v.snapshots = append(v.snapshots, figures.Snapshot{
			ID: f.ID, Period: figures.Period{Kind: f.Kind, FromDate: f.From, ToDate: f.To},
			RecordedBy: f.RecordedBy, HeadsDigest: f.HeadsDigest, HeadsCount: f.HeadsCount,
		})
	case record.Line != nil:
		if v.current == nil || v.current.TicketID != record.Line.TicketID {
			v.close()
			v.current = &history{History: store.History{TicketID: record.Line.TicketID}}
		}
		v.current.Lines = append(v.current.Lines, *record.Line)
	case record.End != nil:
		v.end = record.End
	}
}

// close checks the ticket whose lines have all come.
func (v *exportVerifier) close() {
	if v.left == nil {
		v.left = headsByTicket(v.heads)
	}
	h := v.current
	if h == nil {
		return
	}
	h.number = numberOf(h.History)
	if v.finished[h.TicketID] {
		v.report.fault(h, h.Lines[0].Seq, "stands apart from the ticket's other lines")
		return
	}
	v.finished[h.TicketID] = true
	v.report.checkHistory(h, v.world)
	v.report.checkHeads(h, v.left[h.TicketID])
	delete(v.left, h.TicketID)
}

func (v *exportVerifier) finish() {
	v.close()
	v.report.checkVanished(v.left)
	checkHeadDigests(v.heads, v.snapshots, v.report)
	v.report.Heads, v.report.Snapshots = len(v.heads), len(v.snapshots)
	has := exportEnd{Heads: v.report.Heads, Snapshots: v.report.Snapshots, Tickets: v.report.Tickets, Lines: v.report.Lines}
	switch {
	case v.end == nil:
		v.fault("the export is cut off: its last line is missing")
	case *v.end != has:
		v.fault("the export says that it holds %+v, but it holds %+v", *v.end, has)
	}
}
