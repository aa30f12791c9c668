package websockets_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// broadcasting is a module with a hub, that WebSockets join at "/" and event
// streams at "/stream".
func broadcasting(
	hub **sse.Hub, configure func(*sse.HubConfig), serve func(*websockets.Session) error, options ...websockets.Option,
) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(websockets.Plugin)
		*hub = sse.NewHub(a, configure)
		routing.Routes(a, func(r *routing.Route) {
			websockets.Handle(r, "/", func(s *websockets.Session) error {
				if err := (*hub).Join(s, "news"); err != nil {
					return err
				}
				return serve(s)
			}, options...)
			r.SSE("/stream", func(s *sse.Session) error { return (*hub).Join(s, "news") })
		})
	}
}

// asItIs configures nothing.
func asItIs(*sse.HubConfig) {}

// untilItEnds receives, and leaves out, what comes.
func untilItEnds(s *websockets.Session) error {
	for {
		if _, err := s.Receive(); err != nil {
			return err
		}
	}
}

// resuming comes back with an ID, as a browser can.
func resuming(id string) func(*websocket.DialOptions) {
	return func(o *websocket.DialOptions) { o.HTTPHeader = http.Header{"Last-Event-ID": {id}} }
}

func publish(t *testing.T, hub *sse.Hub, data ...string) {
	t.Helper()
	for _, each := range data {
		require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: each}))
	}
}

// One event reaches streams and WebSockets, while both ends go on talking.
func TestWebSocketsJoinAHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, broadcasting(&hub, asItIs, echo))
		conn, stream := dial(t, host), host.Get("/stream")
		synctest.Wait()
		publish(t, hub, "1", "<2>\nof two lines")
		require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Comments: "for streams"}))
		say(t, conn, "mine")
		publish(t, hub, "3")
		got := map[string]bool{}
		for range 4 {
			got[hear(t, conn)] = true
		}
		assert.Equal(t, map[string]bool{"1": true, "<2>\nof two lines": true, "mine": true, "3": true}, got)
		assert.Equal(t, "3", ssetest.Take(t, stream.Body, 3)[2].Data)
		assert.Equal(t, 2, hub.Stats().Sessions)
		require.NoError(t, conn.Close(websocket.StatusNormalClosure, ""))
		synctest.Wait()
		assert.Equal(t, 1, hub.Stats().Sessions)
	})
}

// The state of things comes before the events that change it, and nothing is lost
// between, whatever is published meanwhile.
func TestStateBeforeEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(websockets.Plugin)
			hub = sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				websockets.Handle(r, "/", func(s *websockets.Session) error {
					err := s.BeforeEvents(func() error {
						if err := hub.Join(s, "news"); err != nil {
							return err
						}
						time.Sleep(time.Second)
						return s.SendText("the state")
					})
					if err != nil {
						return err
					}
					return untilItEnds(s)
				})
			})
		})
		conn := dial(t, host)
		synctest.Wait()
		publish(t, hub, "1", "2")
		assert.Equal(t, "the state", hear(t, conn))
		assert.Equal(t, "1", hear(t, conn))
		assert.Equal(t, "2", hear(t, conn))
	})
}

// What comes before events does not run when the session is over.
func TestBeforeEventsAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(func(s *websockets.Session) error {
			s.Close()
			err := s.BeforeEvents(func() error { panic("it runs") })
			assert.ErrorIs(t, err, websockets.ErrClosed)
			return nil
		}))
		_, _, err := dial(t, host).Read(t.Context())
		assert.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(err))
	})
}

