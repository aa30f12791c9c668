package compat_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/routing"
)

// An echo says back what it is told on a WebSocket, until that is closed.
type echo struct {
	name   string
	module string
	serve  http.HandlerFunc
}

func echoes() []echo {
	return []echo{
		{"coder/websocket", "github.com/coder/websocket", echoByCoder},
		{"gorilla/websocket", "github.com/gorilla/websocket", echoByGorilla},
		{"gws", "github.com/lxzan/gws", echoByGws},
	}
}

func echoByCoder(w http.ResponseWriter, r *http.Request) {
	conn, err := coder.Accept(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer conn.CloseNow()
	for {
		kind, text, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		if err := conn.Write(r.Context(), kind, text); err != nil {
			return
		}
	}
}

func echoByGorilla(w http.ResponseWriter, r *http.Request) {
	upgrader := gorilla.Upgrader{}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer conn.Close()
	for {
		kind, text, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(kind, text); err != nil {
			return
		}
	}
}

func echoByGws(w http.ResponseWriter, r *http.Request) {
	conn, err := gws.NewUpgrader(&gwsEcho{}, nil).Upgrade(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	conn.ReadLoop()
}

type gwsEcho struct{ gws.BuiltinEventHandler }

func (*gwsEcho) OnMessage(conn *gws.Conn, message *gws.Message) {
	defer message.Close()
	_ = conn.WriteMessage(message.Opcode, message.Bytes())
}

// talk opens a WebSocket, says something twice, and closes it.
func (s *side) talk() (noted answer) {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	request := s.request(ctx, http.MethodGet, "/socket", "")
	conn, response, err := coder.Dial(ctx, "ws"+strings.TrimPrefix(s.url, "http")+request.URL.Path, &coder.DialOptions{
		HTTPClient: s.client, HTTPHeader: request.Header, Host: request.Host,
	})
	if response == nil {
		return answer{"no response"}
	}
	noteHead(&noted, response)
	if err != nil {
		note(&noted, "no WebSocket")
		return noted
	}
	defer conn.CloseNow()
	for _, text := range []string{"hello", "again"} {
		if err := conn.Write(ctx, coder.MessageText, []byte(text)); err != nil {
			return append(noted, "write: "+err.Error())
		}
		_, said, err := conn.Read(ctx)
		if err != nil {
			return append(noted, "read: "+err.Error())
		}
		note(&noted, "said %q", said)
	}
	if err := conn.Close(coder.StatusNormalClosure, ""); err != nil {
		note(&noted, "close: %v", err)
	}
	return noted
}

func socketRows() (all []mountedRow) {
	for _, echo := range echoes() {
		all = append(all, mountedRow{
			name: echo.name, module: echo.module, path: "/socket",
			shows:   "a WebSocket on which both sides talk, and the client closes",
			handler: func(*testing.T) http.Handler { return echo.serve },
			try: func(t *testing.T, host *apptest.Host) {
				s := newSide(t, subject{}, nil)
				s.url, s.client = host.URL, host.NewClient().HTTP()
				got := s.talk()
				assert.Contains(t, got, "status 101")
				assert.Equal(t, answer{`said "hello"`, `said "again"`}, got[len(got)-2:])
			},
		})
	}
	return all
}

// TestSocketsUnderMiddlewares asks each library for a WebSocket below
// middlewares that wrap the writer, beside net/http.
func TestSocketsUnderMiddlewares(t *testing.T) {
	for _, row := range rows() {
		if !slices.Contains([]string{"chi Compress", "chi Logger", "http.TimeoutHandler", handing}, row.name) {
			continue
		}
		for _, echo := range echoes() {
			for _, way := range ways() {
				t.Run(row.name+"/"+echo.name+"/"+way.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						bare := newSide(t, row.make(nil), nil)
						listener := memnet.Listen()
						mux := http.NewServeMux()
						mux.Handle("/socket", bare.subject.wrap(echo.serve))
						bare.serve(mux, listener)
						bare.dial(&http.Transport{DialContext: listener.DialContext})

						ours := newSide(t, row.make(nil), nil)
						host := apptest.Start(t, func(a *app.Application) {
							install(a)
							a.Use(ours.subject.wrap)
							routing.Routes(a, func(r *routing.Route) { way.put(r, "/socket", echo.serve) })
						}, apptest.Engine(quietly()))
						ours.url, ours.client = host.URL, host.NewClient().HTTP()

						talk := probe{name: "WebSocket", ask: (*side).talk}
						expected := row.difference(talk.name, onApplication)
						if echo.name != echoes()[0].name {
							expected = nil // the others write their 101 to the connection
						}
						check(t, expected, ask(talk, bare), ask(talk, ours))
					})
				})
			}
		}
	}
}

// TestStopEndsOpenSockets stops the server while a WebSocket is open: its
// client is told, or cut off when the grace period is over, and the stop is no
// failure. The line in the log has the status.
func TestStopEndsOpenSockets(t *testing.T) {
	for _, echo := range echoes() {
		for _, way := range ways() {
			t.Run(echo.name+"/"+way.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					host := apptest.Start(t, func(a *app.Application) {
						install(a)
						routing.Routes(a, func(r *routing.Route) { way.put(r, "/socket", echo.serve) })
					})
					conn, _, err := coder.Dial(t.Context(), "ws"+strings.TrimPrefix(host.URL, "http")+"/socket",
						&coder.DialOptions{HTTPClient: host.NewClient().HTTP()})
					require.NoError(t, err)
					defer conn.CloseNow()
					read := make(chan error, 1)
					go func() {
						_, _, err := conn.Read(context.WithoutCancel(t.Context()))
						read <- err
					}()
					began := time.Now()
					host.Stop() // fails the test if it fails
					assert.LessOrEqual(t, time.Since(began), 2*time.Second, "the grace period is 1 s")
					require.Error(t, <-read)
					line := host.Log().Find("the call ended")
					require.Len(t, line, 1)
					assert.EqualValues(t, http.StatusSwitchingProtocols, line[0].Attrs["status"])
				})
			})
		}
	}
}
