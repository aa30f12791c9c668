package docs_test

import (
	"context"
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
	"github.com/chitor-go/chitor/plugins/sse/brokertest"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

func newsroom(a *app.Application) {
	a.Install(sse.Plugin)
	hub := sse.NewHub(a)
	routing.Routes(a, func(r *routing.Route) {
		r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
		r.Post("/news", func(c *app.Call) error {
			text, err := c.ReceiveText()
			if err != nil {
				return err
			}
			if err := hub.Publish(c.Context(), "news", sse.Event{Data: text}); err != nil {
				return err
			}
			return c.RespondStatus(http.StatusNoContent)
		})
	})
}

func TestNewsroom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, newsroom)
		first, second := host.Get("/news"), host.Get("/news")
		host.Post("/news", "text/plain", strings.NewReader("it rains"))
		assert.Equal(t, "it rains", ssetest.Take(t, first.Body, 1)[0].Data)
		assert.Equal(t, "it rains", ssetest.Take(t, second.Body, 1)[0].Data)
	})
}

func chatroom(a *app.Application) {
	a.Install(websockets.Plugin)
	hub := sse.NewHub(a)
	routing.Routes(a, func(r *routing.Route) {
		websockets.Handle(r, "/chat", func(s *websockets.Session) error {
			if err := hub.Join(s, "chat"); err != nil {
				return err
			}
			for {
				message, err := s.Receive()
				if err != nil {
					return err
				}
				if err := hub.Publish(s.Context(), "chat", sse.Event{Data: message.Text()}); err != nil {
					return err
				}
			}
		}, websockets.Events(websockets.JSONEvents()))
	})
}

func TestChatroom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, chatroom)
		conn, _, err := websocket.Dial(t.Context(), host.URL+"/chat", &websocket.DialOptions{HTTPClient: host.Client()})
		require.NoError(t, err)
		defer func() { _ = conn.CloseNow() }()
		_, begun, err := conn.Read(t.Context())
		require.NoError(t, err)
		assert.Regexp(t, `^{"id":"\w+-0"}$`, string(begun))
		require.NoError(t, conn.Write(t.Context(), websocket.MessageText, []byte("hello")))
		_, event, err := conn.Read(t.Context())
		require.NoError(t, err)
		assert.Regexp(t, `^{"id":"\w+-1","data":"hello"}$`, string(event))
	})
}

func TestPricesBeforeEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prices := &board{prices: map[string]int{"JB": 42}}
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(websockets.Plugin)
			hub := sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				websockets.Handle(r, "/prices", func(s *websockets.Session) error {
					err := s.BeforeEvents(func() error {
						if err := hub.Join(s, "prices"); err != nil {
							return err
						}
						return s.SendText(prices.all())
					})
					return err
				})
			})
		})
		conn, _, err := websocket.Dial(t.Context(), host.URL+"/prices", &websocket.DialOptions{HTTPClient: host.Client()})
		require.NoError(t, err)
		defer func() { _ = conn.CloseNow() }()
		_, state, err := conn.Read(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "map[JB:42]", string(state))
	})
}

// wire is a module that gives away what tells the news.
func wire(telling *func(context.Context, string) error) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		hub := sse.NewHub(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
		})
		tell := func(ctx context.Context, text string) error { // from anywhere
			return hub.Publish(ctx, "news", sse.Event{Data: text})
		}
		*telling = tell
	}
}

func TestWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tell func(context.Context, string) error
		stream := apptest.Start(t, wire(&tell)).Get("/news")
		require.NoError(t, tell(t.Context(), "it rains"))
		assert.Equal(t, "it rains", ssetest.Take(t, stream.Body, 1)[0].Data)
	})
}

// A board has the prices as they are now.
type board struct {
	mu     sync.Mutex
	prices map[string]int
}

func (b *board) set(symbol string, cents int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.prices[symbol] = cents
}

func (b *board) all() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprint(b.prices)
}

