package docs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

type price struct {
	Symbol string `json:"symbol"`
	Cents  int    `json:"cents"`
}

func sseConfigured(a *app.Application) {
	a.Install(sse.Plugin.With(func(c *sse.Config) {
		c.Serializer = sse.JSON
		c.MaxSessions = 10_000        // 503 beyond
		c.MaxSessionsPerKey = 6       // 429 beyond
		c.MaxAge = 30 * time.Minute   // then the client comes back
		c.StopRetry = 2 * time.Second // when the application stops
		c.LastEvent = func(_ *sse.Session, cause error) sse.Event {
			if errors.Is(cause, sse.ErrStopping) {
				return sse.Event{Event: "goodbye", Data: "we restart"}
			}
			return sse.Event{} // nothing
		}
		c.Heartbeat(func(h *sse.HeartbeatConfig) {
			h.Period = 15 * time.Second
			h.OnlyIdle = true
		})
	}))
}

func sseRoutes(a *app.Application) {
	sseConfigured(a)
	news := []string{"one", "two", "three"}
	incoming := make(chan sse.Event, 2)
	incoming <- sse.Event{Data: "first"}
	incoming <- sse.Event{Data: "second"}
	close(incoming)
	lobby := make(chan sse.Event, 1)
	lobby <- sse.Event{Data: "welcome"}
	close(lobby)
	rooms := map[string]chan sse.Event{"1": lobby}

	routing.Routes(a, func(r *routing.Route) {
		r.Route("/ticks", func(r *routing.Route) {
			r.SSE("", func(s *sse.Session) error { // the route itself
				for tick := range 3 {
					if err := s.SendText(strconv.Itoa(tick)); err != nil {
						return err
					}
					if err := s.Delay(time.Second); err != nil {
						return err
					}
				}
				return nil
			})
		})

		r.Post("/answer", func(c *app.Call) error {
			question, err := c.ReceiveText()
			if err != nil {
				return err
			}
			if question == "" {
				return app.NewError(http.StatusBadRequest, "ask something")
			}
			c.Header().Set("X-Model", "small")
			return sse.Respond(c, func(s *sse.Session) error {
				for word := range strings.FieldsSeq(question) {
					if err := s.SendText(word); err != nil {
						return err
					}
				}
				return s.Send(sse.Event{Event: "done"})
			})
		})

		r.SSE("/prices", func(s *sse.Session) error {
			if err := s.SendValue(price{"JB", 4200}); err != nil {
				return err
			}
			return s.SendTyped(sse.TypedEvent{Data: price{"JB", 4300}, Event: "change", ID: "2"})
		})

		r.SSE("/news", func(s *sse.Session) error {
			position, err := strconv.Atoi(s.LastEventID())
			if err != nil || position < 0 || position > len(news) {
				position = 0 // a new client, or not an ID of ours
			}
			for i, item := range news[position:] {
				if err := s.Send(sse.Event{ID: strconv.Itoa(position + i + 1), Data: item}); err != nil {
					return err
				}
			}
			return nil
		})

		r.Get("/finished", func(c *app.Call) error {
			return c.RespondStatus(http.StatusNoContent) // an EventSource does not come back
		})

		r.SSE("/rooms/{id}", func(s *sse.Session) error {
			room, found := rooms[s.Call().PathParam("id")]
			if !found {
				return app.NewError(http.StatusNotFound, "there is no such room")
			}
			return s.SendFrom(room)
		})

		r.SSE("/channel", func(s *sse.Session) error { return s.SendFrom(incoming) })

		r.SSE("/sequence", func(s *sse.Session) error { return s.SendAll(countdown(s.Context(), 3)) })

		r.SSE("/two-sources", func(s *sse.Session) error {
			s.Go(func(context.Context) error { return s.SendText("from a goroutine") })
			return s.SendText("from the function")
		})

		r.SSE("/heartbeat", func(s *sse.Session) error {
			s.Heartbeat(func(h *sse.HeartbeatConfig) {
				h.Period = 10 * time.Second
				h.EventProvider = func(context.Context) (sse.Event, error) {
					return sse.Event{Event: "load", Data: "0.7"}, nil
				}
			})
			return s.Delay(25 * time.Second)
		})

		r.SSE("/why", func(s *sse.Session) error {
			err := s.Delay(time.Hour)
			switch {
			case errors.Is(err, sse.ErrStopping): // the application stops
			case errors.Is(err, sse.ErrTooOld): // MaxAge is over
			case errors.Is(err, sse.ErrExpired): // what the client has logged in with has expired
			case errors.Is(err, errLoggedOut): // what s.End was given
			case errors.Is(err, sse.ErrClientGone): // nobody listens any more
			case errors.Is(err, sse.ErrWriteTimeout): // the client does not read
			case errors.Is(err, sse.ErrLagged): // it did not keep up with a hub
			case errors.Is(err, sse.ErrClosed): // somebody called s.Close
			}
			return err
		})

		r.SSE("/report", func(s *sse.Session) error {
			err := s.Delay(time.Hour)
			if errors.Is(err, context.DeadlineExceeded) { // nil ends the stream cleanly
				return s.Send(sse.Event{Event: "error", Data: "it took too long"})
			}
			return err
		})

		r.Delete("/sessions/{id}", func(c *app.Call) error {
			id, err := app.PathParam[uint64](c, "id")
			if err != nil {
				return err
			}
			sessions, _ := sse.SessionsOf(c.Scope())
			for s := range sessions.All() {
				if s.ID() == id {
					s.Close()
					return c.RespondStatus(http.StatusNoContent)
				}
			}
			return app.NewError(http.StatusNotFound, "there is no such session")
		})

		r.Get("/metrics", func(c *app.Call) error {
			sessions, _ := sse.SessionsOf(c.Scope())
			stats := sessions.Stats()
			return c.RespondText(fmt.Sprintf("open %d\nevents %d\n", stats.Open, stats.Events))
		})
	})
}

