// Package sse streams server-sent events to browsers and other clients, for as
// long as a function runs.
//
//	func Module(a *app.Application) {
//		a.Install(sse.Plugin)
//		routing.Routes(a, func(r *routing.Route) {
//			r.SSE("/ticks", func(s *sse.Session) error {
//				for i := 0; ; i++ {
//					if err := s.Send(sse.Event{Event: "tick", Data: fmt.Sprint(i)}); err != nil {
//						return err
//					}
//					if err := s.Delay(time.Second); err != nil {
//						return err // the client has gone, or the application stops
//					}
//				}
//			})
//		})
//	}
//
//	func main() {
//		if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// A browser reads the stream with new EventSource("/ticks"). So does anything
// else that understands text/event-stream (HTML standard, section 9.2), such as
// client/eventsource in Go, or the [Reader] of this package for a response that
// is there already.
//
// # Two ways to open a stream
//
// The SSE method of a route declares a stream for GET. [Respond] opens one from
// any handler and for any method, when validation and authentication are done:
// status, cookies and headers that were set before are sent with it, and an
// error returned before it becomes an ordinary response. A response of 204 tells
// an EventSource not to come back.
//
// # Broadcast
//
//	hub := sse.NewHub(a)
//	routing.Routes(a, func(r *routing.Route) {
//		r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
//		r.Post("/news", func(c *app.Call) error {
//			text, err := c.ReceiveText()
//			if err != nil {
//				return err
//			}
//			if err := hub.Publish(c.Context(), "news", sse.Event{Data: text}); err != nil {
//				return err
//			}
//			return c.RespondStatus(http.StatusNoContent)
//		})
//	})
//
// A [Hub] passes an event on to all sessions that have joined its topic. Join
// does not block: the stream goes on when its function has returned. A client
// that comes back gets what it has missed, by its last event ID, or is told that
// this is lost. One that reads slowly holds nobody up for longer than
// [HubConfig] allows. [Hub.Where] filters, [Hub.Newest] skips what is out of
// date, and a [Broker] makes one hub of those of many nodes: plugins/sse/nats has
// one on NATS JetStream, plugins/sse/redis one on Redis Streams.
//
// # The life of a stream
//
// The head is 200, or the status that was set, Content-Type: text/event-stream,
// Cache-Control: no-store, no-transform and X-Accel-Buffering: no, so that no
// cache keeps the stream, no proxy compresses it, and no nginx holds it back. It
// leaves with the first event, or when the function that serves the stream begins
// to wait by Delay or SendFrom, and after 100 ms in any case. What the function
// returns or panics with before that is an answer like any other: [app.NewError]
// with 404 for a room that is not there. A browser's EventSource gives up on any
// status but 200.
//
// The [Session] is open for as long as that function runs, and after that for as
// long as it has joined a hub. Each [Event] is encoded as one; events from several
// goroutines never interleave. They leave at once, and in a flood together: see
// [Session.Send]. An event that has no safe form is refused with
// [ErrInvalidEvent] and does no harm. Any other error of Send or Delay means that
// the session has ended, and wraps the cause, so a function that returns every
// error it gets ends when it should. The causes are [ErrClosed], [ErrStopping],
// [ErrClientGone], [ErrWriteTimeout], [ErrLagged], [ErrTooOld] and [ErrExpired],
// and what [Session.End] was given. What is to be done when the stream has ended
// is for [Session.OnEnd].
//
// The context of the session ends with the cause at once, without a write
// having to fail, so a function that waits for something else should wait for
// [Session.Context] as well. After a stop, MaxAge, Until, [Session.End] and a
// deadline of the call the client is still there: Send works a little longer, for
// a last word. The cause decides how the stream ends, not what the function
// returns. A deadline that somebody has set for the call cuts the stream off,
// unless the function deals with it and returns nil. If the function fails, by an
// error or a panic, while its session is alive, the stream is cut off as well, so
// that the client, and every proxy between, can tell it from a whole one; the
// error is logged. In Ktor that is a clean end, as it is here with
// [Config].EndCleanly. Work that
// was started by [Session.Go] counts as part of the function.
//
// A client that was cut off, or whose stream has ended, comes back by itself and
// says in [Session.LastEventID] where it left off, if the events had IDs.
//
// # Write time-out
//
// WriteTimeout, the plugin's or else the application's (30 s unless configured,
// see [app.Config]), limits how long each event may be on its way, and of an
// event beyond 32 KiB each piece. A client that has not taken it by then has
// lost its stream, and no other client notices. A client that reads slowly but
// steadily, and a stream in which nothing happens for hours, are left alone.
//
// # Heartbeat
//
// Proxies and load balancers close connections that are silent, often after 30
// to 60 s. [Session.Heartbeat] sends a comment, which clients do not see, or any
// other event, at once and then again and again. It costs a timer, not a
// goroutine, and its pace does not depend on other sessions or, unless OnlyIdle
// is set, on what else is sent. [Config.Heartbeat] gives one to every stream.
//
// # Limits
//
// A server that is asked for more than MaxSessions streams, or for more than
// MaxSessionsPerKey by one client, refuses with 503 or 429, before a head is
// sent. MaxAge ends each session after some time, and Until when what its client
// has logged in with expires. [SessionsOf] returns the sessions that are open, to
// count them, and to end those of a user who has logged out.
//
// # Stop
//
// Sessions are told at once when the application begins to stop. With LastEvent
// and StopRetry their clients are told too: what has happened, and when to come
// back. LastEvent is asked after the other ends from outside as well.
//
// Each stream that has ended leaves one line in the log, at debug level, with
// its cause, duration, events and bytes; a failed one leaves that of the call,
// at error level.
//
// # Requests with a body, and other plugins
//
// A request with a body should be read before the stream is opened. What is left
// of it, up to 256 KiB, is read then, see [app.Call.DiscardBody]; a client that
// still has more to send is only found to be gone when a write fails. Over
// HTTP/2, and after http.ResponseController.EnableFullDuplex, the body is left
// alone, and can be read while the stream is written.
//
// Other plugins ask [IsEventStream] whether the response is a stream, and leave
// it alone.
//
// Ktor: io.ktor.server.sse.
package sse
