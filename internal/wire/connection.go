package wire

import (
	"context"
	"time"
)

// A Connection is what a server can say of one, and be told, besides what
// net/http passes on. Its methods may be called from any goroutine.
type Connection interface {
	// TakenAt returns when a write that had to wait was last known to make
	// progress; zero if none had to wait.
	TakenAt() time.Time
	// Allow says that the client may take nothing for timeout; 0 or less sets
	// no limit.
	Allow(timeout time.Duration)
}

type connectionKey struct{}

// WithConnection returns the context of a connection, for
// http.Server.ConnContext.
func WithConnection(ctx context.Context, connection Connection) context.Context {
	return context.WithValue(ctx, connectionKey{}, connection)
}

// ConnectionOf returns the connection of a request with this context, or nil.
func ConnectionOf(ctx context.Context) Connection {
	connection, _ := ctx.Value(connectionKey{}).(Connection)
	return connection
}
