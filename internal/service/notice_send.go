package service

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/notify"
	"whistle/internal/store"
	"whistle/internal/text"
	"whistle/internal/worktime"
)

// sendJob has a channel carry to an owner what waits for it, or a morning's
// digest.
type sendJob struct {
	store.Parcel
	Digest *worktime.Date `json:"digest,omitempty"` // of this day; nil for none
}

// Kind of the job.
func (sendJob) Kind() string { return "send" }

func recipient(u directory.User, robot *ownRobot) notify.Recipient {
	return notify.Recipient{Name: u.Name, Email: u.Email, Language: languageOf(u), Robot: robot.spoken()}
}

// courier decides by which channels new notices go, and when.
type courier struct {
	now     time.Time
	morning time.Time // the next moment of working time, which may be now
	digest  time.Time // the next digest; zero when there is none
	choices map[store.Parcel]NoticeChoices
	robots  map[store.Owner]*ownRobot
}

// when says when a channel carries a notice to an owner, and whether as part of
// a digest; never when they do not want it. At night and on holidays what is
// not urgent waits: for the digest where its owner has one, else until work
// begins.
func (c courier) when(p store.Parcel, n store.Notice) (at time.Time, digest, never bool) {
	choices := c.choices[p]
	choice := *choices.of(n.Weight())
	switch {
	case choice == store.Never:
		return c.now, false, true
	case choice == store.InDigest && !c.digest.IsZero():
		return c.digest, true, false
	case n.Urgent:
		return c.now, false, false
	case choices.digests() && c.morning.After(c.now) && !c.digest.IsZero() && !c.digest.After(c.morning):
		return c.digest, true, false
	}
	return c.morning, false, false
}

// deliver has the channels carry new notices to those whom they reach, each as
// its reader chose. A department's robot is told once of what several of the
// department hear.
func (s *Service) deliver(ctx context.Context, notices []store.Notice, accounts map[string]store.Account) error {
	if len(s.channels) == 0 {
		return nil
	}
	var owners []store.Owner
	for _, a := range accounts {
		for _, o := range []store.Owner{{UserID: a.ID}, {DepartmentID: a.DepartmentID}} {
			if o != (store.Owner{}) && !slices.Contains(owners, o) {
				owners = append(owners, o)
			}
		}
	}
	c := courier{now: s.clock.Now()}
	calendar, err := s.calendar(ctx)
	if err != nil {
		return err
	}
	c.morning = workingAt(calendar, c.now)
	c.digest = s.nextDigest(calendar, c.now)
	if c.choices, err = s.choices(ctx, owners); err != nil {
		return err
	}
	if c.robots, err = s.robotsOf(ctx, owners); err != nil {
		return err
	}
	var deliveries []store.Delivery
	add := func(n store.Notice, p store.Parcel) {
		if at, digest, never := c.when(p, n); !never {
			deliveries = append(deliveries, store.Delivery{
				NoticeID: n.ID, Channel: p.Channel, UserID: p.UserID, DepartmentID: p.DepartmentID, SendAt: at, Digest: digest,
			})
		}
	}
	type told struct{ departmentID, ticketID, cause string }
	var groups []told
	for _, n := range notices {
		a := accounts[n.UserID]
		person, office := store.Owner{UserID: a.ID}, store.Owner{DepartmentID: a.DepartmentID}
		for _, channel := range s.channels {
			if channel.Reaches(recipient(a.User, c.robots[person])) {
				add(n, store.Parcel{Owner: person, Channel: channel.Name()})
			}
		}
		group := told{a.DepartmentID, n.TicketID, n.Cause}
		if c.robots[office] != nil && s.speaks() && heardByOffice(n) && !slices.Contains(groups, group) {
			groups = append(groups, group)
			add(n, store.Parcel{Owner: office, Channel: channelOffice})
		}
	}
	if err := s.giveAtOnce(ctx, c, deliveries); err != nil {
		return err
	}
	return s.store.InsertDeliveries(ctx, deliveries)
}

// speaks says whether robots are spoken by.
func (s *Service) speaks() bool {
	return slices.ContainsFunc(s.channels, func(c notify.Channel) bool { return c.Name() == channelRobot })
}

// heardByOffice says whether somebody hears a notice for their department:
// not who looks after the enterprise, or is told of something of their own.
func heardByOffice(n store.Notice) bool {
	return n.TicketID != "" && (n.Side == "lead" || n.Side == "joined")
}

// giveAtOnce gives jobs what is to be sent now. What a robot cannot say yet
// waits for its turn.
func (s *Service) giveAtOnce(ctx context.Context, c courier, deliveries []store.Delivery) error {
	jobs := map[store.Parcel]int64{}
	turns := map[store.Parcel]bool{}
	for i := range deliveries {
		d := &deliveries[i]
		if d.SendAt.After(c.now) {
			continue
		}
		p := store.Parcel{Owner: store.Owner{UserID: d.UserID, DepartmentID: d.DepartmentID}, Channel: d.Channel}
		turn, asked := turns[p]
		if !asked {
			var err error
			if turn, err = s.takeTurn(ctx, p, c.now); err != nil {
				return err
			}
			turns[p] = turn
		}
		if !turn {
			continue // the next tick finds it
		}
		if jobs[p] == 0 {
			var err error
			if jobs[p], err = s.queue.Enqueue(ctx, sendJob{Parcel: p}); err != nil {
				return err
			}
		}
		d.JobID = new(jobs[p])
	}
	return nil
}

