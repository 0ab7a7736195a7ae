package store

import (
	"context"
	"time"

	"whistle/internal/directory"
	"whistle/internal/worktime"
)

// Policy reads one version of the clocks' lengths.
func (s *Store) Policy(ctx context.Context, version int) (directory.Policy, error) {
	var row directory.Policy
	err := s.read(ctx).Where("version = ?", version).Take(&row).Error
	return row, translate(err)
}

// PolicyByName reads the policy of a name.
func (s *Store) PolicyByName(ctx context.Context, name string) (directory.Policy, error) {
	return get[directory.Policy](ctx, s, "name", name)
}

// PolicyInEffect reads the policy under which a ticket filed at a moment runs.
func (s *Store) PolicyInEffect(ctx context.Context, at time.Time) (directory.Policy, error) {
	var row directory.Policy
	err := s.read(ctx).Where("effective_from <= ?", utc(at)).Order("effective_from DESC, version DESC").Limit(1).Take(&row).Error
	return row, translate(err)
}

// Policies lists every version, newest first.
func (s *Store) Policies(ctx context.Context) ([]directory.Policy, error) {
	var rows []directory.Policy
	err := s.read(ctx).Order("version DESC").Find(&rows).Error
	return rows, translate(err)
}

// InsertPolicy adds a version; its number is the next one.
func (s *Store) InsertPolicy(ctx context.Context, p *directory.Policy) error {
	if err := s.write(ctx).Raw("SELECT coalesce(max(version), 0) + 1 FROM policies").Scan(&p.Version).Error; err != nil {
		return translate(err)
	}
	p.EffectiveFrom = utcPtr(p.EffectiveFrom)
	p.CreatedAt = utc(p.CreatedAt)
	return translate(s.write(ctx).Create(p).Error)
}

// CalendarVersion is the newest calendar's; 0 before the first.
func (s *Store) CalendarVersion(ctx context.Context) (int, error) {
	var version int
	err := s.read(ctx).Raw("SELECT coalesce(max(version), 0) FROM calendars").Scan(&version).Error
	return version, translate(err)
}

// Calendar reads one version, without its days.
func (s *Store) Calendar(ctx context.Context, version int) (directory.Calendar, error) {
	var row directory.Calendar
	err := s.read(ctx).Where("version = ?", version).Take(&row).Error
	return row, translate(err)
}

// Calendars lists every version, without its days, newest first.
func (s *Store) Calendars(ctx context.Context) ([]directory.Calendar, error) {
	var rows []directory.Calendar
	err := s.read(ctx).Order("version DESC").Find(&rows).Error
	return rows, translate(err)
}

// CalendarYear reads what each version says of the days of a year.
func (s *Store) CalendarYear(ctx context.Context, year int) (map[int]map[worktime.Date]worktime.Day, error) {
	first, last := worktime.Date{Year: year, Month: time.January, Day: 1}, worktime.Date{Year: year, Month: time.December, Day: 31}
	var rows []dayRow
	err := s.read(ctx).Where("date >= ? AND date <= ?", first, last).Find(&rows).Error
	tables := map[int]map[worktime.Date]worktime.Day{}
	for _, r := range rows {
		if tables[r.Version] == nil {
			tables[r.Version] = map[worktime.Date]worktime.Day{}
		}
		tables[r.Version][r.Date] = worktime.Day{Date: r.Date, Kind: r.Kind, Name: r.Name}
	}
	return tables, translate(err)
}

type dayRow struct {
	Version int
	Date    worktime.Date
	Kind    worktime.Kind
	Name    string
}

func (dayRow) TableName() string { return "calendar_days" }

// CalendarDays reads one version's days, in order.
func (s *Store) CalendarDays(ctx context.Context, version int) ([]worktime.Day, error) {
	var rows []dayRow
	if err := s.read(ctx).Where("version = ?", version).Order("date").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	days := make([]worktime.Day, len(rows))
	for i, r := range rows {
		days[i] = worktime.Day{Date: r.Date, Kind: r.Kind, Name: r.Name}
	}
	return days, nil
}

// InsertCalendar adds a version with all its days; its number is the next one.
func (s *Store) InsertCalendar(ctx context.Context, c *directory.Calendar, days []worktime.Day) error {
	if err := s.write(ctx).Raw("SELECT coalesce(max(version), 0) + 1 FROM calendars").Scan(&c.Version).Error; err != nil {
		return translate(err)
	}
	c.CreatedAt = utc(c.CreatedAt)
	if err := s.write(ctx).Create(c).Error; err != nil {
		return translate(err)
	}
	rows := make([]dayRow, len(days))
	for i, d := range days {
		rows[i] = dayRow{c.Version, d.Date, d.Kind, d.Name}
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).CreateInBatches(rows, 1000).Error)
}
