package service

import (
	"context"
	"errors"

	"whistle/internal/store"
	"whistle/internal/ticket"
)

type requestIDKey struct{}

// WithRequestID marks what is done for one request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID is the id of the request that ctx serves; "" outside.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Translate gives the edges a *ticket.Error where the store's error has a
// meaning for callers, and any other error as it is.
func Translate(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return ticket.Errorf(ticket.CodeUnavailable, "This took too long and was given up. Try again in a few seconds.")
	}
	if store.Unavailable(err) {
		return ticket.Errorf(ticket.CodeUnavailable, "The database is away for the moment. Try again in a few seconds.")
	}
	return err
}

type remoteAddrKey struct{}

// WithRemoteAddr marks from which address a request came.
func WithRemoteAddr(ctx context.Context, addr string) context.Context {
	return context.WithValue(ctx, remoteAddrKey{}, addr)
}

// RemoteAddr is the address that the request of ctx came from; "" outside.
func RemoteAddr(ctx context.Context) string {
	addr, _ := ctx.Value(remoteAddrKey{}).(string)
	return addr
}

type userAgentKey struct{}

// WithUserAgent marks what a request says that it was sent with.
func WithUserAgent(ctx context.Context, agent string) context.Context {
	return context.WithValue(ctx, userAgentKey{}, agent)
}

// userAgent is what the request of ctx says that it was sent with; "" outside.
func userAgent(ctx context.Context) string {
	agent, _ := ctx.Value(userAgentKey{}).(string)
	return agent
}
