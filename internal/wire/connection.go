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
	// Detach says that the application hijacks the connection next, for a
	// response that goes on without a goroutine of the server. What limits its
	// writes stays as it is, where any other hijack ends that. It has no effect
	// over HTTP/2, nor if the connection is not hijacked after all.
	Detach()
	// Values returns the context of all requests on the connection, which ends
	// with the application and not with the connection. It has the values that a
	// request arrives with.
	Values() context.Context
}

// ConnectionKey is that of a [Connection] in the contexts of its requests.
type ConnectionKey struct{}

// ConnectionOf returns the connection of a request with this context, or nil.
func ConnectionOf(ctx context.Context) Connection {
	connection, _ := ctx.Value(ConnectionKey{}).(Connection)
	return connection
}