func countdown(ctx context.Context, from int) iter.Seq2[sse.Event, error] {
	return func(yield func(sse.Event, error) bool) {
		for i := from; i > 0 && ctx.Err() == nil; i-- {
			if !yield(sse.Event{Data: strconv.Itoa(i)}, nil) {
				return
			}
		}
	}
}

func TestTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in fake time
		host := apptest.Start(t, sseRoutes)
		response := host.Get("/ticks")
		began := time.Now()
		events := ssetest.Take(t, response.Body, 2)
		assert.Equal(t, "1", events[1].Data)
		assert.Equal(t, time.Second, time.Since(began))
	})
}

func TestSSEPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, sseRoutes)
		for path, want := range map[string]string{
			"/prices":      "data: {\"symbol\":\"JB\",\"cents\":4200}|event: change\ndata: {\"symbol\":\"JB\",\"cents\":4300}\nid: 2|",
			"/news":        "data: one\nid: 1|data: two\nid: 2|data: three\nid: 3|",
			"/channel":     "data: first|data: second|",
			"/rooms/1":     "data: welcome|",
			"/sequence":    "data: 3|data: 2|data: 1|",
			"/two-sources": "data: from a goroutine|data: from the function|",
			"/heartbeat":   strings.Repeat("event: load\ndata: 0.7|", 3),
		} {
			assert.ElementsMatch(t, strings.Split(want, "|"), strings.Split(blocks(apptest.Text(t, host.Get(path))), "|"), path)
		}
		all := "data: one\nid: 1|data: two\nid: 2|data: three\nid: 3|"
		for id, want := range map[string]string{"2": "data: three\nid: 3|", "3": "", "4": all, "-1": all, "x": all} {
			assert.Equal(t, want, blocks(apptest.Text(t, host.Get("/news", apptest.Header("Last-Event-ID", id)))), id)
		}
		answer := host.Post("/answer", "text/plain", strings.NewReader("to be"))
		assert.Equal(t, "small", answer.Header.Get("X-Model"))
		assert.Equal(t, "data: to|data: be|event: done\ndata: |", blocks(apptest.Text(t, answer)))
		assert.Equal(t, http.StatusBadRequest, host.Post("/answer", "text/plain", strings.NewReader("")).StatusCode)
		assert.Equal(t, http.StatusNoContent, host.Get("/finished").StatusCode)
		assert.Equal(t, http.StatusNotFound, host.Get("/rooms/2").StatusCode)

		quiet := host.Get("/why")
		synctest.Wait()
		sessions, installed := sse.SessionsOf(host.Application())
		require.True(t, installed)
		open := sessions.Stats()
		assert.Equal(t, 1, open.Open)
		assert.Equal(t, fmt.Sprintf("open 1\nevents %d\n", open.Events), apptest.Text(t, host.Get("/metrics")))
		for s := range sessions.All() {
			assert.Equal(t, http.StatusNoContent, host.Do(http.MethodDelete, fmt.Sprint("/sessions/", s.ID()), nil).StatusCode)
		}
		assert.Equal(t, http.StatusNotFound, host.Do(http.MethodDelete, "/sessions/999", nil).StatusCode)
		assert.Empty(t, blocks(apptest.Text(t, quiet)))
	})
}

// ownServer puts an application into an http.Server.
func ownServer(application *app.Application) *http.Server {
	server := &http.Server{Handler: application, ReadHeaderTimeout: 10 * time.Second}
	server.RegisterOnShutdown(func() {
		if err := application.Stop(context.Background()); err != nil {
			application.Logger().Error("the application did not stop in time", "error", err)
		}
	})
	return server
}

// A shutdown does not wait for the streams of an application that it has told.
func TestShutdownOfAServerOfOnesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		application := app.New(sseRoutes)
		require.NoError(t, application.Start(t.Context()))
		server := ownServer(application)
		listener := memnet.Listen()
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		client := &http.Client{Transport: &http.Transport{DialContext: listener.DialContext}}
		response, err := client.Get("http://test/why")
		require.NoError(t, err)
		began := time.Now()
		require.NoError(t, server.Shutdown(t.Context()))
		assert.Less(t, time.Since(began), time.Second)
		assert.ErrorIs(t, <-served, http.ErrServerClosed)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		assert.Contains(t, string(body), "event: goodbye")
		require.NoError(t, application.Stop(t.Context()))
	})
}

