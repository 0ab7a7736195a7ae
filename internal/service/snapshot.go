package service

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"whistle/internal/figures"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// What lists of snapshots and of their members are asked by.
type (
	SnapshotFilter   = store.SnapshotFilter
	SnapshotPosition = store.SnapshotPosition
	MemberPosition   = store.MemberPosition
)

// freezeBatch is how many snapshots are written in one transaction, so that
// neither commits nor waiting commands add up.
const freezeBatch = 20

// Freeze freezes the figures of every period that has ended and is not frozen
// yet, each as of its end, and returns how many it froze. Others may do so at
// the same time: each period is frozen once.
func (s *Service) Freeze(ctx context.Context) (int, error) {
	due, err := s.due(ctx)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	at, digest, heads, err := s.freezeHeads(ctx)
	if err != nil {
		return 0, err
	}
	frozen := 0
	for some := range slices.Chunk(due, freezeBatch) {
		n, err := s.freezePeriods(ctx, some, figures.Snapshot{
			RecordedBy: at, DefinitionVersion: figures.DefinitionVersion, Rates: figures.RateNames(),
			HeadsDigest: digest, HeadsCount: heads,
		})
		if err != nil {
			return frozen, fmt.Errorf("freeze: %w", err)
		}
		frozen += n
	}
	return frozen, nil
}

// due lists what is to be frozen now.
func (s *Service) due(ctx context.Context) ([]figures.Period, error) {
	first, err := s.store.FirstFiled(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	frozen, err := s.store.FrozenPeriods(ctx)
	if err != nil {
		return nil, err
	}
	return figures.Due(worktime.DateOf(first.In(s.zone)), s.today(), frozen), nil
}

// freezeHeads writes down the head of every history. What was recorded by the
// moment it returns is all visible, and is what the snapshots count.
func (s *Service) freezeHeads(ctx context.Context) (at time.Time, digest string, count int, err error) {
	now := s.clock.Now()
	if err := s.store.AwaitWriters(ctx); err != nil {
		return at, "", 0, err
	}
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.LockFreeze(ctx); err != nil {
			return err
		}
		last, err := s.store.LastHeads(ctx)
		if err != nil {
			return err
		}
		// Later than any freeze before, or its heads would get new company.
		if at = now.UTC().Truncate(time.Microsecond); !at.After(last) {
			at = last.Add(time.Microsecond)
		}
		if err := s.store.AppendHeads(ctx, at); err != nil {
			return err
		}
		heads, err := s.store.Heads(ctx)
		if err != nil {
			return err
		}
		latest := latestHeads{}
		for _, h := range heads {
			latest.add(h)
		}
		digest, count = latest.digest(), len(latest)
		return nil
	})
	return at, digest, count, err
}

// latestHeads are the last known lines of all histories, by ticket.
type latestHeads map[string]store.Head

func (l latestHeads) add(h store.Head) {
	if h.Seq > l[h.TicketID].Seq {
		l[h.TicketID] = h
	}
}

