package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
	"unicode/utf8"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// CalendarView is the calendar in force, whole or one year of it.
type CalendarView struct {
	directory.Calendar
	Years []int // that are loaded, in order
	Days  []worktime.Day
}

// Calendar reads the newest calendar: the days that depart from Monday to
// Friday, of one year or, with 0, of all.
func (s *Service) Calendar(ctx context.Context, year int) (*CalendarView, error) {
	version, err := s.store.CalendarVersion(ctx)
	if err != nil {
		return nil, err
	}
	calendar, err := s.store.Calendar(ctx, version)
	if err != nil {
		return nil, err
	}
	days, err := s.store.CalendarDays(ctx, version)
	if err != nil {
		return nil, err
	}
	view := &CalendarView{Calendar: calendar, Years: yearsOf(days), Days: days}
	if year != 0 {
		view.Days = slices.DeleteFunc(view.Days, func(d worktime.Day) bool { return d.Date.Year != year })
	}
	return view, nil
}

// yearsOf are the years that the days lie in, in order.
func yearsOf(days []worktime.Day) []int {
	var years []int
	for _, d := range days {
		years = append(years, d.Date.Year)
	}
	slices.Sort(years)
	return slices.Compact(years)
}

// DayKind is what a day of the calendar is.
type DayKind string

// The kinds of day.
const (
	WorkingDay DayKind = "working"
	Weekend    DayKind = "weekend"
	Holiday    DayKind = "holiday"
	MakeUpDay  DayKind = "make_up" // worked in exchange for a holiday (调休)
)

// YearView is a year of the calendar, day by day.
type YearView struct {
	Version int // of the calendar in force
	Year    int
	Loaded  bool // else only weekends are known, and deadlines are provisional
	Years   []int
	Working int // days
	Months  []MonthView
	Shifts  []worktime.Shift
	History []YearVersion // newest first
	Names   *Names        // of who made the versions
}

// MonthView is a month of the calendar.
type MonthView struct {
	Month   time.Month
	Working int // days
	Days    []DayView
}

// DayView is a day of the calendar.
type DayView struct {
	Date worktime.Date
	Kind DayKind
	Name string // the holiday, or the one that the working day makes up for
}

// YearVersion is a version of the calendar that says something else of a year
// than the one before, and the days of which it does.
type YearVersion struct {
	directory.Calendar
	Changes []DayChange
}

// DayChange is a day that became another.
type DayChange struct {
	Before, After DayView
}

// CalendarYear tells what each day of a year is, and which versions of the
// calendar changed that.
func (s *Service) CalendarYear(ctx context.Context, year int) (*YearView, error) {
	if year < firstCalendarYear || year > lastCalendarYear {
		return nil, ticket.NotFound("year")
	}
	whole, err := s.Calendar(ctx, 0)
	if err != nil {
		return nil, err
	}
	versions, err := s.store.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	tables, err := s.store.CalendarYear(ctx, year)
	if err != nil {
		return nil, err
	}
	now := tables[whole.Version]
	view := &YearView{
		Version: whole.Version, Year: year, Loaded: len(now) > 0, Years: whole.Years,
		Shifts: worktime.DefaultShifts(), Names: newNames(),
	}
	for month := time.January; month <= time.December; month++ {
		m := MonthView{Month: month}
		for date := (worktime.Date{Year: year, Month: month, Day: 1}); date.Month == month; date = date.AddDays(1) {
			d := dayView(now, date)
			if d.Kind == WorkingDay || d.Kind == MakeUpDay {
				m.Working++
			}
			m.Days = append(m.Days, d)
		}
		view.Working += m.Working
		view.Months = append(view.Months, m)
	}
	for i, version := range versions { // newest first
		var before map[worktime.Date]worktime.Day
		if i+1 < len(versions) {
			before = tables[versions[i+1].Version]
		}
		if changes := dayChanges(before, tables[version.Version]); len(changes) > 0 {
			view.History = append(view.History, YearVersion{version, changes})
			view.Names.add(store.Users, version.CreatedBy)
		}
	}
	return view, view.Names.load(ctx, s.store)
}

// dayView is what a table makes of a day.
func dayView(table map[worktime.Date]worktime.Day, date worktime.Date) DayView {
	weekday := date.Weekday()
	weekend := weekday == time.Saturday || weekday == time.Sunday
	d, named := table[date]
	switch {
	case named && d.Kind == worktime.Off:
		return DayView{date, Holiday, d.Name}
	case named && weekend:
		return DayView{date, MakeUpDay, d.Name}
	case weekend:
		return DayView{date, Weekend, ""}
	}
	return DayView{date, WorkingDay, d.Name}
}

// dayChanges are the days of which two tables say something else, in order.
func dayChanges(before, after map[worktime.Date]worktime.Day) []DayChange {
	var changes []DayChange
	for _, table := range []map[worktime.Date]worktime.Day{before, after} {
		for date := range table {
			change := DayChange{dayView(before, date), dayView(after, date)}
			if change.Before != change.After && !slices.Contains(changes, change) {
				changes = append(changes, change)
			}
		}
	}
	slices.SortFunc(changes, func(a, b DayChange) int { return a.After.Date.Compare(b.After.Date) })
	return changes
}

