package service

import (
	"context"
	"slices"

	"whistle/internal/notify"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Who is told what by which channel, and when.
type (
	Owner        = store.Owner
	NoticeChoice = store.Choice
	NoticeWeight = store.Weight
)

// The choices and the weights.
const (
	AtOnce   = store.AtOnce
	InDigest = store.InDigest
	Never    = store.Never

	WeightUrgent = store.WeightUrgent
	WeightTodo   = store.WeightTodo
	WeightNews   = store.WeightNews
)

// The channels. A department's robot is one of its own beside a person's, since
// both may be told of the same notice.
const (
	channelMail   = "mail"
	channelRobot  = notify.RobotChannel
	channelOffice = "office_robot"
)

// NoticeChoices are what is chosen of one channel.
type NoticeChoices struct {
	Urgent NoticeChoice `json:"urgent" enum:"at_once,digest,never" doc:"What is urgent: urgent tickets, missed deadlines, leaders' orders"`
	Todo   NoticeChoice `json:"todo" enum:"at_once,digest,never" doc:"What one is to do something about"`
	News   NoticeChoice `json:"news" enum:"at_once,digest,never" doc:"What one is only told of"`
}

// of is the place of a weight's choice.
func (c *NoticeChoices) of(w store.Weight) *store.Choice {
	switch w {
	case store.WeightUrgent:
		return &c.Urgent
	case store.WeightTodo:
		return &c.Todo
	case store.WeightNews:
	}
	return &c.News
}

// digests says whether anything is to come in the digest.
func (c *NoticeChoices) digests() bool {
	return slices.ContainsFunc(store.Weights(), func(w store.Weight) bool { return *c.of(w) == store.InDigest })
}

// choicesByDefault are those of who has chosen nothing.
func choicesByDefault(channel string) NoticeChoices {
	if channel == channelOffice {
		return NoticeChoices{store.AtOnce, store.AtOnce, store.InDigest} // a group is soon tired of news
	}
	return NoticeChoices{store.AtOnce, store.AtOnce, store.AtOnce}
}

// MyChannels is what somebody is told by each channel, beside the pages, where
// everything stands.
type MyChannels struct {
	Mail  NoticeChoices `json:"mail"`
	Robot NoticeChoices `json:"robot" doc:"One's own robot of a group chat"`
}

func (m *MyChannels) of(channel string) *NoticeChoices {
	if channel == channelRobot {
		return &m.Robot
	}
	return &m.Mail
}

// choices reads what owners chose, by owner and channel.
func (s *Service) choices(ctx context.Context, owners []store.Owner) (map[store.Parcel]NoticeChoices, error) {
	rows, err := s.store.Choices(ctx, owners)
	if err != nil {
		return nil, err
	}
	all := map[store.Parcel]NoticeChoices{}
	for _, o := range owners {
		for _, channel := range channelsOf(o) {
			all[store.Parcel{Owner: o, Channel: channel}] = choicesByDefault(channel)
		}
	}
	for _, row := range rows {
		p := store.Parcel{Owner: row.Owner, Channel: row.Channel}
		choices, ok := all[p]
		if !ok {
			continue
		}
		*choices.of(row.Weight) = row.Choice
		all[p] = choices
	}
	return all, nil
}

func channelsOf(o store.Owner) []string {
	if o.DepartmentID != "" {
		return []string{channelOffice}
	}
	return []string{channelMail, channelRobot}
}

// MyChannels reads what the actor chose.
func (s *Service) MyChannels(ctx context.Context, actor ticket.Actor) (MyChannels, error) {
	owner := store.Owner{UserID: actor.ID}
	all, err := s.choices(ctx, []store.Owner{owner})
	var mine MyChannels
	for _, channel := range channelsOf(owner) {
		*mine.of(channel) = all[store.Parcel{Owner: owner, Channel: channel}]
	}
	return mine, err
}

// MaySilence says whether somebody may do without urgent matters by mail. The
// offices may not: deadlines run, and a group chat may be gone tomorrow.
func MaySilence(actor ticket.Actor) bool {
	return actor.Role == ticket.RoleEnterprise || actor.Role == ticket.RoleGuest
}

// ChooseChannels sets what the actor is told by each channel.
func (s *Service) ChooseChannels(ctx context.Context, actor ticket.Actor, in MyChannels) error {
	owner := store.Owner{UserID: actor.ID}
	var faults []ticket.Field
	for _, channel := range channelsOf(owner) {
		for _, f := range ticket.CheckTags(*in.of(channel)) {
			f.Pointer = "/" + channel + f.Pointer
			faults = append(faults, f)
		}
	}
	if err := ticket.InvalidForm(faults); err != nil {
		return err
	}
	if in.Mail.Urgent == store.Never && !MaySilence(actor) {
		return ticket.InvalidValues([]ticket.Field{{Pointer: "/mail/urgent", Message: "must be at once or in the digest: what is urgent reaches an office by mail at least"}})
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		for _, channel := range channelsOf(owner) {
			if err := s.saveChoices(ctx, store.Parcel{Owner: owner, Channel: channel}, *in.of(channel)); err != nil {
				return err
			}
		}
		return nil
	})
}

// saveChoices writes what is chosen of one channel. Without digests, what waits
// for one comes by itself; who chooses them during the day has the first on the
// next.
func (s *Service) saveChoices(ctx context.Context, p store.Parcel, choices NoticeChoices) error {
	var rows []store.NoticeChoice
	for _, w := range store.Weights() {
		rows = append(rows, store.NoticeChoice{Owner: p.Owner, Channel: p.Channel, Weight: w, Choice: *choices.of(w)})
	}
	was, err := s.choices(ctx, []store.Owner{p.Owner})
	if err != nil {
		return err
	}
	if err := s.store.SaveChoices(ctx, rows); err != nil {
		return err
	}
	before := was[p]
	now := s.clock.Now()
	switch {
	case !choices.digests():
		return s.store.LeaveDigest(ctx, p)
	case !before.digests() && !now.Before(s.digestOn(s.today())):
		_, err = s.store.TakeDigest(ctx, p, s.today(), now)
	}
	return err
}
