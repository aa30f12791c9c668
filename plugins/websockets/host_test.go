package websockets_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// serving is a module with one WebSocket, at "/".
func serving(serve func(*websockets.Session) error, options ...websockets.Option) app.Module {
	return configured(nil, serve, options...)
}

// configured is serving with a configuration of the plugin.
func configured(
	configure func(*websockets.Config), serve func(*websockets.Session) error, options ...websockets.Option,
) app.Module {
	return func(a *app.Application) {
		if configure == nil {
			a.Install(websockets.Plugin)
		} else {
			a.Install(websockets.Plugin.With(configure))
		}
		routing.Routes(a, func(r *routing.Route) { websockets.Handle(r, "/", serve, options...) })
	}
}

// echo sends back what comes.
func echo(s *websockets.Session) error {
	for {
		message, err := s.Receive()
		if err != nil {
			return err
		}
		if err := s.Send(message); err != nil {
			return err
		}
	}
}

// dial opens a WebSocket. The connection is closed when the test ends.
func dial(t *testing.T, host *apptest.Host, options ...func(*websocket.DialOptions)) *websocket.Conn {
	t.Helper()
	conn, response, err := tryDial(t, host, options...)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
	return conn
}

func tryDial(
	t *testing.T, host *apptest.Host, options ...func(*websocket.DialOptions),
) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	configuration := &websocket.DialOptions{HTTPClient: host.Client()}
	for _, option := range options {
		option(configuration)
	}
	conn, response, err := websocket.Dial(t.Context(), host.URL+"/", configuration)
	if err == nil {
		t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, response, err
}

// say sends text, and expects no error.
func say(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	require.NoError(t, conn.Write(t.Context(), websocket.MessageText, []byte(text)))
}

// hear receives text.
func hear(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	kind, data, err := conn.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, websocket.MessageText, kind)
	return string(data)
}

// sessionsOf returns the registry of the host's application.
func sessionsOf(t *testing.T, host *apptest.Host) *websockets.Sessions {
	t.Helper()
	sessions, installed := websockets.SessionsOf(host.Application())
	require.True(t, installed)
	return sessions
}

// elapsed checks how much fake time has passed.
func elapsed(t *testing.T, began time.Time, want time.Duration) {
	t.Helper()
	assert.Equal(t, want, time.Since(began))
}