// SendWaiting has everything sent that waited for the morning or a robot's
// turn, and returns to how many.
func (s *Service) SendWaiting(ctx context.Context) (int, error) {
	now := s.clock.Now()
	parcels, err := s.store.DueParcels(ctx, now)
	if err != nil || len(parcels) == 0 {
		return 0, err
	}
	given := 0
	err = s.InTx(ctx, func(ctx context.Context) error {
		given = 0
		for _, p := range parcels {
			turn, err := s.takeTurn(ctx, p, now)
			if err != nil {
				return err
			}
			if !turn {
				continue
			}
			id, err := s.queue.Enqueue(ctx, sendJob{Parcel: p})
			if err != nil {
				return err
			}
			if err := s.store.GiveParcel(ctx, p, id, now); err != nil {
				return err
			}
			given++
		}
		return nil
	})
	return given, err
}

// workOnSending carries what a job was given in one message. What was read or
// has gone out of sight meanwhile is left out.
func (s *Service) workOnSending(ctx context.Context, run store.Run, job sendJob) error {
	name := job.Channel
	if name == channelOffice {
		name = channelRobot
	}
	i := slices.IndexFunc(s.channels, func(c notify.Channel) bool { return c.Name() == name })
	if i < 0 {
		return store.GiveUp(fmt.Errorf("channel %s is not configured", job.Channel))
	}
	channel := s.channels[i]
	ids, err := s.store.Undelivered(ctx, run.JobID)
	if err != nil || len(ids) == 0 && job.Digest == nil {
		return err // another process was faster to give the same to a job
	}
	message, err := s.message(ctx, job, ids)
	if err != nil {
		return err
	}
	var sent error
	if message.says() && channel.Reaches(message.To) {
		sent = channel.Send(ctx, message.Message)
		if sent != nil && name != channelRobot && !notify.IsPermanent(sent) {
			return sent
		}
	}
	// It is sent: that must be written down even when the process is stopping.
	return s.endSending(context.WithoutCancel(ctx), run, job, message, sent)
}

// endSending writes down what came of sending.
func (s *Service) endSending(ctx context.Context, run store.Run, job sendJob, m letter, sent error) error {
	if m.robot != nil && m.says() {
		if err := s.endRobotRun(ctx, m.robot.Robot, sent, true); err != nil {
			return err
		}
	}
	switch {
	case notify.IsPermanent(sent):
		return store.GiveUp(sent)
	case sent == nil:
		return s.InTx(ctx, func(ctx context.Context) error { return s.store.EndDeliveries(ctx, run.JobID, s.clock.Now()) })
	}
	// It goes out with whatever comes up until the robot may speak again.
	return s.InTx(ctx, func(ctx context.Context) error {
		if job.Digest != nil {
			if err := s.store.DropDigest(ctx, job.Parcel, *job.Digest); err != nil {
				return err
			}
		}
		return s.store.ReturnParcel(ctx, run.JobID, s.clock.Now())
	})
}

// letter is a message and the robot that is to say it.
type letter struct {
	notify.Message
	robot *ownRobot
}

// says is false when there is nothing to say, or no longer.
func (l letter) says() bool {
	return len(l.Items) > 0 || l.Digest != nil && l.Digest.Red+l.Digest.Yellow > 0
}

// message puts an owner's notices into one message.
func (s *Service) message(ctx context.Context, job sendJob, ids []string) (letter, error) {
	var m letter
	to, err := s.addressee(ctx, job.Owner)
	if err != nil || to == nil {
		return m, err
	}
	m.To, m.At = to.to, s.clock.Now().In(s.zone)
	inGroup := job.Channel != channelMail
	if inGroup {
		m.robot = to.robot
	}
	rows, err := s.noticesFor(ctx, to, job.Owner, ids)
	if err != nil {
		return m, err
	}
	notices, err := s.showNotices(ctx, to.actor, m.To.Language, rows)
	if err != nil {
		return m, err
	}
	for _, n := range notices {
		m.Items = append(m.Items, itemOf(n, m.To.Language, inGroup))
	}
	if len(ids) > 0 {
		m.ID = ids[0]
	}
	if job.Digest != nil {
		m.ID = "digest-" + job.Digest.String() + "-" + job.UserID
		m.Digest, err = s.digestOf(ctx, to.actor, m.To.Language, inGroup)
	}
	return m, err
}

// noticesFor reads notices that are to be told, oldest first. What a person has
// read meanwhile is left out; a group is told whoever has read it.
func (s *Service) noticesFor(ctx context.Context, to *addressee, o store.Owner, ids []string) ([]store.Notice, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if o.DepartmentID != "" {
		return s.store.NoticesByID(ctx, ids)
	}
	rows, err := s.store.Notices(ctx, to.actor, store.NoticeFilter{IDs: ids, Unread: true})
	slices.Reverse(rows)
	return rows, err
}

// itemOf is a notice as it leaves the house: without the title of what is
// confidential. In a group chat there may be anybody, so that there not even
// whose it is is said.
func itemOf(n Notice, lang text.Language, inGroup bool) notify.Item {
	item := notify.Item{Subject: n.Number, Text: n.Text, Todo: n.Todo, Path: n.Path, Urgent: n.Urgent}
	switch {
	case !n.Confidential:
		item.Subject = strings.TrimSpace(n.Number + " " + n.Title)
	case inGroup:
		item.Text = lang.Get("notice.confidential")
	}
	return item
}