// The form of an application decides what a message is, and what is none.
func TestEventForms(t *testing.T) {
	for name, test := range map[string]struct {
		form websockets.EventForm
		want []string // %s is the epoch of the log
	}{
		"by default": {want: []string{`JB 42`, `<b>`}},
		"JSON": {form: websockets.JSONEvents(), want: []string{
			`{"id":"%s-0"}`, `{"event":"price","id":"%s-1","data":"JB 42"}`, `{"id":"%s-2","data":"<b>"}`,
		}},
		"of one's own, without marks": {form: websockets.EventForm{Event: func(event sse.Event) (websockets.Message, error) {
			if event.Event == "" {
				return websockets.Message{}, nil
			}
			return websockets.Message{Kind: websockets.Text, Data: []byte(event.Event)}, nil
		}}, want: []string{`price`}},
		"marks alone": {form: websockets.EventForm{Mark: func(string) (websockets.Message, error) {
			return websockets.Message{Kind: websockets.Text, Data: []byte("here")}, nil
		}}, want: []string{`here`, `JB 42`, `<b>`}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				host := apptest.Start(t, broadcasting(&hub, asItIs, untilItEnds, websockets.Events(test.form)))
				conn, stream := dial(t, host), host.Get("/stream")
				synctest.Wait()
				require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Event: "price", Data: "JB 42"}))
				publish(t, hub, "<b>")
				epoch, _, _ := strings.Cut(ssetest.Take(t, stream.Body, 1)[0].ID, "-")
				for _, want := range test.want {
					assert.Equal(t, strings.ReplaceAll(want, "%s", epoch), hear(t, conn))
				}
			})
		})
	}
}

// TestJSONEventsMayBeAppendedTo by forms that wrap them, for many clients at once.
func TestJSONEventsMayBeAppendedTo(t *testing.T) {
	t.Parallel()
	form := websockets.JSONEvents()
	var lines []string
	var data [][]byte
	for i := range 2 {
		message, err := form.Event(sse.Event{Data: "Hello"})
		require.NoError(t, err)
		data = append(data, append(message.Data, byte('0'+i)))
	}
	for _, line := range data {
		lines = append(lines, string(line))
	}
	assert.Equal(t, []string{`{"data":"Hello"}0`, `{"data":"Hello"}1`}, lines)
}

// What was encoded for one client is used for others, and never for another event.
func TestJSONEventsAreTheirOwn(t *testing.T) {
	t.Parallel()
	form := websockets.JSONEvents()
	for range 3 {
		for i := range 1000 {
			for _, id := range []string{"", fmt.Sprint("log-", i), fmt.Sprint("gol-", i)} {
				event := sse.Event{ID: id, Data: fmt.Sprint(id, i)}
				message, err := form.Event(event)
				require.NoError(t, err)
				want, err := json.Marshal(map[string]string{"id": id, "data": event.Data})
				require.NoError(t, err)
				if id == "" {
					want = fmt.Appendf(nil, `{"data":%q}`, event.Data)
				}
				assert.JSONEq(t, string(want), message.Text())
			}
		}
	}
}

// The form of the plugin is that of WebSockets without one of their own.
func TestEventFormOfThePlugin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(websockets.Plugin.With(func(c *websockets.Config) { c.Events = websockets.JSONEvents() }))
			hub = sse.NewHub(a, func(c *sse.HubConfig) { c.Replay = false })
			routing.Routes(a, func(r *routing.Route) {
				websockets.Handle(r, "/", func(s *websockets.Session) error {
					if err := hub.Join(s, "news"); err != nil {
						return err
					}
					return untilItEnds(s)
				})
			})
		})
		conn := dial(t, host)
		synctest.Wait()
		publish(t, hub, "no ID")
		assert.JSONEq(t, `{"data":"no ID"}`, hear(t, conn))
	})
}

