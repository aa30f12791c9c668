// Package websockets opens WebSockets (RFC 6455): messages both ways, for as long
// as a function runs.
//
//	func Module(a *app.Application) {
//		a.Install(websockets.Plugin)
//		routing.Routes(a, func(r *routing.Route) {
//			websockets.Handle(r, "/echo", func(s *websockets.Session) error {
//				for {
//					message, err := s.Receive()
//					if err != nil {
//						return err // the client has closed it or gone, or the application stops
//					}
//					if err := s.Send(message); err != nil {
//						return err
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
// A browser opens it with new WebSocket("ws://localhost:8080/echo"). Where data
// goes to the client alone, an event stream of plugins/sse is the simpler thing:
// it comes back by itself, and passes every proxy.
//
// # Two ways to open one
//
// [Handle] declares a WebSocket for a route. [Respond] opens one from any handler
// for GET, when validation and authentication are done; an error returned before
// it is an ordinary response. Pages of other origins are refused with 403 unless
// [Config.AllowOrigin] names them: a browser sends the cookies of its user with
// the handshake, whichever page has asked for it.
//
// # The life of a WebSocket
//
// The [Session] is open for as long as the function runs, and the work that it has
// started by [Session.Go]. Messages are sent by [Session.Send] and its like from
// any goroutine, and received by [Session.Receive]: each of a client that sends
// waits in the network until somebody asks for it. Large ones pass in fragments,
// by [Session.Writer] and [Session.Reader], and values by [Session.SendValue] and
// [Session.ReceiveValue], which a [Converter] makes messages of.
//
// An error of sending or receiving means that the session has ended, and wraps the
// cause, so a function that returns every error it gets ends when it should: one of
// [ErrClosed], [ErrStopping], [ErrClientClosed], [ErrClientGone],
// [ErrWriteTimeout], [ErrPingTimeout], [ErrLagged], [ErrTooOld], [ErrExpired],
// [ErrProtocol], [ErrTooBig] and [ErrInvalidData], and what [Session.End] was given. The errors of
// a message that cannot be sent or read, [ErrInvalidMessage] and [ErrInvalidData]
// of ReceiveValue, change nothing.
//
// The cause decides what the client is told, not what the function returns
// afterwards. It is told at once, whatever the function is doing, and has 5 s for
// its part of closing. If the function fails while its session is alive, by an
// error or a panic, the client gets 1011, and the text stays in the log. Only a
// [CloseReason] is made to be shown: as an error of the function, and given to End.
//
// # A hub
//
// A session joins the topics of a hub of plugins/sse by hub.Join(s, "news"), and
// gets its events while the function goes on, until that returns. An event is a
// message of its data, unless the WebSocket has another [EventForm]. A client that
// does not keep up holds up nobody for long: its session ends with [ErrLagged], and
// it may come back and resume, see [JSONEvents].
//
// # Limits
//
// A message has 1 MiB, a client that does not read is cut off after WriteTimeout,
// one that does not answer a ping after PingPeriod and Timeout, and there are at
// most 100,000 sessions: see [Config]. [SessionsOf] returns the sessions that are
// open, to count them, and to end those of a user who has logged out.
//
// # Stop
//
// When the application begins to stop each client gets 1001 at once. The connection
// of one that does not answer is closed when the grace period is over.
//
// Each WebSocket that has ended leaves one line in the log, at debug level, with
// its cause, duration, messages and bytes; a failed one leaves that of the call, at
// error level.
//
// # What is declined
//
// Frames as they are on the wire (Ktor's webSocketRaw), and extensions of one's
// own: the library below, github.com/coder/websocket, has neither.
//
// Ktor: io.ktor.server.websocket.
package websockets
