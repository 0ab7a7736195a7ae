package service

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"whistle/internal/directory"
	"whistle/internal/figures"
	"whistle/internal/notify"
	"whistle/internal/store"
	"whistle/internal/tabular"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// PublishedBulletin is a bulletin that was sent round.
type PublishedBulletin = store.Bulletin

// bulletinRoles are for whom the bulletin is: who reads it on its page, and gets
// it by mail where they have an address.
var bulletinRoles = []ticket.Role{ticket.RoleLeader, ticket.RoleHead, ticket.RoleDispatcher}

func readsBulletin(actor ticket.Actor) bool {
	return slices.Contains(bulletinRoles, actor.Role) || actor.Role == ticket.RoleSystem
}

// noticeBulletin is the kind of a notice that a bulletin was published.
const noticeBulletin = "bulletin"

const (
	// bulletinNews is for how many days after its period a bulletin is told of and
	// mailed; of one that comes later, because nobody ran, the page tells alone.
	bulletinNews = 10
	bulletinMail = "mail" // the channel
)

// bulletinJob has a bulletin mailed to one reader.
type bulletinJob struct {
	Period figures.Kind  `json:"period"`
	To     worktime.Date `json:"to"` // its last day
	UserID string        `json:"user_id"`
}

// Kind names the job in the queue.
func (bulletinJob) Kind() string { return "bulletin" }

// PublishBulletins makes the bulletins of all weeks and months that are frozen
// and have none, and has them mailed after the commit. Others may do so at the
// same time: each is made once. It returns how many it made, and mails.
func (s *Service) PublishBulletins(ctx context.Context) (made, mails int, err error) {
	today := s.today()
	for _, kind := range []figures.Kind{figures.Weekly, figures.Monthly} {
		frozen, err := s.store.Snapshots(ctx, SnapshotFilter{Kind: kind, From: today.AddDays(-figures.CatchUpDays)})
		if err != nil {
			return made, mails, err
		}
		for i := range slices.Backward(frozen) {
			n, fresh, err := s.publishBulletin(ctx, &frozen[i])
			if err != nil {
				return made, mails, fmt.Errorf("%s bulletin to %s: %w", kind, frozen[i].ToDate, err)
			}
			if fresh {
				made, mails = made+1, mails+n
			}
		}
	}
	return made, mails, nil
}

func (s *Service) publishBulletin(ctx context.Context, of *figures.Snapshot) (mails int, fresh bool, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		var readers, to []directory.User
		if !of.ToDate.Before(s.today().AddDays(-bulletinNews)) {
			if readers, err = s.bulletinReaders(ctx); err != nil {
				return err
			}
		}
		if slices.ContainsFunc(s.channels, carriesBulletins) {
			to = slices.DeleteFunc(slices.Clone(readers), func(u directory.User) bool { return u.Email == "" })
		}
		mails = len(to)
		fresh, err = s.store.InsertBulletin(ctx, store.Bulletin{
			Kind: of.Kind, FromDate: of.FromDate, ToDate: of.ToDate, SnapshotID: of.ID, MadeAt: s.clock.Now(), Mails: mails,
		})
		if err != nil || !fresh {
			return err
		}
		for _, u := range to {
			if err := s.enqueue(ctx, bulletinJob{of.Kind, of.ToDate, u.ID}); err != nil {
				return err
			}
		}
		return s.tellOfBulletin(ctx, of, readers)
	})
	return mails, fresh, err
}

// tellOfBulletin tells its readers on the pages that a bulletin is there. No
// channel carries that: the mail brings the bulletin itself.
func (s *Service) tellOfBulletin(ctx context.Context, of *figures.Snapshot, readers []directory.User) error {
	notices := make([]store.Notice, len(readers))
	for i, u := range readers {
		notices[i] = store.Notice{
			ID: s.newID(), UserID: u.ID, Kind: noticeBulletin, Cause: noticeBulletin + " " + string(of.Kind) + " " + of.ToDate.String(), Side: "office", CreatedAt: s.clock.Now(),
			Data: store.NoticeData{Variant: string(of.Kind), Day: &of.ToDate},
		}
	}
	return s.writeNotices(ctx, notices, nil, false)
}

func carriesBulletins(c notify.Channel) bool { return c.Name() == bulletinMail }

// bulletinReaders are those for whom the bulletin is.
func (s *Service) bulletinReaders(ctx context.Context) ([]directory.User, error) {
	users, err := s.store.Users(ctx, ticket.System, UserFilter{})
	return slices.DeleteFunc(users, func(u directory.User) bool {
		return u.Retired() || !slices.Contains(bulletinRoles, u.Role)
	}), err
}

// workOnBulletin mails a bulletin to one reader, as they may read it.
func (s *Service) workOnBulletin(ctx context.Context, _ store.Run, job bulletinJob) error {
	i := slices.IndexFunc(s.channels, carriesBulletins)
	if i < 0 {
		return store.GiveUp(fmt.Errorf("channel %s is not configured", bulletinMail))
	}
	user, err := s.store.User(ctx, job.UserID)
	if err != nil {
		return err
	}
	to := recipient(user, nil)
	actor, err := s.actorOf(ctx, job.UserID)
	if err != nil || !readsBulletin(actor) || !s.channels[i].Reaches(to) {
		return nil //nolint:nilerr // who has left, or has another part now, gets none
	}
	var book bytes.Buffer
	read, err := s.BulletinBook(ctx, actor, job.Period, job.To, to.Language, &book)
	if err != nil {
		return err
	}
	period := read.Period
	err = s.channels[i].Send(ctx, notify.Message{
		ID: "bulletin-" + string(period.Kind) + "-" + period.ToDate.String() + "-" + job.UserID, To: to, At: s.clock.Now(),
		Items: []notify.Item{{
			Subject: to.Language.Get("bulletin.title_"+string(period.Kind)) + " " + period.FromDate.String() + "–" + period.ToDate.String(),
			Text:    bulletinSummary(read, to.Language), Path: BulletinPath(period),
		}},
		Attachments: []notify.Attachment{{Name: BulletinFileName(period, to.Language), MediaType: tabular.XLSX.ContentType(), Content: book.Bytes()}},
	})
	if notify.IsPermanent(err) {
		return store.GiveUp(err)
	}
	return err
}

// BulletinPath is the page of a period's bulletin.
func BulletinPath(p figures.Period) string {
	return "/bulletin?kind=" + string(p.Kind) + "&day=" + p.ToDate.String()
}

// bulletinSummary is the bulletin in a sentence.
func bulletinSummary(b *Bulletin, language text.Language) string {
	total := b.Published.Total
	percent := total.Rates["resolution_rate"].Percent()
	if percent == "" {
		return language.Get("bulletin.mail_none")
	}
	return language.Get("bulletin.mail", "Tickets", total.Tickets, "Solved", total.Solved, "Percent", percent)
}

// PublishedBulletins lists the bulletins that were made, the newest first. It is
// for whom the bulletin is.
func (s *Service) PublishedBulletins(ctx context.Context, actor ticket.Actor, limit int) ([]PublishedBulletin, error) {
	if !readsBulletin(actor) {
		return nil, errNoBulletin
	}
	return s.store.Bulletins(ctx, limit)
}