// A client that keeps the IDs gets what it has missed, or is told.
func TestWebSocketComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type message struct{ Event, ID, Data string }
		next := func(conn *websocket.Conn) (m message) {
			require.NoError(t, json.Unmarshal([]byte(hear(t, conn)), &m))
			return m
		}
		var hub *sse.Hub
		host := apptest.Start(t, broadcasting(&hub, func(c *sse.HubConfig) { c.LogEvents = 3 }, untilItEnds,
			websockets.Events(websockets.JSONEvents())))
		conn := dial(t, host)
		begun := next(conn)
		require.NoError(t, conn.CloseNow())
		synctest.Wait()
		publish(t, hub, "1", "2", "3")
		conn = dial(t, host, resuming(begun.ID))
		for _, want := range []string{"1", "2", "3"} {
			assert.Equal(t, want, next(conn).Data)
		}
		synctest.Wait() // who has not caught up is not waited for
		publish(t, hub, "4")
		last := next(conn)
		assert.Equal(t, "4", last.Data)

		lost := dial(t, host, resuming(begun.ID))
		assert.Equal(t, message{Event: "missed", Data: `["news"]`}, next(lost))
		query, response, err := websocket.Dial(t.Context(), host.URL+"/?lastEventId="+last.ID,
			&websocket.DialOptions{HTTPClient: host.Client()})
		require.NoError(t, err)
		require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
		synctest.Wait()
		publish(t, hub, "5")
		assert.Equal(t, "5", next(query).Data, "as a browser does")
		require.NoError(t, query.CloseNow())

		_, response, err = tryDial(t, host, resuming(strings.Repeat("x", 257)))
		require.Error(t, err)
		assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	})
}

// A client that reads nothing holds nobody up, and learns that it may come back.
func TestDeafWebSocketAmongOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events = 500
		var hub *sse.Hub
		causes := make(chan error, 2)
		host := apptest.Start(t, broadcasting(&hub, func(c *sse.HubConfig) { c.LogEvents = 20 }, func(s *websockets.Session) error {
			s.OnEnd(func(cause error) { causes <- cause })
			return untilItEnds(s)
		}))
		deaf, conn, stream := dial(t, host), dial(t, host), host.Get("/stream")
		synctest.Wait()
		var reading sync.WaitGroup
		padding := strings.Repeat("x", 4<<10)
		reading.Go(func() {
			for i := range events {
				assert.Equal(t, fmt.Sprint(i, padding), hear(t, conn))
			}
		})
		reading.Go(func() {
			for i, event := range ssetest.Take(t, stream.Body, events) {
				assert.Equal(t, fmt.Sprint(i, padding), event.Data)
			}
		})
		began := time.Now()
		for i := range events {
			publish(t, hub, fmt.Sprint(i, padding))
		}
		elapsed(t, began, time.Second) // StallLimit, once
		reading.Wait()
		require.ErrorIs(t, <-causes, sse.ErrLagged)
		stats := sessionsOf(t, host).Stats()
		assert.Equal(t, uint64(1), stats.Lagged)
		assert.Equal(t, uint64(1), hub.Stats().Lagged)
		assert.Equal(t, 2, hub.Stats().Sessions)
		require.NoError(t, deaf.CloseNow())
	})
}

// Who lags and then reads is told why.
func TestWebSocketThatLagsIsClosedWith1013(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, broadcasting(&hub, asItIs, func(s *websockets.Session) error {
			s.End(sse.ErrLagged) // as the hub does
			return nil
		}))
		_, _, err := dial(t, host).Read(t.Context())
		var reason websocket.CloseError
		require.ErrorAs(t, err, &reason)
		assert.Equal(t, websocket.CloseError{Code: websocket.StatusTryAgainLater}, reason)
	})
}