// digest is the hex SHA-256 of one line for each ticket, sorted by its id: id,
// number of the line and its hash, separated by blanks.
func (l latestHeads) digest() string {
	sum := sha256.New()
	var line []byte
	for _, id := range slices.Sorted(maps.Keys(l)) {
		line = strconv.AppendInt(append(append(line[:0], id...), ' '), int64(l[id].Seq), 10)
		line = append(append(append(line, ' '), l[id].Hash...), '\n')
		_, _ = sum.Write(line)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// freezePeriods counts outside of the transaction, which nobody needs to wait
// for: what was recorded by the freeze does not change any more.
func (s *Service) freezePeriods(ctx context.Context, periods []figures.Period, like figures.Snapshot) (int, error) {
	snapshots := make([]figures.Snapshot, len(periods))
	members := make([][]figures.Counted, len(periods))
	for i, p := range periods {
		snapshot := like
		snapshot.ID, snapshot.Period, snapshot.AsOf = s.newID(), p, p.AsOf(s.zone)
		report, counted, err := s.countFor(ctx, &snapshot)
		if err != nil {
			return 0, err
		}
		covered, err := s.covered(ctx, s.coverageOf(p.FromDate, p.ToDate, snapshot.RecordedBy))
		if err != nil {
			return 0, err
		}
		report.Coverage = &covered
		snapshot.Figures, snapshot.MembersDigest = *report, figures.MembersDigest(snapshot.Rates, counted)
		snapshots[i] = snapshot
		if p.KeepsMembers() {
			members[i] = counted
		}
	}
	fresh := 0
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		fresh = 0
		for i := range snapshots {
			ok, err := s.store.InsertSnapshot(ctx, &snapshots[i], members[i])
			if err != nil {
				return err
			}
			if ok {
				fresh++
				err = s.hookSnapshot(ctx, &snapshots[i])
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return fresh, err
}

// countFor counts what a snapshot counts, by what was recorded by its freeze.
func (s *Service) countFor(ctx context.Context, snapshot *figures.Snapshot) (*figures.Report, []figures.Counted, error) {
	report, err := s.report(ctx, snapshot.Query())
	if err != nil {
		return nil, nil, err
	}
	counted, err := s.store.Counted(ctx, snapshot.Query(), s.zone)
	return report, counted, err
}

// SnapshotView is a snapshot as one actor may see it: the district's totals
// for everybody, the departments' for leaders and the desk, its own for a
// department.
type SnapshotView struct {
	*figures.Snapshot
	// Corrections are the figures that come out differently with what was
	// recorded since the freeze; only where one snapshot was asked for.
	Corrections []figures.Difference
}

// mayRead says whether the actor reads the figures of a group.
func mayRead(actor ticket.Actor, group string) bool {
	if actor.SeesAll() || group == "" {
		return true
	}
	department := actor.Role == ticket.RoleOfficer || actor.Role == ticket.RoleHead
	return department && group == actor.DepartmentID
}

func viewSnapshot(actor ticket.Actor, snapshot *figures.Snapshot) SnapshotView {
	snapshot.Figures.Groups = slices.DeleteFunc(snapshot.Figures.Groups, func(g figures.Group) bool { return !mayRead(actor, g.Key) })
	return SnapshotView{Snapshot: snapshot}
}

// Snapshots lists snapshots, those of the latest periods first.
func (s *Service) Snapshots(ctx context.Context, actor ticket.Actor, f SnapshotFilter) ([]SnapshotView, error) {
	snapshots, err := s.store.Snapshots(ctx, f)
	if err != nil {
		return nil, err
	}
	views := make([]SnapshotView, len(snapshots))
	for i := range snapshots {
		views[i] = viewSnapshot(actor, &snapshots[i])
	}
	return views, nil
}

// Snapshot reads one with what has been corrected since. A snapshot that was
// counted by other definitions than today's has no corrections: it was right
// by its own.
func (s *Service) Snapshot(ctx context.Context, actor ticket.Actor, id string) (SnapshotView, error) {
	snapshot, err := s.store.Snapshot(ctx, id)
	if err != nil {
		return SnapshotView{}, problem(err, "snapshot")
	}
	var corrections []figures.Difference
	if snapshot.DefinitionVersion == figures.DefinitionVersion {
		q := snapshot.Query()
		q.RecordedBy = time.Time{}
		report, err := s.districtReport(ctx, q)
		if err != nil {
			return SnapshotView{}, err
		}
		corrections = figures.Differences(&snapshot.Figures, report)
	}
	view := viewSnapshot(actor, &snapshot)
	view.Corrections = slices.DeleteFunc(corrections, func(d figures.Difference) bool { return !mayRead(actor, d.Group) })
	return view, nil
}

// SnapshotMember is a ticket that a snapshot counted.
type SnapshotMember struct {
	figures.Counted
	// Ticket is the ticket as it is now; nil when it has vanished.
	Ticket *TicketView
	// InNumerator says whether the rate counted it above the line too.
	InNumerator bool
}

// MembersQuery asks what a snapshot's rate counted.
type MembersQuery struct {
	Figure    string // a rate's name
	Numerator bool   // only what is in the numerator
	After     *MemberPosition
	Limit     int
}

// SnapshotMembers lists the tickets that a rate of a snapshot counted, in the
// order of their ids. Leaders and the desk may read it.
func (s *Service) SnapshotMembers(ctx context.Context, actor ticket.Actor, id string, q MembersQuery) ([]SnapshotMember, error) {
	if !actor.SeesAll() {
		return nil, ticket.Errorf(ticket.CodeForbidden, "Only leaders and the desk may read which tickets a snapshot counted.")
	}
	snapshot, err := s.store.Snapshot(ctx, id)
	if err != nil {
		return nil, problem(err, "snapshot")
	}
	if !snapshot.KeepsMembers() {
		return nil, ticket.Errorf(ticket.CodeNotFound, "This snapshot keeps only a digest of its members; those of months, and the years to date at their ends, keep the members.")
	}
	definition, ok := figures.Rate(q.Figure)
	bit := slices.Index(snapshot.Rates, q.Figure)
	if !ok || bit < 0 {
		return nil, ticket.InvalidValues([]ticket.Field{{Pointer: "/figure", Message: "must be a rate of this snapshot, as resolution_rate"}})
	}
	counted, err := s.store.SnapshotMembers(ctx, id, definition.Over, bit, q.Numerator, q.After, q.Limit)
	if err != nil || len(counted) == 0 {
		return nil, err
	}
	ids := make([]string, len(counted))
	for i, c := range counted {
		ids[i] = c.TicketID
	}
	views, err := s.Tickets(ctx, actor, store.TicketFilter{IDs: ids})
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*TicketView, len(views))
	for _, v := range views {
		byID[v.ID] = v
	}
	members := make([]SnapshotMember, len(counted))
	for i, c := range counted {
		members[i] = SnapshotMember{Counted: c, Ticket: byID[c.TicketID], InNumerator: c.Numerators&(1<<bit) != 0}
	}
	return members, nil
}

// checkSnapshots recomputes every snapshot from what was recorded by its
// freeze, and the digests of the heads that it knew.
func (s *Service) checkSnapshots(ctx context.Context, heads []store.Head, snapshots []figures.Snapshot, report *VerifyReport, done func()) error {
	checkHeadDigests(heads, snapshots, report)
	for i := range snapshots {
		snapshot := &snapshots[i]
		if err := s.checkFigures(ctx, snapshot, report); err != nil {
			return err
		}
		report.Snapshots++
		done()
	}
	return s.eachCoverageDrift(ctx, snapshots, func(snapshot *figures.Snapshot, d figures.Difference) {
		report.frozenOtherwise(snapshot, d)
	})
}

func checkHeadDigests(heads []store.Head, snapshots []figures.Snapshot, report *VerifyReport) {
	snapshots = slices.Clone(snapshots)
	slices.SortFunc(snapshots, func(a, b figures.Snapshot) int { return a.RecordedBy.Compare(b.RecordedBy) })
	latest, known, digest := latestHeads{}, -1, ""
	for i := range snapshots {
		snapshot := &snapshots[i]
		for len(heads) > 0 && !heads[0].RecordedAt.After(snapshot.RecordedBy) {
			latest.add(heads[0])
			heads = heads[1:]
		}
		if known != len(heads) { // many are frozen at once
			known, digest = len(heads), latest.digest()
		}
		if digest != snapshot.HeadsDigest || len(latest) != snapshot.HeadsCount {
			report.snapshotFault(snapshot, "the heads of the histories that it knew, %d of them, are not those in history_heads, %d", snapshot.HeadsCount, len(latest))
		}
	}
}

func (s *Service) checkFigures(ctx context.Context, snapshot *figures.Snapshot, report *VerifyReport) error {
	if snapshot.KeepsMembers() {
		kept, err := s.store.AllMembers(ctx, snapshot.ID)
		if err != nil {
			return err
		}
		if figures.MembersDigest(snapshot.Rates, kept) != snapshot.MembersDigest {
			report.snapshotFault(snapshot, "its stored members are not those that it counted")
		}
	}
	if snapshot.DefinitionVersion != figures.DefinitionVersion {
		return nil // today's definitions would count something else
	}
	counted, members, err := s.countFor(ctx, snapshot)
	if err != nil {
		return err
	}
	if figures.MembersDigest(snapshot.Rates, members) != snapshot.MembersDigest {
		report.snapshotFault(snapshot, "counting again what was recorded by its freeze gives other members")
	}
	for _, d := range figures.Differences(&snapshot.Figures, counted) {
		report.frozenOtherwise(snapshot, d)
	}
	return nil
}

func (r *VerifyReport) frozenOtherwise(snapshot *figures.Snapshot, d figures.Difference) {
	r.snapshotFault(snapshot, "%s%s is frozen as %s; counting again what was recorded by its freeze gives %s", d.Figure, ofGroup(d), d.Was, d.Is)
}

func ofGroup(d figures.Difference) string {
	if d.Group == "" {
		return ""
	}
	return " of " + cmp.Or(d.Name, d.Group)
}