// listen shows what it reads of a stream.
func listen(ctx context.Context, url string, show func(sse.Event)) error {
	for event, err := range eventsource.Get(ctx, url) {
		if err != nil {
			return err // it is over: ctx has ended, or to try again is of no use
		}
		show(event)
	}
	return nil // the server has answered 204
}

// ask shows the answer to a question.
func ask(ctx context.Context, url, token, question string, show func(sse.Event)) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(question))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	stream := eventsource.New(request, func(c *eventsource.Config) {
		c.MaxReconnectionAttempts = 4
		c.ReconnectionTime = 2 * time.Second
		c.ReadTimeout = 45 * time.Second // the server's heartbeat comes every 15 s
		c.Comments = true                // show them too
	})
	for event, err := range stream.Events() {
		if err != nil {
			return err
		}
		show(event)
		if event.Event == "done" {
			break
		}
	}
	return nil
}

// A chunk is a piece of a model's answer.
type chunk struct {
	Choices []struct {
		Delta struct{ Content string }
	}
}

// askModel shows the answer of a model, which is whole if there is no error.
func askModel(client *http.Client, question *http.Request, token func(context.Context, bool) (string, error), show func(string)) error {
	stream := eventsource.New(question, func(c *eventsource.Config) {
		c.HTTPClient = client
		c.IsLast = eventsource.IsDone        // without it the answer has been cut
		c.ResponseTimeout = 10 * time.Minute // the head may come with the first word
		c.EventTimeout = 10 * time.Minute    // whatever else a relay sends
		c.MaxReconnectionAttempts = 2        // as long as nothing has come
		c.RetryStatuses = append(c.RetryStatuses, http.StatusUnauthorized)
		c.OnRequest = func(r *http.Request, before error) error {
			refused, ok := errors.AsType[*eventsource.ResponseError](before)
			token, err := token(r.Context(), ok && refused.StatusCode == http.StatusUnauthorized)
			r.Header.Set("Authorization", "Bearer "+token)
			return err
		}
	})
	for chunk, err := range eventsource.Values[chunk](stream.Events()) {
		if err != nil {
			return err // an *eventsource.ResponseError has what the API says in its Body
		}
		for _, choice := range chunk.Choices {
			show(choice.Delta.Content)
		}
	}
	return nil
}

func TestReadingAModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.Post("/", func(c *app.Call) error {
					if asked++; c.Request.Header.Get("Authorization") != "Bearer new" {
						return app.NewError(http.StatusUnauthorized, "expired")
					}
					return sse.Respond(c, func(s *sse.Session) error {
						for _, data := range []string{`{"choices":[{"delta":{"content":"forty"}}]}`, `{"choices":[]}`, "[DONE]"}[:asked] {
							if err := s.SendText(data); err != nil {
								return err
							}
						}
						return nil
					})
				})
			})
		})
		question, err := http.NewRequestWithContext(t.Context(), http.MethodPost, host.URL, strings.NewReader("{}"))
		require.NoError(t, err)
		token := func(_ context.Context, again bool) (string, error) {
			if again || asked > 1 {
				return "new", nil
			}
			return "old", nil
		}
		var shown []string
		show := func(text string) { shown = append(shown, text) }
		assert.ErrorIs(t, askModel(host.Client(), question, token, show), io.ErrUnexpectedEOF, "two of three")
		question.Body, err = question.GetBody()
		require.NoError(t, err)
		assert.NoError(t, askModel(host.Client(), question, token, show))
		assert.Equal(t, []string{"forty", "forty"}, shown)
		assert.Equal(t, 3, asked)
	})
}

func TestReadingAStream(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		question, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, ": %s\n\ndata: %s\n\nevent: done\ndata\n\n", r.Header.Get("Authorization"), question)
	}))
	defer server.Close()
	var shown []sse.Event
	show := func(event sse.Event) { shown = append(shown, event) }
	require.NoError(t, ask(t.Context(), server.URL, "secret", "why?", show))
	assert.Equal(t, []sse.Event{{Comments: "Bearer secret"}, {Data: "why?"}, {Event: "done"}}, shown)

	ctx, cancel := context.WithCancel(t.Context())
	shown = nil
	assert.ErrorIs(t, listen(ctx, server.URL, func(event sse.Event) {
		show(event)
		cancel()
	}), context.Canceled)
	assert.Equal(t, []sse.Event{{}}, shown)

	gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer gone.Close()
	assert.NoError(t, listen(t.Context(), gone.URL, show))
}

// blocks returns an event stream with one | for each end of a block, and
// without the heartbeat of the plugin.
func blocks(stream string) string {
	stream = strings.ReplaceAll(stream, ": heartbeat\r\n", "")
	return strings.ReplaceAll(strings.ReplaceAll(stream, "\r\n\r\n", "|"), "\r\n", "\n")
}