// stock has what the snippets of the page need: each of its routes is one of
// them.
func stock(hub *sse.Hub, prices *board) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/prices", func(s *sse.Session) error {
				if err := hub.Join(s, "prices"); err != nil {
					return err
				}
				if s.LastEventID() == "" || hub.Missed(s) != nil {
					return s.Send(sse.Event{Event: "all", Data: prices.all()})
				}
				return nil
			})

			r.SSE("/mine", func(s *sse.Session) error {
				user, err := userOf(s.Call())
				if err != nil {
					return err // 401, and no stream
				}
				return hub.Join(s, "everyone", "user."+user)
			})

			r.SSE("/scores/goals", func(s *sse.Session) error {
				goals := hub.Where(func(_ string, event sse.Event) bool { return event.Event == "goal" })
				return goals.Join(s, "scores")
			})

			r.SSE("/load", func(s *sse.Session) error { return hub.Newest().Join(s, "cpu", "memory") })
		})
	}
}

func userOf(c *app.Call) (string, error) {
	user, ok := c.Cookie("user")
	if !ok {
		return "", app.NewError(http.StatusUnauthorized, "log in first")
	}
	return user, nil
}

func changePrice(ctx context.Context, hub *sse.Hub, prices *board, symbol string, cents int) error {
	prices.set(symbol, cents) // first the state, then the event
	return hub.Publish(ctx, "prices", sse.Event{Data: fmt.Sprint(symbol, " ", cents)})
}

// startStock starts the stock market with a hub of a small log.
func startStock(t *testing.T) (*apptest.Host, *sse.Hub, *board) {
	t.Helper()
	prices := &board{prices: map[string]int{"JB": 1}}
	var hub *sse.Hub
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		hub = sse.NewHub(a, func(c *sse.HubConfig) { c.LogEvents = 3 })
		stock(hub, prices)(a)
	})
	return host, hub, prices
}

func TestSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, hub, prices := startStock(t)
		change := func(cents int) { require.NoError(t, changePrice(t.Context(), hub, prices, "JB", cents)) }
		response := host.Get("/prices")
		change(2)
		events := ssetest.Take(t, response.Body, 2)
		assert.Equal(t, sse.Event{Event: "all", Data: "map[JB:1]"}, events[0])
		assert.Equal(t, "JB 2", events[1].Data)
		back := func() *http.Response { return host.Get("/prices", apptest.Header("Last-Event-ID", events[1].ID)) }
		change(3)
		assert.Equal(t, "JB 3", ssetest.Take(t, back().Body, 1)[0].Data)
		for cents := range 3 {
			change(4 + cents)
		}
		assert.Equal(t, "map[JB:6]", ssetest.Take(t, back().Body, 1)[0].Data)
	})
}

func TestTopicsAndSelections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host, hub, _ := startStock(t)
		publish := func(topic, kind, data string) {
			require.NoError(t, hub.Publish(t.Context(), topic, sse.Event{Event: kind, Data: data}))
		}
		assert.Equal(t, http.StatusUnauthorized, host.Get("/mine").StatusCode)
		mine, goals := host.Get("/mine", apptest.Header("Cookie", "user=ada")), host.Get("/scores/goals")
		publish("user.bob", "", "for Bob")
		publish("user.ada", "", "for Ada")
		publish("scores", "corner", "0:0")
		publish("scores", "goal", "1:0")
		assert.Equal(t, "for Ada", ssetest.Take(t, mine.Body, 1)[0].Data)
		assert.Equal(t, "1:0", ssetest.Take(t, goals.Body, 1)[0].Data)
		publish("cpu", "", "10 %")
		publish("cpu", "", "20 %")
		assert.Equal(t, "20 %", ssetest.Take(t, host.Get("/load").Body, 1)[0].Data)
	})
}

// people are those who are in a room.
type people struct {
	mu    sync.Mutex
	names map[string]int // how many streams each has
}

func newPeople() *people { return &people{names: map[string]int{}} }

// come reports whether somebody was not there before.
func (p *people) come(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names[name]++
	return p.names[name] == 1
}

// leave reports whether somebody is not there any more.
func (p *people) leave(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names[name]--
	return p.names[name] == 0
}

