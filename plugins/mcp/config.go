package mcphttp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"

	"github.com/chitor-go/chitor/plugins/sse"
)

// StoreConfig configures a [Store]. The functions that are given to [NewStore]
// find the defaults in it; later changes have no effect. A setting that is
// negative or 0 is a mistake.
type StoreConfig struct {
	// Broker is the log that the nodes share. Give it one of its own, because
	// what hubs publish pushes out what is needed here: another stream of Redis,
	// another name in NATS. It has to take messages of the length of the longest
	// that a tool sends, which is a little less than 1 MiB by default in NATS;
	// and how long it keeps them limits what outlasts a restart of all nodes.
	// Nil, the default, is a log of 10,000 messages and 64 MiB in the memory of this
	// process.
	Broker sse.Broker
	// Topic is what is published to. Stores of one log that differ in it know
	// nothing of one another. "mcp" by default.
	Topic string
	// MaxAge is for how long a message is kept, and a session that nobody uses:
	// that has no request, no stream that somebody reads, and no tool that runs.
	// An hour by default.
	MaxAge time.Duration
	// MaxSessionBytes is how many bytes of messages of one session are kept, in
	// the memory of each node. Each message counts 128 bytes more than it has.
	// The newest one is always kept. 4 MiB by default.
	MaxSessionBytes int
	// MaxBytes is the same for all sessions together: the oldest messages go
	// first, whoever they are for. 64 MiB by default.
	MaxBytes int
	// MaxSessions is how many sessions are known at once, on all nodes together.
	// The one that has not been used for the longest time is forgotten for one
	// more. 10,000 by default.
	MaxSessions int
}

func defaultStoreConfig() StoreConfig {
	return StoreConfig{
		Topic: "mcp", MaxAge: time.Hour,
		MaxSessionBytes: 4 << 20, MaxBytes: 64 << 20, MaxSessions: 10_000,
	}
}

func (c *StoreConfig) check() error {
	var wrong []error
	if c.Topic == "" {
		wrong = append(wrong, errors.New("the topic is empty"))
	}
	wrong = append(wrong,
		positive("MaxAge", c.MaxAge), positive("MaxSessionBytes", c.MaxSessionBytes),
		positive("MaxBytes", c.MaxBytes), positive("MaxSessions", c.MaxSessions))
	return errors.Join(wrong...)
}

// HandlerConfig configures a [Handler]. The functions that are given to
// [NewHandler] find the defaults in it; later changes have no effect.
type HandlerConfig struct {
	// User returns who sends a request, by the context of the request. The
	// sessions that somebody begins are for requests of the same user alone. By
	// default it is the UserID of the [auth.TokenInfo] that
	// [auth.RequireBearerToken] has put there; without one all users are the
	// same, and whoever knows the ID of a session may use it.
	User func(ctx context.Context) string
	// MaxBody is how many bytes the body of a request may have; more is 413. 1
	// MiB by default.
	MaxBody int64
	// SessionsOfUser is how many sessions one user may have at once, on all nodes
	// together; one more is 429. Those of users without a name are not counted.
	// 100 by default.
	SessionsOfUser int
	// DisableLocalhostProtection lets requests that come to a loopback address
	// name any host. The SDK answers 403 otherwise, because of DNS rebinding, and
	// so it does behind a proxy on the same machine that passes Host on, which
	// needs this. Off by default.
	DisableLocalhostProtection bool
}

func defaultHandlerConfig() HandlerConfig {
	return HandlerConfig{User: tokenUser, MaxBody: 1 << 20, SessionsOfUser: 100}
}

func tokenUser(ctx context.Context) string {
	if info := auth.TokenInfoFromContext(ctx); info != nil {
		return info.UserID
	}
	return ""
}

func (c *HandlerConfig) check() error {
	var wrong []error
	if c.User == nil {
		wrong = append(wrong, errors.New("the function User is nil"))
	}
	wrong = append(wrong, positive("MaxBody", c.MaxBody), positive("SessionsOfUser", c.SessionsOfUser))
	return errors.Join(wrong...)
}

func positive[N ~int | ~int64](name string, value N) error {
	if value > 0 {
		return nil
	}
	return fmt.Errorf("%s is %v, and has to be more than 0", name, value)
}
