package sse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// show prints the response of a module to a request.
func show(module app.Module, request *http.Request) {
	application := app.New(module)
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	response := httptest.NewRecorder()
	application.ServeHTTP(response, request)
	fmt.Println(response.Code, response.Header().Get("Content-Type"))
	fmt.Print(strings.ReplaceAll(response.Body.String(), "\r\n", "\n"))
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}
}

func ExamplePlugin() {
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/prices", func(s *sse.Session) error {
				for i, price := range []string{"41", "42"} {
					if err := s.Send(sse.Event{Event: "price", ID: fmt.Sprint(i), Data: price}); err != nil {
						return err
					}
				}
				return s.SendText("the market is closed")
			})
		})
	}
	show(module, httptest.NewRequest(http.MethodGet, "/prices", nil))
	// Output:
	// 200 text/event-stream
	// event: price
	// data: 41
	// id: 0
	//
	// event: price
	// data: 42
	// id: 1
	//
	// data: the market is closed
}

func ExampleRespond() {
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/answer", func(c *app.Call) error {
				question, err := c.ReceiveText()
				if err != nil {
					return err
				}
				if question == "" { // an ordinary response
					return app.NewError(http.StatusBadRequest, "ask something")
				}
				return sse.Respond(c, func(s *sse.Session) error {
					for word := range strings.FieldsSeq("you asked " + question) {
						if err := s.SendText(word); err != nil {
							return err
						}
					}
					return nil
				})
			})
		})
	}
	show(module, httptest.NewRequest(http.MethodPost, "/answer", strings.NewReader("why?")))
	// Output:
	// 200 text/event-stream
	// data: you
	//
	// data: asked
	//
	// data: why?
}

func ExampleSession_SendValue() {
	type product struct {
		ID     int   `json:"id"`
		Prices []int `json:"prices"`
	}
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/products", func(s *sse.Session) error {
				return s.SendValue(product{7, []int{100, 200}})
			}, sse.Serialize(sse.JSON))
		})
	}
	show(module, httptest.NewRequest(http.MethodGet, "/products", nil))
	// Output:
	// 200 text/event-stream
	// data: {"id":7,"prices":[100,200]}
}

// Every session that is open can be listed and closed, from any scope.
func ExampleSessionsOf() {
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/open", func(s *sse.Session) error {
				sessions, _ := sse.SessionsOf(s.Call().Scope())
				return s.SendText(fmt.Sprint(sessions.Stats().Open))
			})
		})
	}
	show(module, httptest.NewRequest(http.MethodGet, "/open", nil))
	// Output:
	// 200 text/event-stream
	// data: 1
}

// A stream that continues where the client left off.
func ExampleSession_LastEventID() {
	lines := []string{"first", "second", "third"}
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/lines", func(s *sse.Session) error {
				next := 0
				if _, err := fmt.Sscan(s.LastEventID(), &next); err != nil || next < 0 || next > len(lines) {
					next = 0 // no ID, or not one of ours
				}
				for i, line := range lines[next:] {
					if err := s.Send(sse.Event{ID: fmt.Sprint(next + i + 1), Data: line}); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	request := httptest.NewRequest(http.MethodGet, "/lines", nil)
	request.Header.Set("Last-Event-ID", "2")
	show(module, request)
	// Output:
	// 200 text/event-stream
	// data: third
	// id: 3
}

// What has ended a session is the cause of its context, and is wrapped by the
// errors of Send and Delay.
func ExampleSession_Close() {
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/news", func(s *sse.Session) error {
				if err := s.SendText("the last news"); err != nil {
					return err
				}
				s.Close() // for once by the stream itself
				err := s.SendText("too late")
				fmt.Println(err, errors.Is(err, sse.ErrClosed), errors.Is(context.Cause(s.Context()), sse.ErrClosed))
				return err
			})
		})
	}
	show(module, httptest.NewRequest(http.MethodGet, "/news", nil))
	// Output:
	// send event: event stream is closed true true
	// 200 text/event-stream
	// data: the last news
}

// The stream of a handler of net/http gets the head that proxies need, heartbeats, a
// clean end at a stop, and a place among the sessions.
func Example_adopt() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: from an SDK\n\n")
	})
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Mount("/mcp", handler).Install(sse.Adopt)
		})
	}
	show(module, httptest.NewRequest(http.MethodGet, "/mcp", nil))
	// Output:
	// 200 text/event-stream
	// data: from an SDK
}