// What ends delivery: the function, the hub, leaving, a stop.
func TestEndOfDelivery(t *testing.T) {
	for name, test := range map[string]struct {
		serve func(*sse.Hub, *websockets.Session) error
		end   func(*apptest.Host, *sse.Hub)
		code  websocket.StatusCode
	}{
		"the function returns": {
			serve: func(*sse.Hub, *websockets.Session) error { return nil }, code: websocket.StatusNormalClosure,
		},
		"it fails": {
			serve: func(*sse.Hub, *websockets.Session) error { return errors.New("broken") }, code: websocket.StatusInternalError,
		},
		"the application stops": {
			serve: func(_ *sse.Hub, s *websockets.Session) error { return untilItEnds(s) },
			end:   func(host *apptest.Host, _ *sse.Hub) { go host.Stop() }, code: websocket.StatusGoingAway,
		},
		"the session leaves, and goes on": {
			serve: func(hub *sse.Hub, s *websockets.Session) error {
				hub.Leave(s, "news")
				_, err := s.Receive()
				return errors.Join(err, hub.Publish(s.Context(), "news", sse.Event{Data: "nobody's"}))
			}, code: websocket.StatusNormalClosure,
		},
		"the hub is closed, and the session goes on": {
			serve: func(hub *sse.Hub, s *websockets.Session) error {
				hub.Close()
				_, err := s.Receive()
				return err
			}, code: websocket.StatusNormalClosure,
		},
		"work goes on, and with it delivery": {
			serve: func(hub *sse.Hub, s *websockets.Session) error {
				s.Go(func(ctx context.Context) error {
					time.Sleep(time.Second)
					err := hub.Publish(ctx, "news", sse.Event{Data: "late"})
					time.Sleep(time.Second)
					return err
				})
				return nil
			}, code: websocket.StatusNormalClosure,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				host := apptest.Start(t, broadcasting(&hub, asItIs, func(s *websockets.Session) error { return test.serve(hub, s) }))
				conn := dial(t, host)
				synctest.Wait()
				if test.end != nil {
					test.end(host, hub)
				}
				_ = conn.Write(t.Context(), websocket.MessageText, []byte("go on"))
				var heard []string
				for {
					_, data, err := conn.Read(t.Context())
					if err != nil {
						assert.Equal(t, test.code, websocket.CloseStatus(err))
						break
					}
					heard = append(heard, string(data))
				}
				if strings.HasPrefix(name, "work") {
					assert.Equal(t, []string{"late"}, heard)
				} else {
					assert.Empty(t, heard)
				}
				synctest.Wait()
				assert.Zero(t, hub.Stats().Sessions)
			})
		})
	}
}

// A form that fails is a mistake of the application, in the log and not on the
// wire.
func TestEventFormFails(t *testing.T) {
	for name, form := range map[string]func(sse.Event) (websockets.Message, error){
		"by an error": func(sse.Event) (websockets.Message, error) { return websockets.Message{}, errors.New("no form") },
		"by a panic":  func(sse.Event) (websockets.Message, error) { panic("no form") },
		"by its result": func(sse.Event) (websockets.Message, error) {
			return websockets.Message{Kind: websockets.Text, Data: []byte{0xff}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				host := apptest.Start(t, broadcasting(&hub, asItIs, untilItEnds, websockets.Events(websockets.EventForm{Event: form})))
				conn := dial(t, host)
				synctest.Wait()
				publish(t, hub, "1")
				_, _, err := conn.Read(t.Context())
				var reason websocket.CloseError
				require.ErrorAs(t, err, &reason)
				assert.Equal(t, websocket.CloseError{Code: websocket.StatusInternalError}, reason)
				synctest.Wait()
				assert.Equal(t, uint64(1), sessionsOf(t, host).Stats().Failed)
				assert.Zero(t, hub.Stats().Sessions)
			})
		})
	}
}

// A thousand clients are told of a stop at once, those that read and those that
// are being sent something.
func TestStopOfAHerdThatHasJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 1000
		var hub *sse.Hub
		host := apptest.Start(t, broadcasting(&hub, asItIs, untilItEnds))
		var reading sync.WaitGroup
		for i := range clients {
			conn := dial(t, host)
			reading.Go(func() {
				for {
					_, _, err := conn.Read(t.Context())
					if err != nil {
						assert.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(err), "client %d", i)
						return
					}
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		publish(t, hub, "1", "2", "3")
		host.Stop()
		reading.Wait()
		elapsed(t, began, 0)
		assert.Zero(t, hub.Stats().Sessions)
	})
}

// What one node publishes reaches the WebSockets of another, by a broker.
func TestWebSocketsOfTwoNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := sse.NewMemoryBroker(0)
		var hubs [2]*sse.Hub
		var conns [2]*websocket.Conn
		for i := range hubs {
			host := apptest.Start(t, broadcasting(&hubs[i], func(c *sse.HubConfig) { c.Broker = broker }, untilItEnds))
			conns[i] = dial(t, host)
		}
		synctest.Wait()
		for i := range 100 {
			publish(t, hubs[i%2], fmt.Sprint(i))
		}
		for _, conn := range conns {
			for i := range 100 {
				assert.Equal(t, fmt.Sprint(i), hear(t, conn))
			}
		}
	})
}