// ReplaceCalendarYear is ImportCalendar for one year, by who has read the
// calendar in the version seen (0 for whichever is in force); rehearse tells
// what it would do, and changes nothing. When others have changed the year
// since, the error is a *Stale.
func (s *Service) ReplaceCalendarYear(ctx context.Context, actor ticket.Actor, year int, days []worktime.Day, note string, seen int, rehearse bool) (*CalendarChange, error) {
	var faults []ticket.Field
	for i, d := range days {
		if d.Date.Year != year {
			faults = append(faults, ticket.Fieldf(fmt.Sprintf("/days/%d/date", i), "must lie in the year %d", year))
		}
	}
	if err := ticket.InvalidForm(faults); err != nil {
		return nil, err
	}
	var change *CalendarChange
	err := s.InTx(ctx, func(ctx context.Context) error {
		if err := s.yearStillAs(ctx, year, seen); err != nil {
			return err
		}
		var err error
		if change, err = s.ImportCalendar(ctx, actor, days, note); err == nil && rehearse {
			err = errRehearsed
		}
		return err
	})
	if err != nil && !errors.Is(err, errRehearsed) {
		return nil, err
	}
	return change, nil
}

// yearStillAs refuses who has read a year as it was in an earlier version that
// said something else of it.
func (s *Service) yearStillAs(ctx context.Context, year, seen int) error {
	if seen == 0 {
		return nil
	}
	version, err := s.store.CalendarVersion(ctx)
	if err != nil || version == seen {
		return err
	}
	tables, err := s.store.CalendarYear(ctx, year)
	if err != nil || len(dayChanges(tables[seen], tables[version])) == 0 {
		return err
	}
	read, err := s.store.Calendar(ctx, seen)
	if err != nil {
		return problem(err, "version")
	}
	return s.changedSince(ctx, subjectCalendar, "", read.CreatedAt)
}

const subjectCalendar = "calendar" // in the audit log

// CalendarChange is what loading days did.
type CalendarChange struct {
	Version int // of the calendar in force now
	Changed bool
	Years   []CalendarYear // that were named, in order
	Tickets int            // open ones that took the new version on
	Moved   int            // deadlines that lie elsewhere now
}

// CalendarYear is how many days of a year depart from Monday to Friday, before
// and after. Far fewer than before mean that somebody named a year by mistake.
type CalendarYear struct {
	Year, Before, After int
}

// ImportCalendar replaces the years that the days lie in, each as a whole,
// which makes a new version of the calendar, and dates the deadlines of open
// tickets anew. Days that say what the calendar says already change nothing.
// Every fault of the days is reported at once; so is a calendar that leaves no
// working time.
func (s *Service) ImportCalendar(ctx context.Context, actor ticket.Actor, days []worktime.Day, note string) (*CalendarChange, error) {
	if !administers(actor) {
		return nil, ticket.Errorf(ticket.CodeForbidden, "You may not change the calendar.")
	}
	if err := checkCalendarDays(days, note); err != nil {
		return nil, err
	}
	var change *CalendarChange
	err := s.InTx(ctx, func(ctx context.Context) error {
		var err error
		change, err = s.replaceYears(ctx, actor, days, note)
		return err
	})
	return change, err
}

var errRehearsed = errors.New("service: only rehearsed")

// RehearseCalendar tells what ImportCalendar would do, and changes nothing.
func (s *Service) RehearseCalendar(ctx context.Context, actor ticket.Actor, days []worktime.Day, note string) (*CalendarChange, error) {
	var change *CalendarChange
	err := s.InTx(ctx, func(ctx context.Context) error {
		var err error
		if change, err = s.ImportCalendar(ctx, actor, days, note); err != nil {
			return err
		}
		return errRehearsed
	})
	if !errors.Is(err, errRehearsed) {
		return nil, err
	}
	return change, nil
}

const (
	firstCalendarYear, lastCalendarYear = 1900, 2199
	maxDayName, maxNote                 = 100, 1000
)

func checkCalendarDays(days []worktime.Day, note string) error {
	var faults []ticket.Field
	fault := func(i int, field, format string, args ...any) {
		faults = append(faults, ticket.Fieldf(fmt.Sprintf("/days/%d%s", i, field), format, args...))
	}
	if len(days) == 0 {
		faults = append(faults, ticket.Field{Pointer: "/days", Message: "must name at least one day"})
	}
	if utf8.RuneCountInString(note) > maxNote {
		faults = append(faults, ticket.Fieldf("/note", "must have at most %d characters", maxNote))
	}
	seen := make(map[worktime.Date]bool, len(days))
	for i, d := range days {
		if !d.Date.Valid() || d.Date.Year < firstCalendarYear || d.Date.Year > lastCalendarYear {
			fault(i, "/date", "must be a day from %d to %d", firstCalendarYear, lastCalendarYear)
		}
		if d.Kind != worktime.Off && d.Kind != worktime.Work {
			fault(i, "/kind", "must be one of: %s, %s", worktime.Off, worktime.Work)
		}
		if utf8.RuneCountInString(d.Name) > maxDayName || !utf8.ValidString(d.Name) {
			fault(i, "/name", "must have at most %d characters", maxDayName)
		}
		if seen[d.Date] {
			fault(i, "/date", "is named twice")
		}
		seen[d.Date] = true
	}
	return ticket.InvalidForm(faults)
}

