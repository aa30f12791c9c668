package sse_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// serve serves a module for as long as visit runs.
func serve(module app.Module, visit func(url string)) {
	application := app.New(module)
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(application)
	defer server.Close()
	visit(server.URL)
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}
}

// open opens a stream, as a client that has the event of an ID, or none. When it
// returns, the session has joined.
func open(url, lastEventID string) *http.Response {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		panic(err)
	}
	request.Header.Set("Last-Event-ID", lastEventID)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	return response
}

// printEvents prints the first n events of a stream, leaves, and returns the ID of the
// last one.
func printEvents(response *http.Response, n int) (id string) {
	defer response.Body.Close()
	for event, err := range sse.NewReader(response.Body).All() {
		fmt.Println(event.Event, event.Data)
		if n--; n == 0 || err != nil {
			return event.ID
		}
	}
	return ""
}

// publish publishes texts, all of the same type.
func publish(hub *sse.Hub, topic, kind string, texts ...string) {
	for _, text := range texts {
		if err := hub.Publish(context.Background(), topic, sse.Event{Event: kind, Data: text}); err != nil {
			fmt.Println(err)
		}
	}
}

// Whoever has joined gets what is published, and whoever comes back what was
// published meanwhile.
func ExampleHub() {
	var hub *sse.Hub
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		hub = sse.NewHub(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
		})
	}
	serve(module, func(url string) {
		stream := open(url+"/news", "")
		publish(hub, "news", "flash", "it rains", "it snows")
		last := printEvents(stream, 2)

		publish(hub, "news", "flash", "the sun shines")
		printEvents(open(url+"/news", last), 1)
	})
	// Output:
	// flash it rains
	// flash it snows
	// flash the sun shines
}

// Whoever is new, or was away for so long that events are lost, gets the state
// of things first.
func ExampleHub_Missed() {
	var hub *sse.Hub
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		hub = sse.NewHub(a, func(c *sse.HubConfig) { c.LogEvents = 2 })
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/score", func(s *sse.Session) error {
				if err := hub.Join(s, "score"); err != nil {
					return err
				}
				if s.LastEventID() != "" && hub.Missed(s) == nil {
					return nil // what it has missed follows
				}
				return s.Send(sse.Event{Event: "state", Data: "ask the referee"})
			})
		})
	}
	serve(module, func(url string) {
		stream := open(url+"/score", "")
		publish(hub, "score", "goal", "1:0")
		last := printEvents(stream, 2)

		publish(hub, "score", "goal", "2:0")
		printEvents(open(url+"/score", last), 1)

		publish(hub, "score", "goal", "2:1", "2:2")
		stream = open(url+"/score", last) // 2:0 has left the log
		publish(hub, "score", "goal", "3:2")
		printEvents(stream, 2)
	})
	// Output:
	// state ask the referee
	// goal 1:0
	// goal 2:0
	// state ask the referee
	// goal 3:2
}

// A filter chooses among the events of a topic.
func ExampleHub_Where() {
	var hub *sse.Hub
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		hub = sse.NewHub(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/goals", func(s *sse.Session) error {
				goals := hub.Where(func(_ string, event sse.Event) bool { return event.Event == "goal" })
				return goals.Join(s, "match")
			})
		})
	}
	serve(module, func(url string) {
		stream := open(url+"/goals", "")
		publish(hub, "match", "corner", "left")
		publish(hub, "match", "goal", "1:0")
		printEvents(stream, 1)
	})
	// Output:
	// goal 1:0
}

// A new client gets the newest event of each topic at once, and a slow one
// skips what is old.
func ExampleHub_Newest() {
	var hub *sse.Hub
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		hub = sse.NewHub(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/load", func(s *sse.Session) error { return hub.Newest().Join(s, "cpu", "disk") })
		})
	}
	serve(module, func(url string) {
		publish(hub, "cpu", "cpu", "10 %", "20 %", "30 %")
		publish(hub, "disk", "disk", "80 %")
		printEvents(open(url+"/load", ""), 2)
	})
	// Output:
	// cpu 30 %
	// disk 80 %
}

// The stream goes on when its function has returned: what a deferred call would
// do in any other handler is for OnEnd.
func ExampleSession_OnEnd() {
	var hub *sse.Hub
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		hub = sse.NewHub(a)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/news", func(s *sse.Session) error {
				defer fmt.Println("the function has returned")
				s.OnEnd(func(cause error) { fmt.Println("the stream has ended:", errors.Is(cause, sse.ErrStopping)) })
				return hub.Join(s, "news")
			})
		})
	}
	serve(module, func(url string) {
		stream := open(url+"/news", "")
		publish(hub, "news", "flash", "it rains")
		for event := range sse.NewReader(stream.Body).All() {
			fmt.Println(event.Data)
			break
		}
	})
	// Output:
	// the function has returned
	// it rains
	// the stream has ended: true
}
