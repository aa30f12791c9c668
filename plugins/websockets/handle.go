package websockets

import (
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// Handle adds a WebSocket for GET requests and returns its route: serve runs when
// the handshake is done, and the client is told goodbye when it returns: 1000
// after nil, 1011 after an error, of which the log has the text and the client
// none. The application needs [Plugin]. Without it, and with a nil function or
// option, Start returns a mistake.
//
// Requests that are no handshake are refused, see [Respond]. For an ordinary
// response at the same path declare the WebSocket below a condition:
//
//	r.Get("/chat", page)
//	websockets.Handle(r.Header("Upgrade", "websocket"), "/chat", chat)
//
// Ktor: webSocket.
func Handle(r *routing.Route, path string, serve func(*Session) error, choices ...Option) *routing.Route {
	site, what := app.Caller(1), "route WebSocket "+path
	a := r.Application()
	_, wrong := newOptions(&Config{}, choices)
	if serve == nil {
		wrong = errors.New("the handler is nil")
	}
	var route *routing.Route
	r.DeclareAt(site, func(r *routing.Route) {
		route = r.Get(path, func(c *app.Call) error { return Respond(c, serve, choices...) })
	})
	if wrong != nil {
		a.FailAt(site, fmt.Errorf("%s: %w", what, wrong))
		return route
	}
	a.OnModulesLoaded(func() error {
		if _, installed := Plugin.In(a); !installed {
			a.FailAt(site, fmt.Errorf("%s: %w", what, errNotInstalled))
		}
		return nil
	})
	return route
}

var errNotInstalled = errors.New("the plugin WebSockets is not installed: call a.Install(websockets.Plugin)")

// Respond makes the call a WebSocket, from any handler for GET, so that
// validation and authentication come first: headers and cookies that were set
// before are sent with the 101. It returns when the WebSocket is closed. An error
// of serve was told the client as a close code, and is returned for the log.
//
// A request that is no handshake of RFC 6455, or one over HTTP/2, is refused with
// 426, a malformed one, and one that asks for none of the [Subprotocols], with
// 400, one of a page of a foreign origin with 403, and one for which there is no
// room with 503 or 429. These are errors like those of any handler, and serve
// does not run.
//
// Ktor: WebSocketUpgrade.
func Respond(c *app.Call, serve func(*Session) error, choices ...Option) error {
	sessions, installed := SessionsOf(c.Scope())
	switch {
	case !installed:
		return fmt.Errorf("respond with a WebSocket: %w", errNotInstalled)
	case serve == nil:
		return errors.New("respond with a WebSocket: the function that serves it is nil")
	}
	chosen, err := newOptions(&sessions.config, choices)
	if err != nil {
		return fmt.Errorf("respond with a WebSocket: %w", err)
	}
	if err = sessions.check(c, chosen.subprotocols); err == nil {
		chosen.lastEventID, err = lastEventID(c)
	}
	if err != nil {
		sessions.refused.Add(1)
		return err
	}
	key := sessions.room.Key(c)
	if err := sessions.room.Admit(c, key); err != nil {
		return err
	}
	defer sessions.room.Leave(key)
	socket, conn, err := sessions.accept(c, chosen.subprotocols)
	if err != nil {
		return err
	}
	return sessions.run(newSession(c, sessions, socket, conn, chosen), serve)
}
