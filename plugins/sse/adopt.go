package sse

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// AdoptConfig configures [Adopt]. What it does not say, such as MaxSessions, MaxAge
// and WriteTimeout, is that of [Config].
type AdoptConfig struct {
	// Heartbeat is for how long a stream is silent before a comment is sent, and
	// from one comment to the next. It is sent between two events alone: if the
	// handler has written a part of one, the next is due a Heartbeat later. What
	// the handler has written and not flushed leaves with it. 15 s by default; 0
	// sends none.
	Heartbeat time.Duration
	// HeadAfter is for how long the handler may be silent before the head of a
	// stream leaves without it, and a comment, for requests that want a stream.
	// Proxies and clients that give up on a silent server, such as those of
	// models that think, are kept so. The price is that the handler's own head
	// comes too late: its header fields are lost, and an answer that is no stream
	// becomes an event, see Failed. The handler gets a call of its own, as inside
	// of http.TimeoutHandler, and the request without Accept-Encoding. A body is
	// read into memory first, up to [app.Call.BodyLimit]; a longer one has no head
	// sent ahead. A stream of [Respond] that comes too late is a session within that
	// of the head. 0, the default, leaves the head to the handler.
	HeadAfter time.Duration
	// LastEvent is that of [Config] for streams that were adopted: it returns what
	// is sent to one that has ended from outside, behind whatever the handler has
	// still written, and if that has not left off inside of an event. It is for
	// clients that take a clean end for the whole, as those of models do. Nil, the
	// default, and the zero Event send nothing.
	LastEvent func(s *Session, cause error) Event
	// Wants reports whether a request wants a stream, for HeadAfter. It may look
	// into the body by [app.Call.Preview]. Nil, the default, takes one whose Accept
	// names text/event-stream and no JSON, and one whose JSON body has a field
	// "stream" that is true.
	Wants func(c *app.Call) bool
	// Failed returns the event that tells the client of an answer that is no
	// stream, when a head was sent ahead of it; the zero Event tells nothing. Nil,
	// the default, is an event of the type "error", whose data is the JSON that
	// was answered, or else {"error":{"message":…,"code":…}} with the text or the
	// status, as the clients of models expect it.
	Failed func(c *app.Call, failure AdoptFailure) Event
}

// An AdoptFailure is an answer that came too late to be one. All of it was meant for
// the client.
type AdoptFailure struct {
	// Status is the status of the answer.
	Status int
	// ContentType is the type of Body, "" if it is not known.
	ContentType string
	// Body is what was answered, up to 64 KiB. It must not be kept.
	Body []byte
}

// Adopt gives event streams that foreign handlers write, such as the SDKs' of MCP
// and Datastar, or a proxy's, what the application's own streams have: they are
// among [Sessions], with its limits, its counters and its line in the log, they end
// cleanly and at once when the application stops, and comments keep them alive. It
// is installed on a route, or on the root of all routes:
//
//	r.Mount("/mcp", handler).Install(sse.Adopt)
//
// What a handler writes leaves as it is, byte for byte and when it flushes. It is
// adopted when its head says text/event-stream with 200, and neither a
// Content-Length nor a Content-Encoding. Everything else, HEAD, a stream of
// [Respond] and what is behind a middleware that cannot flush is left alone. A
// stream for which there is no room is refused in place of its head.
//
// The session is [Session.End]ed, counted and watched like any other; sending to it
// and joining a hub fail. LastEvent, StopRetry and Heartbeat of [Config] are not for
// it: [AdoptConfig] has what is. The context of the handler's request ends with the
// session, from a stop at once. What the handler returns or panics with after that,
// as a proxy does with http.ErrAbortHandler, is a clean end. The head gets
// X-Accel-Buffering and Cache-Control where it has none, and no-transform.
// Compression leaves the stream alone unless EventStreams is set there.
//
// [Plugin] has to be installed. What this is not for: a handler that writes with
// two goroutines, or to a connection that it has taken.
var Adopt = app.NewScopedPlugin("SSEAdopt", defaultAdoptConfig, setupAdopt)

func defaultAdoptConfig() AdoptConfig { return AdoptConfig{Heartbeat: 15 * time.Second} }

func setupAdopt(b *app.PluginBuilder[AdoptConfig]) error {
	config := b.Config()
	var wrong mistakes.List
	if config.Heartbeat < 0 {
		wrong.Add(errors.New("Heartbeat is negative"))
	}
	if config.HeadAfter < 0 {
		wrong.Add(errors.New("HeadAfter is negative"))
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	b.OnModulesLoaded(func() error {
		if _, installed := Plugin.In(b.Application()); !installed {
			return errors.New("the plugin SSE is not installed: call a.Install(sse.Plugin)")
		}
		return nil
	})
	b.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
		return func(c *app.Call) error { return config.adopt(c, next) }
	})
	return nil
}

// adopt runs next, and makes a session of its answer if that is an event stream.
func (config *AdoptConfig) adopt(c *app.Call, next app.Handler) error {
	sessions, installed := SessionsOf(c.Scope())
	if !installed || c.Answered() || c.Endpoint().Streams() || c.Request.Method == http.MethodHead || !c.CanFlush() {
		return next(c)
	}
	ctx, tell := context.WithCancelCause(c.Context())
	defer tell(nil)
	a := &adoption{
		ResponseWriter: c.Writer(), call: c, asked: c.Request, callCtx: c.Context(), tell: tell,
		sessions: sessions, config: config,
	}
	serve := a.serve
	if config.mayHurry(c) { // which may put the body in memory
		serve = a.serveAhead
	}
	var result error
	app.Attempt(
		func() error { return serve(c.Request.WithContext(ctx), next) },
		func(err error) { result = a.conclude(err) },
	)
	return result
}
