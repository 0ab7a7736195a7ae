package service

import (
	"context"

	"whistle/internal/store"
	"whistle/internal/ticket"
)

// Once carries out a command under an idempotency key, in one transaction with
// the keeping of its answer: the same key and body give the first answer
// again. The answer of do is returned when it ran, the kept one when it did
// not; the caller tells them apart by whether do was called. Only successes
// are kept.
func (s *Service) Once(ctx context.Context, actor ticket.Actor, route, key, bodyHash string, do func(ctx context.Context) ([]byte, error)) ([]byte, error) {
	var answer []byte
	err := s.InTx(ctx, func(ctx context.Context) error {
		k := store.IdempotencyKey{ActorID: actor.ID, Route: route, Key: key, BodyHash: bodyHash, CreatedAt: s.wall.Now()}
		kept, fresh, err := s.store.TakeKey(ctx, k)
		if err != nil {
			return err
		}
		if !fresh {
			if kept.BodyHash != bodyHash {
				return &ticket.Error{Code: ticket.CodeInvalidValue, Message: "This Idempotency-Key was used with another body. Take a new key for a new request."}
			}
			answer = []byte(kept.Answer)
			return nil
		}
		if answer, err = do(ctx); err != nil {
			return err
		}
		return s.store.KeepAnswer(ctx, k, string(answer))
	})
	return answer, err
}
