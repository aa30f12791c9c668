package sse_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

var (
	errOfProvider = errors.New("the provider has failed")
	errLogout     = errors.New("somebody has logged out")
)

// A parkedEnd is a way in which a parked stream ends.
type parkedEnd struct {
	name    string
	set     setting
	act     func(w *ward, client *patient)
	cause   error // nil if it is the application's own
	clean   bool
	last    string // what the stream ends with, if that is clean
	counted func(sse.Stats) uint64
	logged  string // what is logged as an error, and nothing else
	timed   bool   // time alone ends it
	unread  bool   // the client has not read
}

// farewells has streams end with an event.
func farewells(c *sse.Config) {
	c.LastEvent = func(*sse.Session, error) sse.Event { return sse.Event{Event: "bye", Data: "bye"} }
	c.StopRetry = time.Second
}

// impatient has a client that does not read be stuck soon.
func impatient(c *sse.HubConfig) { c.LogEvents, c.StallLimit, c.LagLimit = 10, 0, 0 }

var parkedEnds = []parkedEnd{
	{
		name: "stop", set: setting{plugin: farewells},
		act:   func(w *ward, _ *patient) { assert.NoError(w.t, w.stop()) },
		cause: sse.ErrStopping, clean: true, last: "event: bye\r\ndata: bye\r\nretry: ",
		counted: func(s sse.Stats) uint64 { return s.Stopped },
	},
	{
		name: "Close", set: setting{plugin: farewells},
		act:   func(w *ward, _ *patient) { w.session().Close() },
		cause: sse.ErrClosed, clean: true, last: "data: hello\r\n",
		counted: func(s sse.Stats) uint64 { return s.Closed },
	},
	{
		name:  "CloseAll",
		act:   func(w *ward, _ *patient) { w.sessions.CloseAll() },
		cause: sse.ErrClosed, clean: true, last: "data: hello\r\n",
		counted: func(s sse.Stats) uint64 { return s.Closed },
	},
	{
		name: "End", set: setting{plugin: farewells},
		act:   func(w *ward, _ *patient) { w.session().End(errLogout) },
		cause: errLogout, clean: true, last: "event: bye\r\ndata: bye\r\n\r\n",
		counted: func(s sse.Stats) uint64 { return s.Ended },
	},
	{
		name: "MaxAge",
		set: setting{plugin: func(c *sse.Config) {
			farewells(c)
			c.MaxAge = 300 * time.Millisecond
		}},
		timed: true,
		cause: sse.ErrTooOld, clean: true, last: "event: bye\r\ndata: bye\r\n\r\n",
		counted: func(s sse.Stats) uint64 { return s.TooOld },
	},
	{
		name: "Until",
		set: setting{plugin: func(c *sse.Config) {
			farewells(c)
			c.Until = func(*app.Call) (time.Time, bool) { return time.Now().Add(300 * time.Millisecond), true }
		}},
		timed: true,
		cause: sse.ErrExpired, clean: true, last: "event: bye\r\ndata: bye\r\n\r\n",
		counted: func(s sse.Stats) uint64 { return s.Expired },
	},
	{
		name: "the hub closes", set: setting{plugin: farewells},
		act:   func(w *ward, _ *patient) { w.hub.Close() },
		cause: sse.ErrClosed, clean: true, last: "data: hello\r\n",
		counted: func(s sse.Stats) uint64 { return s.Served },
	},
	{
		name: "the last topic is left", set: setting{plugin: farewells},
		act:   func(w *ward, _ *patient) { w.hub.Leave(w.session(), "news") },
		cause: sse.ErrClosed, clean: true, last: "data: hello\r\n",
		counted: func(s sse.Stats) uint64 { return s.Served },
	},
	{
		name: "the client closes", set: setting{plugin: farewells},
		act:   func(_ *ward, client *patient) { sever(client.conn) },
		cause: sse.ErrClientGone, unread: true,
		counted: func(s sse.Stats) uint64 { return s.ClientsGone },
	},
	{
		name: "the client is lost", set: setting{plugin: farewells},
		act:   func(_ *ward, client *patient) { reset(client.conn) },
		cause: sse.ErrClientGone, unread: true,
		counted: func(s sse.Stats) uint64 { return s.ClientsGone },
	},
	{
		name: "a filter panics",
		set: setting{plugin: farewells, serve: func(w *ward, s *sse.Session) error {
			return w.hub.Where(func(_ string, event sse.Event) bool {
				if event.Data == "boom" {
					panic("boom")
				}
				return true
			}).Join(s, "news")
		}},
		act:     func(w *ward, _ *patient) { w.publish("boom") },
		logged:  "boom",
		counted: func(s sse.Stats) uint64 { return s.Failed },
	},
	{
		name: "a heartbeat fails",
		set: setting{plugin: farewells, serve: func(w *ward, s *sse.Session) error {
			s.Heartbeat(func(h *sse.HeartbeatConfig) {
				h.Period = 20 * time.Millisecond
				h.EventProvider = func(context.Context) (sse.Event, error) {
					if w.broken.Load() {
						return sse.Event{}, errOfProvider
					}
					return sse.Event{Comments: "beat"}, nil
				}
			})
			return w.hub.Join(s, "news")
		}},
		act: func(w *ward, _ *patient) { w.broken.Store(true) }, cause: errOfProvider, logged: errOfProvider.Error(),
		counted: func(s sse.Stats) uint64 { return s.Failed },
	},
	{
		name: "OnEnd panics",
		set: setting{serve: func(w *ward, s *sse.Session) error {
			s.OnEnd(func(error) { panic("at the end") })
			return w.hub.Join(s, "news")
		}},
		act:   func(w *ward, _ *patient) { w.session().Close() },
		cause: sse.ErrClosed, clean: true, last: "data: hello\r\n",
		logged: "at the end", counted: func(s sse.Stats) uint64 { return s.Closed },
	},
	{
		name: "stuck at the stop", set: setting{
			plugin: farewells, hub: impatient,
			app: func(c *app.Config) { c.ShutdownGrace = 100 * time.Millisecond },
		},
		act: func(w *ward, _ *patient) {
			w.stuff()
			assert.NoError(w.t, w.stop())
		},
		cause: sse.ErrStopping, counted: func(s sse.Stats) uint64 { return s.Stopped },
	},
	{
		name: "stuck until the write times out", set: setting{plugin: func(c *sse.Config) {
			farewells(c)
			c.WriteTimeout = 200 * time.Millisecond
		}, hub: impatient},
		act:   func(w *ward, _ *patient) { w.flood() },
		cause: sse.ErrWriteTimeout, counted: func(s sse.Stats) uint64 { return s.WriteTimeouts },
	},
	{
		name: "stuck until publishers lose their patience", set: setting{plugin: farewells, hub: func(c *sse.HubConfig) {
			c.LogEvents, c.StallLimit = 10, 100*time.Millisecond
		}},
		act:     func(w *ward, _ *patient) { w.flood() },
		cause:   sse.ErrLagged,
		counted: func(s sse.Stats) uint64 { return s.Lagged },
	},
}

