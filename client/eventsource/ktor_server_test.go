package eventsource_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// A ktorServer is the part of Ktor's test server that its tests for event
// streams use. It counts what some streams have to know about others.
type ktorServer struct {
	calls  int
	active atomic.Int32
}

// number returns a query parameter.
func number(c *app.Call, name string, otherwise int) int {
	if n, err := strconv.Atoi(c.QueryParam(name)); err == nil {
		return n
	}
	return otherwise
}

// ids sends events that are nothing but IDs.
func ids(s *sse.Session, from, count int) error {
	for i := range count {
		if err := s.Send(sse.Event{ID: strconv.Itoa(from + i)}); err != nil {
			return err
		}
	}
	return nil
}

// hello sends the event that many tests expect.
func hello(s *sse.Session, i int) error {
	return s.Send(sse.Event{Data: "hello\nfrom server", Event: fmt.Sprint("hello ", i), ID: strconv.Itoa(i)})
}

func (k *ktorServer) module(a *app.Application) {
	a.Install(sse.Plugin)
	routing.Routes(a, func(r *routing.Route) {
		r.SSE("/hello", func(s *sse.Session) error {
			if err := s.Delay(time.Duration(number(s.Call(), "delay", 0)) * time.Millisecond); err != nil {
				return err
			}
			for i := range number(s.Call(), "times", 1) {
				if err := hello(s, i); err != nil {
					return err
				}
				if err := s.Delay(time.Duration(number(s.Call(), "interval", 0)) * time.Millisecond); err != nil {
					return err
				}
			}
			return nil
		})
		r.SSE("/comments", func(s *sse.Session) error {
			for i := range 2 * number(s.Call(), "times", 1) {
				event := sse.Event{Comments: strconv.Itoa(i)}
				if i%2 == 1 {
					event = sse.Event{Data: strconv.Itoa(i)}
				}
				if err := s.Send(event); err != nil {
					return err
				}
			}
			return nil
		})
		r.Get("/auth", func(c *app.Call) error {
			if c.Request.Header.Get("Authorization") != "Bearer valid" {
				c.Header().Set("WWW-Authenticate", `Bearer realm="TestServer"`)
				return app.NewError(http.StatusUnauthorized, "no")
			}
			return sse.Respond(c, func(s *sse.Session) error { return s.SendText("hello after refresh") })
		})
		r.Get("/content_type_with_charset", func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/event-stream; charset=UTF-8")
			return c.RespondText("id: 0\nevent: hello 0\ndata: hello\ndata: from server\n\n")
		})
		echo := func(c *app.Call) error {
			text, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return sse.Respond(c, func(s *sse.Session) error {
				return s.SendText(strings.Join([]string{text, c.Request.Header.Get("Content-Type"), c.Request.Header.Get("Content-Length")}, "|"))
			})
		}
		r.Get("/echo", echo)
		r.Post("/echo", echo)
		r.Get("/content-type-text-plain", func(c *app.Call) error { return c.RespondText("") })
		r.SSE("/json", func(s *sse.Session) error {
			if err := s.SendText("{ \"id\": 1, \n  \"firstName\": \"Jet\", \n  \"lastName\": \"Brains\" \n}"); err != nil {
				return err
			}
			return s.SendText("{ \"name\": \"Milk\", \n  \"price\": 100\n}")
		})
		r.SSE("/reconnection", func(s *sse.Session) error {
			last, _ := strconv.Atoi(s.LastEventID())
			return ids(s, last+1, number(s.Call(), "count", 0))
		})
		r.Get("/exception-on-reconnection", func(c *app.Call) error {
			k.calls++
			if c.Request.Header.Get("Last-Event-ID") != "" && k.calls != number(c, "count-of-reconnections", -1) {
				return app.NewError(http.StatusInternalServerError, "no")
			}
			k.calls = 0
			return sse.Respond(c, func(s *sse.Session) error { return ids(s, 0, number(c, "count", 0)) })
		})
		r.Get("/no-content", func(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) })
		r.SSE("/no-events", func(*sse.Session) error { return nil })
		r.Get("/no-content-after-reconnection", func(c *app.Call) error {
			if c.Request.Header.Get("Last-Event-ID") != "" {
				return c.RespondStatus(http.StatusNoContent)
			}
			return sse.Respond(c, func(s *sse.Session) error { return ids(s, 0, number(c, "count", 0)) })
		})
		r.Get("/error", func(*app.Call) error { return app.NewError(http.StatusInternalServerError, "Server error") })
		r.Get("/bad-response-json", func(c *app.Call) error {
			c.Header().Set("Content-Type", "application/json")
			c.SetStatus(http.StatusBadRequest)
			return c.RespondText("{ 'error': 'Bad request' }")
		})
		r.SSE("/active-sessions", func(s *sse.Session) error {
			k.active.Add(1)
			defer k.active.Add(-1)
			for {
				if err := s.SendText("ok"); err != nil {
					return err
				}
				if err := s.Delay(100 * time.Millisecond); err != nil {
					return err
				}
			}
		})
	})
}
