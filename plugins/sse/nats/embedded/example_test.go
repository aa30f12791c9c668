package embedded_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/nats/embedded"
	"github.com/chitor-go/chitor/routing"
)

// news is an application whose events outlive it, in a directory.
func news(directory string) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		server, err := embedded.Start(func(c *embedded.Config) { c.Directory = directory })
		if err != nil {
			a.Fail(err)
			return
		}
		a.OnStop(server.Close)
		broker, err := server.Broker(a.Context())
		if err != nil {
			a.Fail(err)
			return
		}
		hub := sse.NewHub(a, func(c *sse.HubConfig) { c.Broker = broker })
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
			r.Post("/news/{text}", func(c *app.Call) error {
				if err := hub.Publish(c.Context(), "news", sse.Event{Data: c.PathParam("text")}); err != nil {
					return err
				}
				return c.RespondStatus(http.StatusNoContent)
			})
		})
	}
}

// A client that comes back after a restart gets what was published before.
func Example() {
	directory, err := os.MkdirTemp("", "news-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(directory)

	last := visit(directory, "") // the client goes when it has read an event,
	visit(directory, last)       // and comes back after the server has stopped
	// Output:
	// sun
	// rain
}

// visit starts the application, publishes if the client is new, lets it read an
// event, and stops the application.
func visit(directory, lastEventID string) (id string) {
	ctx := context.Background()
	application := app.New(news(directory))
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return ""
	}
	server := httptest.NewServer(application)
	defer server.Close()
	defer func() {
		if err := application.Stop(ctx); err != nil {
			fmt.Println(err)
		}
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/news", http.NoBody)
	if err != nil {
		fmt.Println(err)
		return ""
	}
	request.Header.Set("Last-Event-ID", lastEventID)
	stream, err := server.Client().Do(request)
	if err != nil {
		fmt.Println(err)
		return ""
	}
	defer stream.Body.Close()
	if lastEventID == "" {
		for _, text := range []string{"sun", "rain"} {
			response, err := server.Client().Post(server.URL+"/news/"+text, "", http.NoBody)
			if err != nil {
				fmt.Println(err)
				return ""
			}
			response.Body.Close()
		}
	}
	for event, err := range sse.NewReader(stream.Body).All() {
		if err != nil {
			fmt.Println(err)
			return ""
		}
		fmt.Println(event.Data)
		return event.ID
	}
	return ""
}