// TestEndsOfParkedStreams: what the client gets last, what the application is told,
// and that nothing is left, in the engine and in somebody else's server.
func TestEndsOfParkedStreams(t *testing.T) {
	t.Run("", func(t *testing.T) {
		for _, tr := range transports {
			for _, end := range parkedEnds {
				if end.timed && tr.name != "tcp" && tr.name != "memory" {
					continue // time passes there as well
				}
				for _, protocol := range []string{"HTTP/1.1", "HTTP/1.0"} {
					t.Run(tr.name+"/"+end.name+"/"+protocol, func(t *testing.T) {
						t.Parallel()
						tr.run(t, func(t *testing.T) { end.check(t, tr, protocol) })
					})
				}
			}
		}
	})
	requireNoneLeft(t)
}

// check has a stream end, over HTTP/1.0 in somebody else's server.
func (end parkedEnd) check(t *testing.T, tr transport, protocol string) {
	end.set.foreign = protocol == "HTTP/1.0"
	w := tr.open(t, end.set)
	client := w.park(protocol)
	if !end.timed {
		w.publish("hello")
		client.read("hello")
		end.act(w, client)
	}
	cause := <-w.ends
	if !end.unread {
		text, clean := client.rest()
		if end.clean || protocol == "HTTP/1.1" {
			assert.Equal(t, end.clean, clean)
		}
		if end.last != "" {
			assert.Contains(t, text, end.last)
		} else {
			assert.NotContains(t, text, "bye")
		}
		if errors.Is(end.cause, sse.ErrClosed) {
			assert.NotContains(t, text, "bye", "an end from inside")
		}
	}
	if end.cause != nil {
		require.ErrorIs(t, cause, end.cause)
	}
	w.wait("no stream is parked", func() bool { return w.sessions.Stats().Parked == 0 })
	require.NoError(t, w.stop()) // which waits for the call
	assert.EqualValues(t, 1, w.calls.Load(), "OnEnd is called once")
	stats := w.sessions.Stats()
	assert.EqualValues(t, 1, end.counted(stats), "%+v", stats)
	assert.Zero(t, stats.Open)
	assert.Zero(t, stats.Held)
	errs := w.log.take("level=ERROR")
	if end.logged == "" {
		assert.Empty(t, errs)
	} else if assert.Len(t, errs, 1) {
		assert.Contains(t, errs[0], end.logged)
	}
}