func (s *Service) replaceYears(ctx context.Context, actor ticket.Actor, days []worktime.Day, note string) (*CalendarChange, error) {
	before, err := s.Calendar(ctx, 0)
	if err != nil {
		return nil, err
	}
	years := yearsOf(days)
	named := func(d worktime.Day) bool { return slices.Contains(years, d.Date.Year) }
	after := append(slices.DeleteFunc(slices.Clone(before.Days), named), days...)
	slices.SortFunc(after, func(a, b worktime.Day) int { return a.Date.Compare(b.Date) })

	change := &CalendarChange{Version: before.Version, Changed: !slices.Equal(before.Days, after)}
	for _, year := range years {
		count := func(in []worktime.Day) (n int) {
			for _, d := range in {
				if d.Date.Year == year {
					n++
				}
			}
			return n
		}
		change.Years = append(change.Years, CalendarYear{year, count(before.Days), count(after)})
	}
	if !change.Changed {
		return change, nil
	}
	if _, err := worktime.New(before.Version+1, s.zone, worktime.DefaultShifts(), after); err != nil {
		return nil, noWorkingTime(err)
	}
	calendar := directory.Calendar{Note: note, CreatedBy: actor.ID, CreatedAt: s.changedAt(before.CreatedAt)}
	if err := s.store.InsertCalendar(ctx, &calendar, after); err != nil {
		return nil, tooLateFor(err, "the calendar")
	}
	change.Version = calendar.Version
	if change.Tickets, change.Moved, err = s.redate(ctx, calendar.Version); err != nil {
		return nil, noWorkingTime(err)
	}
	return change, s.auditAt(ctx, calendar.CreatedAt, actor, auditChange, subjectCalendar, fmt.Sprint(calendar.Version),
		map[string]any{"version": before.Version, "days": slices.DeleteFunc(before.Days, func(d worktime.Day) bool { return !named(d) })},
		map[string]any{"version": calendar.Version, "days": slices.DeleteFunc(after, func(d worktime.Day) bool { return !named(d) }), "note": note})
}

// noWorkingTime words a calendar without working time for who loads it.
func noWorkingTime(err error) error {
	if errors.Is(err, worktime.ErrNoWorkingTime) {
		return ticket.InvalidValues([]ticket.Field{{Pointer: "/days", Message: "leave no working time within three years; check the kinds"}})
	}
	return err
}

// redate dates the deadlines of open tickets anew under a calendar and counts
// the tickets and the deadlines that moved.
func (s *Service) redate(ctx context.Context, version int) (tickets, moved int, err error) {
	ids, err := s.store.OpenTicketIDs(ctx, version)
	if err != nil {
		return 0, 0, err
	}
	for _, id := range ids {
		before, err := s.store.Ticket(ctx, ticket.System, id)
		if err != nil {
			return 0, 0, err
		}
		after, err := s.Fire(ctx, ticket.System, id, Command{Event: ticket.EventRedate})
		if err != nil {
			return 0, 0, err
		}
		for i, c := range after.Clocks { // redating starts and ends none
			if !c.DueAt.Equal(before.Clocks[i].DueAt) {
				moved++
			}
		}
	}
	return len(ids), moved, nil
}

// CalendarWarning tells what people should do about the calendar, "" for
// nothing: a year that nobody loaded makes deadlines in it provisional, and
// next year's holidays are announced in November.
func (s *Service) CalendarWarning(ctx context.Context) (string, error) {
	version, err := s.store.CalendarVersion(ctx)
	if err != nil {
		return "", err
	}
	calendar, err := s.world(ctx).Calendar(version)
	if err != nil {
		return "", err
	}
	today := s.today()
	switch {
	case !calendar.Loaded(today.Year):
		return fmt.Sprintf("The holidays of %d are not loaded: deadlines count weekends only. Load them with: whistle calendar import FILE.csv", today.Year), nil
	case today.Month >= time.November && !calendar.Loaded(today.Year+1):
		return fmt.Sprintf("The holidays of %d are not loaded: deadlines that reach into it are provisional. Load them with: whistle calendar import FILE.csv", today.Year+1), nil
	}
	return "", nil
}

// WarnOfCalendar logs the warning, if there is one; for the daily check.
func (s *Service) WarnOfCalendar(ctx context.Context) error {
	warning, err := s.CalendarWarning(ctx)
	if err == nil && warning != "" {
		s.log.WarnContext(ctx, "calendar", slog.String("warning", warning))
	}
	return err
}
