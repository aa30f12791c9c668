package docs_test

import (
	"encoding/xml"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

type chessMove struct {
	XMLName xml.Name `xml:"move"`
	From    string   `xml:"from"`
	To      string   `xml:"to"`
}

func (m chessMove) answer() chessMove { return chessMove{From: m.To, To: m.From} }

type chatRoom struct{ name string }

func (r chatRoom) join(s *websockets.Session) error { return s.SendText("in " + r.name) }

func websocketsConfigured(a *app.Application) {
	a.Install(websockets.Plugin.With(func(c *websockets.Config) {
		c.AllowOrigin("https://www.example.com") // besides the application's own
		c.Converter = websockets.JSON()
		c.PingPeriod = time.Minute
		c.MaxMessageSize = 64 << 10 // 1009 beyond
		c.MaxSessions = 10_000      // 503 beyond
		c.MaxSessionsPerKey = 6     // 429 beyond
		c.MaxAge = 12 * time.Hour   // then the client comes back
		c.Until = authentication.Until
		c.Deflate()
	}))
}

func echoModule(a *app.Application) {
	a.Install(websockets.Plugin)
	routing.Routes(a, func(r *routing.Route) {
		websockets.Handle(r, "/echo", func(s *websockets.Session) error {
			for {
				message, err := s.Receive()
				if err != nil {
					return err // the client has closed it or gone, or the application stops
				}
				if err := s.Send(message); err != nil {
					return err
				}
			}
		})
	})
}

func websocketsRoutes(a *app.Application) {
	websocketsConfigured(a)
	rooms := map[string]chatRoom{"go": {"the room of Go"}}
	chat := func(s *websockets.Session) error { return s.SendText("the chat") }
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/chat", func(c *app.Call) error { return c.RespondText("the page") })
		websockets.Handle(r.Header("Upgrade", "websocket"), "/chat", chat)

		websockets.Handle(r, "/moves", func(s *websockets.Session) error {
			for {
				move, err := websockets.Receive[chessMove](s)
				if errors.Is(err, websockets.ErrInvalidData) {
					continue // or return err, which closes with 1007
				}
				if err != nil {
					return err
				}
				if err := s.SendValue(move.answer()); err != nil {
					return err
				}
			}
		}, websockets.Convert(websockets.Codec(websockets.Text, xml.Marshal, xml.Unmarshal)))

		r.Get("/rooms/{room}", func(c *app.Call) error {
			room, found := rooms[c.PathParam("room")]
			if !found {
				return app.NewError(http.StatusNotFound, "no such room")
			}
			return websockets.Respond(c, func(s *websockets.Session) error { return room.join(s) })
		})
	})
}

// open opens a WebSocket of a host.
func open(t *testing.T, host *apptest.Host, path string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), host.URL+path, &websocket.DialOptions{HTTPClient: host.Client()})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

func requireMessage(t *testing.T, conn *websocket.Conn, want string) {
	t.Helper()
	_, data, err := conn.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, string(data))
}

func TestWebSocketsGuide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, websocketsRoutes)
		assert.Equal(t, "the page", apptest.Text(t, host.Get("/chat")))
		requireMessage(t, open(t, host, "/chat"), "the chat")
		assert.Equal(t, http.StatusNotFound, host.Get("/rooms/java").StatusCode)
		requireMessage(t, open(t, host, "/rooms/go"), "in the room of Go")
		moves := open(t, host, "/moves")
		for _, text := range []string{"<", "<move><from>e2</from><to>e4</to></move>"} {
			require.NoError(t, moves.Write(t.Context(), websocket.MessageText, []byte(text)))
		}
		requireMessage(t, moves, "<move><from>e4</from><to>e2</to></move>")
	})
}

func TestWebSocketsGuideTesting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, echoModule)
		client, _, err := websocket.Dial(t.Context(), host.URL+"/echo", &websocket.DialOptions{HTTPClient: host.Client()})
		require.NoError(t, err)
		require.NoError(t, client.Write(t.Context(), websocket.MessageText, []byte("Hello")))
		_, data, err := client.Read(t.Context())
		require.NoError(t, err)
		require.Equal(t, "Hello", string(data))
		require.NoError(t, client.Close(websocket.StatusNormalClosure, ""))
	})
}

func TestWebSocketsGuideLogout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := basic.New("users", func(c *basic.Config[string]) {
			c.Validate = func(_ *app.Call, given basic.Credential) (string, error) { return given.Name, nil }
		})
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(websockets.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.Install(authentication.Require(users))
				websockets.Handle(r, "/", func(s *websockets.Session) error {
					_, err := s.Receive()
					return err
				})
			})
		})
		client, _, err := websocket.Dial(t.Context(), host.URL, &websocket.DialOptions{
			HTTPClient: host.Client(), HTTPHeader: http.Header{"Authorization": {"Basic YWxpY2U6c2VjcmV0"}},
		})
		require.NoError(t, err)
		synctest.Wait()
		sessions, installed := websockets.SessionsOf(host.Application())
		require.True(t, installed)
		name := "alice"
		for s := range sessions.All() {
			if users.Principal(s.Call()) == name {
				s.End(websockets.CloseReason{Code: 4001, Message: "logged out"})
			}
		}
		_, _, err = client.Read(t.Context())
		assert.Equal(t, websocket.StatusCode(4001), websocket.CloseStatus(err))
	})
}
