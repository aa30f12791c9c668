package websockets_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

func nothing(*websockets.Session) error { return nil }

// TestWhatIsNoHandshake is refused with a status that says why, before anything
// of the session runs.
func TestWhatIsNoHandshake(t *testing.T) {
	for name, test := range map[string]struct {
		method, version, replace, with, add string
		status                              int
		upgrade                             string
	}{
		"a plain request":        {replace: "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n", status: 426, upgrade: "websocket"},
		"no Upgrade":             {replace: "Upgrade: WebSocket\r\n", status: 426, upgrade: "websocket"},
		"another Upgrade":        {replace: "Upgrade: WebSocket", with: "Upgrade: h2c", status: 426, upgrade: "websocket"},
		"no Upgrade in a list":   {replace: "keep-alive, Upgrade", with: "keep-alive", status: 426, upgrade: "websocket"},
		"an old version":         {replace: "Version: 13", with: "Version: 8", status: 426, upgrade: "websocket"},
		"no version":             {replace: "Sec-WebSocket-Version: 13\r\n", status: 426, upgrade: "websocket"},
		"two versions":           {add: "Sec-WebSocket-Version: 13\r\n", status: 426, upgrade: "websocket"},
		"no key":                 {replace: "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", status: 400},
		"a short key":            {replace: "dGhlIHNhbXBsZSBub25jZQ==", with: "dGhl", status: 400},
		"a key that is none":     {replace: "dGhlIHNhbXBsZSBub25jZQ==", with: "!!", status: 400},
		"two keys":               {add: "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", status: 400},
		"a body":                 {add: "Content-Length: 1\r\n", status: 400},
		"a foreign origin":       {add: "Origin: http://evil.example.com\r\n", status: 403},
		"another port":           {add: "Origin: http://localhost:81\r\n", status: 403},
		"an opaque origin":       {add: "Origin: null\r\n", status: 403},
		"an origin that is none": {add: "Origin: localhost\r\n", status: 403},
		"two origins":            {add: "Origin: http://localhost\r\nOrigin: http://localhost\r\n", status: 403},
		"HEAD":                   {method: "HEAD", status: 405},
		"POST":                   {method: "POST", status: 405},
		"HTTP/1.0":               {version: "HTTP/1.0", status: 426, upgrade: "websocket"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, serving(func(*websockets.Session) error {
					t.Error("the session was served")
					return nil
				}))
				conn := host.Dial()
				defer func() { _ = conn.Close() }()
				method, version := "GET", "HTTP/1.1"
				if test.method != "" {
					method = test.method
				}
				if test.version != "" {
					version = test.version
				}
				head := handshake
				if test.replace != "" {
					require.Contains(t, head, test.replace)
					head = strings.Replace(head, test.replace, test.with, 1)
				}
				_, err := io.WriteString(conn, method+" / "+version+"\r\n"+head+test.add+"\r\n")
				require.NoError(t, err)
				response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
				require.NoError(t, err)
				defer func() { _ = response.Body.Close() }()
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, test.upgrade, response.Header.Get("Upgrade"))
				assert.Empty(t, response.Header.Get("Sec-WebSocket-Accept"))
				if test.status == http.StatusUpgradeRequired {
					assert.Equal(t, "13", response.Header.Get("Sec-WebSocket-Version"))
				}
				assert.Empty(t, host.Log().AtLeast(1))
				if test.method == "" {
					assert.Equal(t, websockets.Stats{Refused: 1}, sessionsOf(t, host).Stats())
				}
			})
		})
	}
}

// TestHTTP2HasNoWebSockets: 426, without the header fields that HTTP/2 has not.
func TestHTTP2HasNoWebSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(nothing), apptest.H2C())
		response := host.Get("/")
		assert.Equal(t, 2, response.ProtoMajor)
		assert.Equal(t, http.StatusUpgradeRequired, response.StatusCode)
		assert.Equal(t, "13", response.Header.Get("Sec-WebSocket-Version"))
		assert.Empty(t, response.Header.Get("Upgrade"))
		assert.Equal(t, "a WebSocket needs HTTP/1.1", apptest.Text(t, response))
		assert.Empty(t, host.Log().AtLeast(1))
	})
}

// TestPagesThatMayOpenAWebSocket are those of the application, those that the
// configuration names, and what is no page.
func TestPagesThatMayOpenAWebSocket(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*websockets.Config)
		line      string
	}{
		"no page":                      {nil, "X-Any: thing"},
		"the same origin":              {nil, "Origin: http://localhost"},
		"the same origin behind a TLS": {nil, "Origin: https://localhost"},
		"one that is named": {
			func(c *websockets.Config) { c.AllowOrigin("https://shop.example.com:8443") }, "Origin: https://shop.example.com:8443",
		},
		"any":            {func(c *websockets.Config) { c.AllowAnyOrigin = true }, "Origin: http://evil.example.com"},
		"an opaque page": {func(c *websockets.Config) { c.AllowAnyOrigin = true }, "Origin: null"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, configured(test.configure, nothing))
				dialRaw(t, host, test.line).requireClosed(1000)
			})
		})
	}
}

