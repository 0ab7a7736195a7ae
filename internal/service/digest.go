package service

import (
	"context"
	"time"

	"whistle/internal/directory"
	"whistle/internal/notify"
	"whistle/internal/store"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// digestHour is when the digest comes on working days: before the offices open.
const digestHour = 8*time.Hour + 30*time.Minute

// pressing is how many tickets a digest names.
const pressing = 5

// digestOn is when the digest of a day comes, by what clocks show: they may be
// put forward or back that night.
func (s *Service) digestOn(day worktime.Date) time.Time {
	return time.Date(day.Year, day.Month, day.Day, 0, int(digestHour.Minutes()), 0, 0, s.zone)
}

// nextDigest is when the first digest comes after now; zero when the calendar
// knows of no working day.
func (s *Service) nextDigest(calendar *worktime.Calendar, now time.Time) time.Time {
	day := s.today()
	if !s.digestOn(day).After(now) {
		day = day.AddDays(1)
	}
	day, err := calendar.NextWorkingDay(day)
	if err != nil {
		return time.Time{}
	}
	return s.digestOn(day)
}

// SendDigests has this morning's digests made, each once, and returns how many.
// A morning on which nobody ran is caught up as long as the offices are open;
// after that what waits comes with the next.
func (s *Service) SendDigests(ctx context.Context) (int, error) {
	now := s.clock.Now()
	calendar, err := s.calendar(ctx)
	if err != nil {
		return 0, err
	}
	day := s.today()
	if !calendar.IsWorking(day) || now.Before(s.digestOn(day)) || now.After(calendar.CloseOfBusiness(day)) {
		return 0, nil
	}
	due, err := s.store.DigestDue(ctx, day, now)
	if err != nil {
		return 0, err
	}
	made := 0
	for _, p := range due {
		err := s.InTx(ctx, func(ctx context.Context) error {
			turn, err := s.takeTurn(ctx, p, now)
			if err != nil || !turn {
				return err
			}
			fresh, err := s.store.TakeDigest(ctx, p, day, now)
			if err != nil || !fresh {
				return err
			}
			id, err := s.queue.Enqueue(ctx, sendJob{p, &day})
			if err != nil {
				return err
			}
			made++
			return s.store.GiveParcel(ctx, p, id, now)
		})
		if err != nil {
			return made, err
		}
	}
	return made, nil
}

// digestOf is how things stand for somebody.
func (s *Service) digestOf(ctx context.Context, actor ticket.Actor, lang text.Language, inGroup bool) (*notify.Digest, error) {
	list, ok := store.BurningOf(actor)
	if !ok {
		return &notify.Digest{}, nil
	}
	counts, err := s.store.CountWorklists(ctx, actor, []store.Worklist{list}, s.clock.Now())
	if err != nil {
		return nil, err
	}
	d := &notify.Digest{Red: counts[0].Red, Yellow: counts[0].Yellow}
	if counts[0].Count == 0 {
		return d, nil
	}
	tickets, err := s.store.WorklistTickets(ctx, actor, list, WorklistFilter{Limit: pressing}, s.clock.Now())
	if err != nil {
		return nil, err
	}
	names := newNames()
	for _, t := range tickets {
		names.add(store.Enterprises, t.EnterpriseID)
	}
	if err := names.load(ctx, s.store); err != nil {
		return nil, err
	}
	w := noticeWords{lang: lang, names: names, zone: s.zone, now: s.clock.Now()}
	for _, t := range tickets {
		first, light := ticket.Burning(list.Owed(actor, t), s.clock.Now())
		if first == nil {
			continue
		}
		n := store.Notice{Kind: string(ticket.AlarmYellow), Data: store.NoticeData{Owed: first.Event, DueAt: first.DueAt}}
		switch {
		case actor.Role == ticket.RoleLeader && light == ticket.Red:
			n.Kind = string(ticket.AlarmOverdue) // it is others' to do
		case light == ticket.Red:
			n.Kind = string(ticket.AlarmRed)
		}
		d.Pressing = append(d.Pressing, itemOf(Notice{
			Number: t.Number, Title: t.Title, Confidential: t.Confidential, Text: names.Of(t.EnterpriseID), Todo: w.todo(n), Path: "/tickets/" + t.ID,
		}, lang, inGroup))
	}
	return d, nil
}

// addressee is to whom something is carried, and as whom they may know of it.
// It is nil when they are not there any more.
type addressee struct {
	actor ticket.Actor
	to    notify.Recipient
	robot *ownRobot // nil for none
}

func (s *Service) addressee(ctx context.Context, o store.Owner) (*addressee, error) {
	robots, err := s.robotsOf(ctx, []store.Owner{o})
	if err != nil {
		return nil, err
	}
	robot := robots[o]
	if o.DepartmentID != "" {
		department, err := s.store.Department(ctx, o.DepartmentID)
		if err != nil || department.RetiredAt != nil {
			return nil, err
		}
		// A group may know what any officer of the department may.
		a := addressee{actor: ticket.Actor{Role: ticket.RoleOfficer, DepartmentID: o.DepartmentID}, robot: robot}
		a.to = notify.Recipient{Name: department.Name, Language: text.Chinese, Robot: robot.spoken()}
		if robot != nil {
			a.to.Language = text.Language(robot.Language)
		}
		return &a, nil
	}
	accounts, err := s.store.Audience(ctx, store.Audience{UserIDs: []string{o.UserID}})
	if err != nil || len(accounts) == 0 {
		return nil, err // retired meanwhile
	}
	a := accounts[0]
	return &addressee{directory.ActorOf(a.User, a.Assignments, s.today()), recipient(a.User, robot), robot}, nil
}
