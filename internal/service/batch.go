package service

import (
	"context"
	"errors"
	"slices"

	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Batch files many tickets with their stories at once, for imports and the
// demo. Each event is decided by the same rules as ever; only the writing is
// put off until the end, and what the rules ask about the directory is
// remembered.
type Batch struct {
	ctx     context.Context //nolint:containedctx // lives as long as the transaction that the batch is
	service *Service
	world   batchWorld
	stories []*store.Story
	byID    map[string]*store.Story
	serials []int64
}

// flushEvery bounds what a batch holds in memory, in tickets.
const flushEvery = 500

// Batch runs f in one transaction and writes what it filed.
func (s *Service) Batch(ctx context.Context, f func(b *Batch) error) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		b := &Batch{ctx: ctx, service: s, byID: map[string]*store.Story{}}
		b.world = batchWorld{s.world(ctx), b}
		if err := f(b); err != nil {
			return err
		}
		return b.flush()
	})
}

// File submits a ticket that was filed before and returns its id.
func (b *Batch) File(actor ticket.Actor, in ticket.SubmitInput, when Backdated) (string, error) {
	if len(b.stories) >= flushEvery {
		if err := b.flush(); err != nil {
			return "", err
		}
	}
	serial, err := b.serial()
	if err != nil {
		return "", err
	}
	cmd, err := b.service.submission(b.ctx, actor, in, when, serial)
	if err != nil {
		return "", err
	}
	story := &store.Story{Serial: serial, Facts: store.NewFactLog(cmd.New.ID)}
	if err := b.follow(story, cmd); err != nil {
		b.serials = append([]int64{serial}, b.serials...)
		return "", err
	}
	b.stories = append(b.stories, story)
	b.byID[cmd.New.ID] = story
	return cmd.New.ID, nil
}

// Fire lets an event befall a ticket of this batch, filed since the last
// flush or, slower, before it.
func (b *Batch) Fire(actor ticket.Actor, id string, c Command, when Backdated) error {
	story, ok := b.byID[id]
	if !ok {
		_, err := b.service.FireBackdated(b.ctx, actor, id, c, when)
		return err
	}
	if len(ticket.AttachmentsOf(c.Input)) > 0 {
		return errors.New("a batch carries no attachments")
	}
	cmd, err := b.service.command(b.ctx, actor, c, when)
	if err != nil {
		return err
	}
	return b.follow(story, cmd)
}

// Ticket is a ticket as it stands: one filed since the last flush or, slower,
// before it.
func (b *Batch) Ticket(id string) (*ticket.Ticket, bool) {
	if story, ok := b.byID[id]; ok {
		return story.Ticket, true
	}
	return b.world.world.Ticket(id)
}

// Discard forgets the ticket that was filed last, with its story.
func (b *Batch) Discard(id string) {
	delete(b.byID, id)
	b.stories = slices.DeleteFunc(b.stories, func(story *store.Story) bool { return story.Ticket.ID == id })
	if c := commitOf(b.ctx); c != nil {
		c.hints = slices.DeleteFunc(c.hints, func(h Hint) bool { return h.TicketID == id })
	}
}

func (b *Batch) follow(story *store.Story, cmd ticket.Command) error {
	after, line, err := ticket.Apply(story.Ticket, cmd, b.world.rules())
	if b.world.err != nil {
		return b.world.err
	}
	if err != nil {
		return err
	}
	story.Ticket = after
	story.Lines = append(story.Lines, line)
	story.Facts.Follow(after, line)
	hint(b.ctx, Hint{TicketID: line.TicketID, Version: line.Seq})
	return nil
}

func (b *Batch) serial() (int64, error) {
	if len(b.serials) == 0 {
		var err error
		if b.serials, err = b.service.store.NextSerials(b.ctx, flushEvery); err != nil {
			return 0, err
		}
	}
	serial := b.serials[0]
	b.serials = b.serials[1:]
	return serial, nil
}

func (b *Batch) flush() error {
	if err := b.service.store.InsertStories(b.ctx, b.stories); err != nil {
		return err
	}
	b.stories, b.byID = nil, map[string]*store.Story{}
	return nil
}

// batchWorld knows the tickets of its batch, too.
type batchWorld struct {
	*world
	batch *Batch
}

func (w batchWorld) rules() ticket.World {
	return ticket.World{Directory: w, Policies: w, Calendars: w}
}

// Ticket is one of the batch, or any other.
func (w batchWorld) Ticket(id string) (*ticket.Ticket, bool) { return w.batch.Ticket(id) }