// TestSubprotocols: the server's first that the client offers, and 400 without
// one. A WebSocket without subprotocols speaks none.
func TestSubprotocols(t *testing.T) {
	for name, test := range map[string]struct {
		ours   []string
		offers []string
		agreed string
		ok     bool
	}{
		"the first of ours":          {[]string{"v2", "v1"}, []string{"Sec-WebSocket-Protocol: v1, v2"}, "v2", true},
		"the one that both have":     {[]string{"v3", "v1"}, []string{"Sec-WebSocket-Protocol: v1", "Sec-WebSocket-Protocol: v2"}, "v1", true},
		"none in common":             {[]string{"v3"}, []string{"Sec-WebSocket-Protocol: v1"}, "", false},
		"another case":               {[]string{"v1"}, []string{"Sec-WebSocket-Protocol: V1"}, "", false},
		"none offered":               {[]string{"v1"}, nil, "", false},
		"none of ours":               {nil, []string{"Sec-WebSocket-Protocol: v1"}, "", true},
		"one that differs in a case": {[]string{"chat"}, []string{"Sec-WebSocket-Protocol: CHAT, chat"}, "chat", true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, serving(func(s *websockets.Session) error {
					return s.SendText("<" + s.Subprotocol() + ">")
				}, websockets.Subprotocols(test.ours...)))
				if !test.ok {
					conn := host.Dial()
					defer func() { _ = conn.Close() }()
					_, err := io.WriteString(conn, "GET / HTTP/1.1\r\n"+handshake+strings.Join(append(test.offers, "\r\n"), "\r\n"))
					require.NoError(t, err)
					response, err := http.ReadResponse(bufio.NewReader(conn), nil)
					require.NoError(t, err)
					defer func() { _ = response.Body.Close() }()
					assert.Equal(t, http.StatusBadRequest, response.StatusCode)
					return
				}
				client := dialRaw(t, host, test.offers...)
				assert.Equal(t, test.agreed, client.head.Header.Get("Sec-WebSocket-Protocol"))
				client.require(final|opText, "<"+test.agreed+">")
				client.requireClosed(1000)
			})
		})
	}
}

// TestARefusalIsAnErrorOfTheCall, so that StatusPages can answer it.
func TestARefusalIsAnErrorOfTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
				c.Status(http.StatusUpgradeRequired, func(c *app.Call, status int) error {
					return c.RespondText("this is a WebSocket, says the page")
				})
			}))
			serving(nothing)(a)
		})
		response := host.Get("/")
		assert.Equal(t, http.StatusUpgradeRequired, response.StatusCode)
		assert.Equal(t, "this is a WebSocket, says the page", apptest.Text(t, response))
	})
}

// TestHeadBelowAutoHeadResponse is no handshake either.
func TestHeadBelowAutoHeadResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(autoheadresponse.Plugin)
			serving(nothing)(a)
		})
		response := host.Head("/")
		assert.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
		assert.Equal(t, "GET", response.Header.Get("Allow"))
	})
}

// TestAPageAndAWebSocketAtOnePath, by a condition.
func TestAPageAndAWebSocketAtOnePath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(websockets.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error { return c.RespondText("the page") })
				websockets.Handle(r.Header("Upgrade", "websocket"), "/", func(s *websockets.Session) error {
					return s.SendText("the WebSocket")
				})
			})
		})
		assert.Equal(t, "the page", apptest.Text(t, host.Get("/")))
		assert.Equal(t, "the WebSocket", hear(t, dial(t, host)))
	})
}

// TestRespond opens a WebSocket from any handler: what was set before goes with
// the 101, and an error before it is an ordinary answer.
func TestRespond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(websockets.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					if c.QueryParam("room") == "" {
						return app.NewError(http.StatusNotFound, "no such room")
					}
					c.Header().Set("X-Room", "found")
					return websockets.Respond(c, nothing)
				})
			})
		})
		assert.Equal(t, http.StatusNotFound, host.Get("/").StatusCode)
		conn := host.Dial()
		defer func() { _ = conn.Close() }()
		_, err := io.WriteString(conn, "GET /?room=1 HTTP/1.1\r\n"+handshake+"\r\n")
		require.NoError(t, err)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		defer func() { _ = response.Body.Close() }()
		assert.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
		assert.Equal(t, "found", response.Header.Get("X-Room"))
	})
}
