package service

import (
	"context"

	"whistle/internal/text"
	"whistle/internal/ticket"
)

// SetLanguage chooses the language in which the actor is told things.
func (s *Service) SetLanguage(ctx context.Context, actor ticket.Actor, language text.Language) error {
	if _, ok := text.Parse(string(language)); !ok {
		return ticket.InvalidValues([]ticket.Field{{Pointer: "/language", Message: "must be one of: zh-CN, en"}})
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		return problem(s.store.SetLanguage(ctx, actor.ID, string(language)), "account")
	})
}
