package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/plugins/sse"
)

// parameters are what the tests say about a stream.
type parameters struct {
	CallbackURL    string            `json:"callbackUrl"`
	StreamURL      string            `json:"streamUrl"`
	InitialDelayMS *int64            `json:"initialDelayMs"`
	LastEventID    string            `json:"lastEventId"`
	Method         string            `json:"method"`
	Body           string            `json:"body"`
	Headers        map[string]string `json:"headers"`
	ReadTimeoutMS  int64             `json:"readTimeoutMs"`
}

// request returns what the parameters ask for.
func (p parameters) request(ctx context.Context) (*http.Request, error) {
	var body io.Reader
	if p.Body != "" {
		body = strings.NewReader(p.Body)
	}
	request, err := http.NewRequestWithContext(ctx, cmp.Or(p.Method, http.MethodGet), p.StreamURL, body)
	if err != nil {
		return nil, err
	}
	for name, value := range p.Headers {
		request.Header.Set(name, value)
	}
	return request, nil
}

// What ends the loop over a stream from outside.
var (
	errRestart = errors.New("the tests want it to reconnect")
	errClose   = errors.New("the tests are done with it")
)

// A stream is one of those that the tests have asked for.
type stream struct {
	parameters
	log *slog.Logger

	mu     sync.Mutex
	cancel context.CancelCauseFunc // of the loop

	told int // how many messages the tests have got
}

// end ends the loop.
func (s *stream) end(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel(cause)
}

// begin returns the context of the next loop.
func (s *stream) begin(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel = cancel
	return ctx
}

// run reads the stream until the tests are done with it.
func (s *stream) run(parent, ctx context.Context) error {
	request, err := s.request(ctx)
	if err != nil {
		return err
	}
	opened := false
	events := eventsource.New(request, func(c *eventsource.Config) {
		c.OnOpen = func(*http.Response) { opened = true }
		c.LastEventID, c.Comments = s.LastEventID, true
		c.MaxEvent = 0                 // there are events of 13 MB
		c.MaxReconnectionAttempts = -1 // POST too
		c.Restart = true               // whatever has come
		c.ReadTimeout = time.Duration(s.ReadTimeoutMS) * time.Millisecond
		if s.InitialDelayMS != nil {
			c.ReconnectionTime = time.Duration(*s.InitialDelayMS) * time.Millisecond
		}
		c.OnReconnect = func(err error, _ time.Duration) {
			if err != nil {
				s.tell(ctx, message{Kind: "error", Error: err.Error()})
			}
		}
	})
	// A POST is over with the clean end of its stream, which the tests call a
	// break: whoever wants another answer loops again. 204 opens no stream.
	for again := true; again; again = opened && ctx.Err() == nil {
		opened = false
		for event, err := range events.Events() {
			s.tell(ctx, messageOf(event, err))
			opened = opened && err == nil
		}
	}
	if !errors.Is(context.Cause(ctx), errRestart) {
		return nil
	}
	s.LastEventID = events.LastEventID()
	return s.run(parent, s.begin(parent))
}

// message is what the tests are told.
type message struct {
	Kind    string     `json:"kind"`
	Event   *eventText `json:"event,omitempty"`
	Comment string     `json:"comment,omitempty"`
	Error   string     `json:"error,omitempty"`
}

type eventText struct {
	Type string `json:"type"`
	Data string `json:"data"`
	ID   string `json:"id"`
}

func messageOf(event sse.Event, err error) message {
	switch {
	case err != nil:
		return message{Kind: "error", Error: err.Error()}
	case event.Comments != "":
		return message{Kind: "comment", Comment: event.Comments}
	}
	return message{Kind: "event", Event: &eventText{cmp.Or(event.Event, "message"), event.Data, event.ID}}
}

// tell sends a message to the tests. One that does not arrive is only logged:
// the tests may have gone.
func (s *stream) tell(ctx context.Context, m message) {
	if ctx.Err() != nil {
		return
	}
	s.told++
	if err := post(context.WithoutCancel(ctx), fmt.Sprint(s.CallbackURL, "/", s.told), m); err != nil {
		s.log.WarnContext(ctx, "the tests cannot be told", "error", err)
	}
}

func post(ctx context.Context, url string, m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// streams are those that the tests have not closed.
type streams struct {
	application *app.Application
	mu          sync.Mutex
	last        int
	open        map[string]*stream
}

func newStreams(a *app.Application) *streams {
	return &streams{application: a, open: map[string]*stream{}}
}

// add begins a stream and returns its id.
func (s *streams) add(p parameters) (string, error) {
	if _, err := p.request(s.application.Context()); err != nil {
		return "", err
	}
	added := &stream{parameters: p, log: s.application.Logger()}
	parent := s.application.Context()
	ctx := added.begin(parent)
	s.mu.Lock()
	s.last++
	id := strconv.Itoa(s.last)
	s.open[id] = added
	s.mu.Unlock()
	s.application.Go(func(context.Context) error { return added.run(parent, ctx) })
	return id, nil
}

func (s *streams) find(id string) (*stream, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.open[id]
	return found, ok
}

// remove takes a stream out.
func (s *streams) remove(id string) (*stream, bool) {
	found, ok := s.find(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, id)
	return found, ok
}
