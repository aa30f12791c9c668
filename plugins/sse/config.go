package sse

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config configures [Plugin]. It is read when the plugin is installed; later
// changes have no effect. A setting that is negative is a mistake, unless its
// comment says what it means.
type Config struct {
	// Serializer turns the values that SendValue is given into data, for
	// streams that name none of their own. Nil, the default, is none: then
	// SendValue fails.
	Serializer Serializer
	// LastEventIDLimit is how many bytes of a last event ID are accepted; a
	// longer one is refused with 400, after which an EventSource does not come
	// back. So an event with a longer ID is refused with [ErrInvalidEvent]. 256
	// by default; 0 sets no limit but that of the server for headers.
	LastEventIDLimit int
	// LastEventIDQuery lets the query parameter lastEventId stand in for a
	// Last-Event-ID header that is missing, for clients that open a new
	// EventSource to resume. Off by default.
	LastEventIDQuery bool
	// WriteTimeout bounds how long one event, and of a large one each piece of
	// 32 KiB, may be on its way; the client that does not take it then is cut
	// off. 0, the default, is the WriteTimeout of [app.Config]; a negative one
	// sets no limit.
	WriteTimeout time.Duration
	// MaxSessions is how many sessions may be open at once; one more is refused
	// with 503 and Retry-After. 100,000 by default, which takes about 3 GB, or 0.5
	// GB if they are parked; 0 sets no limit. That it is reached is logged at most once a minute;
	// [Stats] counts.
	MaxSessions int
	// MaxSessionsPerKey is how many sessions of one key may be open at once;
	// one more is refused with 429 and Retry-After. 0, the default, sets no
	// limit.
	MaxSessionsPerKey int
	// Key returns what MaxSessionsPerKey counts by, such as the name of a user;
	// an empty key is not limited. It runs before the stream begins, in the
	// goroutine of the call, and not at all without MaxSessionsPerKey. Nil, the
	// default, counts by the address of the client, of IPv6 by the network of
	// 64 bits: that of [app.Call.Origin], which is the address of the proxy
	// unless ForwardedHeaders or XForwardedHeaders trusts it. All clients that
	// a proxy names alike, such as "unknown", count together.
	Key func(c *app.Call) string
	// RetryAfter is what clients that were refused are told to wait, in whole
	// seconds, rounded up. 5 s by default; 0 tells them nothing. A browser's
	// EventSource does not come back after a refusal.
	RetryAfter time.Duration
	// MaxAge is how long a session may last; it ends with [ErrTooOld] then,
	// cleanly, and clients come back: to another server behind a load balancer,
	// and with credentials that still hold. Each session gets between 80 and
	// 100 % of it, so that not all come at once. 0, the default, sets no limit.
	MaxAge time.Duration
	// Until returns until when a session may last, and whether there is such a
	// time: then it ends with [ErrExpired], cleanly. It may be
	// authentication.Until, so that a stream does not outlive what its client has
	// logged in with. It is asked once, in the goroutine of the call, before the
	// function that serves the stream runs and when the session is among
	// [Sessions] already: if it looks at who has logged out, it finds whom a
	// logout does not find there. A time that has passed ends the session at
	// once, and its function does not run. A panic is one of that function. Nil,
	// the default, sets no limit.
	Until func(c *app.Call) (end time.Time, limited bool)
	// LastEvent returns what is sent to a session that has ended from outside,
	// when its function has returned and after whatever that has said: the cause
	// is [ErrStopping], [ErrTooOld], [ErrExpired], one that wraps what
	// [Session.End] was given, or that of a context which somebody has put around
	// the call, such as [context.DeadlineExceeded]; after the last the event
	// makes the end a clean one. The zero Event sends nothing. It runs in
	// the goroutine of the call, of many sessions at once. Nil, the default,
	// sends nothing.
	LastEvent func(s *Session, cause error) Event
	// StopRetry tells the clients of an application that stops how long to wait
	// before they reconnect: each a time of its own between StopRetry and twice
	// as much, so that they do not all come at once. It goes with LastEvent,
	// unless that sets a Retry. It is not for the other ends, after which the
	// server is there. 0, the default, tells them nothing.
	StopRetry time.Duration
	// Parking says which streams are parked, that is without a goroutine and the
	// buffers of the server, when they have joined a [Hub] and their function has
	// returned. [ParkSafely], the default, parks those around which no code is
	// known to act at the end of the stream.
	Parking Parking
	// EndCleanly ends a stream whose function fails as if it had not, which is
	// what Ktor does. By default the stream is cut off, so that clients and
	// proxies can tell it from a whole one.
	EndCleanly bool

	heartbeat *HeartbeatConfig // of every session; nil if none was asked for
	mistakes  mistakes.List    // of what Heartbeat was given
	sessions  *Sessions        // set when the plugin is installed
}

func defaultConfig() Config {
	return Config{LastEventIDLimit: 256, MaxSessions: 100_000, RetryAfter: 5 * time.Second}
}

// Heartbeat gives every session a heartbeat, as [Session.Heartbeat] does, which
// may replace it. It is best combined with OnlyIdle. Without it there is none
// that the function of a stream does not ask for. A configuration function that
// is nil is a mistake, which Start returns.
func (c *Config) Heartbeat(configure ...func(*HeartbeatConfig)) {
	config, mistake := newHeartbeatConfig(configure)
	c.heartbeat = config
	c.mistakes.Add(mistake)
}

// Sessions returns what [SessionsOf] returns, for those who have the
// configuration at hand. It is nil before the plugin is installed:
//
//	config, installed := sse.Plugin.In(a)
func (c *Config) Sessions() *Sessions { return c.sessions }

// validate returns all that is wrong with the configuration.
func (c *Config) validate() error {
	wrong := slices.Clone(c.mistakes)
	for _, setting := range []struct {
		name     string
		negative bool
	}{
		{"LastEventIDLimit", c.LastEventIDLimit < 0},
		{"MaxSessions", c.MaxSessions < 0},
		{"MaxSessionsPerKey", c.MaxSessionsPerKey < 0},
		{"RetryAfter", c.RetryAfter < 0},
		{"MaxAge", c.MaxAge < 0},
		{"StopRetry", c.StopRetry < 0},
	} {
		if setting.negative {
			wrong.Add(errors.New(setting.name + " is negative"))
		}
	}
	if c.Parking < ParkSafely || c.Parking > ParkNever {
		wrong.Add(fmt.Errorf("there is no Parking(%d)", c.Parking))
	}
	if c.heartbeat != nil && c.heartbeat.EventProvider == nil {
		if _, err := c.appendEvent(nil, c.heartbeat.Event); err != nil {
			wrong.Add(fmt.Errorf("heartbeat: %w", err))
		}
	}
	return wrong.Err()
}

// appendEvent appends an event as it goes over the wire, if a client may come
// back with it.
func (c *Config) appendEvent(b []byte, event Event) ([]byte, error) {
	if limit := c.LastEventIDLimit; limit > 0 && len(event.ID) > limit {
		return b, fmt.Errorf("%w: id %.100q has %d bytes, and LastEventIDLimit lets clients come back with %d",
			ErrInvalidEvent, event.ID, len(event.ID), limit)
	}
	return event.AppendText(b)
}

// spread adds a random part of extra, so that what clients do does not fall
// together.
func spread(least, extra time.Duration) time.Duration {
	random := rand.Float64() //nolint:gosec // nobody gains by guessing it
	return least + time.Duration(random*float64(extra))
}