func lobby(a *app.Application) {
	a.Install(sse.Plugin)
	hub, people := sse.NewHub(a), newPeople()
	tell := func(what, name string) {
		if err := hub.Publish(a.Context(), "lobby", sse.Event{Event: what, Data: name}); err != nil {
			a.Logger().Warn("nobody is told who is there", "error", err)
		}
	}
	routing.Routes(a, func(r *routing.Route) {
		r.SSE("/lobby", func(s *sse.Session) error {
			name, err := userOf(s.Call())
			if err != nil {
				return err
			}
			if err := hub.Join(s, "lobby"); err != nil {
				return err
			}
			s.OnEnd(func(error) { // not defer: the stream goes on when this function has returned
				if people.leave(name) {
					tell("left", name)
				}
			})
			if people.come(name) {
				tell("came", name)
			}
			return nil
		})
	})
}

func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, lobby)
		ada := host.Get("/lobby", apptest.Header("Cookie", "user=ada"))
		bob := host.Get("/lobby", apptest.Header("Cookie", "user=bob"))
		require.NoError(t, bob.Body.Close())
		var told []string
		for _, event := range ssetest.Take(t, ada.Body, 3) {
			told = append(told, event.Event+" "+event.Data)
		}
		assert.Equal(t, []string{"came ada", "came bob", "left bob"}, told)
	})
}

func hubConfigured(a *app.Application) *sse.Hub {
	return sse.NewHub(a, func(c *sse.HubConfig) {
		c.LogEvents = 10_000
		c.LogBytes = 64 << 20
		c.StallLimit = 5 * time.Second
		c.LagLimit = 20 * time.Second
		c.Missed = func(topics []string) sse.Event {
			return sse.Event{Event: "reload", Data: strings.Join(topics, " ")}
		}
	})
}

func TestMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			hub := hubConfigured(a)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "sport", "weather") })
			})
		})
		response := host.Get("/news", apptest.Header("Last-Event-ID", "another-7"))
		assert.Equal(t, sse.Event{Event: "reload", Data: "sport weather"}, ssetest.Take(t, response.Body, 1)[0])
	})
}

// node is one of the nodes of an application.
func node(broker sse.Broker, hub **sse.Hub) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		*hub = sse.NewHub(a, func(c *sse.HubConfig) { c.Broker = broker })
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/news", func(s *sse.Session) error { return (*hub).Join(s, "news") })
		})
	}
}

func TestClientMovesToAnotherNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in fake time
		broker := sse.NewMemoryBroker(100)
		var hubs [2]*sse.Hub
		first, second := apptest.Start(t, node(broker, &hubs[0])), apptest.Start(t, node(broker, &hubs[1]))
		stream := first.Get("/news")
		require.NoError(t, hubs[1].Publish(t.Context(), "news", sse.Event{Data: "one"}))
		last := ssetest.Take(t, stream.Body, 1)[0]
		assert.Equal(t, "one", last.Data)

		first.Stop() // a node goes away
		require.NoError(t, hubs[1].Publish(t.Context(), "news", sse.Event{Data: "two"}))
		stream = second.Get("/news", apptest.Header("Last-Event-ID", last.ID))
		assert.Equal(t, "two", ssetest.Take(t, stream.Body, 1)[0].Data)
	})
}

func TestBroker(t *testing.T) {
	brokertest.TestInBubbles(t, func(*testing.T) brokertest.Log {
		broker := sse.NewMemoryBroker(0) // here: a server of your engine, empty
		return brokertest.Log{
			// Here: a broker of it, for a node.
			Open:   func(testing.TB) sse.Broker { return broker },
			Forget: func(testing.TB) { broker.Reset() },
		}
	})
}

func serveHubStats(a *app.Application, hub *sse.Hub) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/metrics", func(c *app.Call) error {
			stats := hub.Stats()
			return c.RespondText(fmt.Sprintf("sessions %d\npublished %d\nlagged %d\nwaited_seconds %g\n",
				stats.Sessions, stats.Published, stats.Lagged, stats.Waited.Seconds()))
		})
	})
}

func TestHubStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) { serveHubStats(a, sse.NewHub(a)) })
		assert.Equal(t, "sessions 0\npublished 0\nlagged 0\nwaited_seconds 0\n", apptest.Text(t, host.Get("/metrics")))
	})
}
