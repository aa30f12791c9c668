package eventsource_test

import (
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/plugins/sse"
)

// overEach runs a test in fake time once for each protocol.
func overEach(t *testing.T, test func(t *testing.T, protocol string)) {
	t.Helper()
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, protocol) })
		})
	}
}

// inBubble runs a test in fake time.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// A host is a server on the in-memory network that answers its first request
// with the first of its steps, and so on. When there are no more, it answers
// 204, which ends any stream.
type host struct {
	t        *testing.T
	listener *memnet.Listener
	client   *http.Client
	began    time.Time

	mu       sync.Mutex
	steps    []http.HandlerFunc
	requests []received
}

// received is a request as it has reached the server.
type received struct {
	*http.Request
	body  string
	after time.Duration // since the host was started
}

func start(t *testing.T, protocol string, steps ...http.HandlerFunc) *host {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(protocol == "HTTP/1.1")
	protocols.SetUnencryptedHTTP2(protocol == "HTTP/2.0")
	h := &host{t: t, listener: memnet.Listen(), steps: steps, began: time.Now()}
	server := &http.Server{Handler: h, Protocols: protocols}
	served := make(chan error, 1)
	go func() { served <- server.Serve(h.listener) }()
	transport := &http.Transport{DialContext: h.listener.DialContext, Protocols: protocols}
	h.client = &http.Client{Transport: transport}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		assert.NoError(t, server.Close())
		assert.ErrorIs(t, <-served, http.ErrServerClosed)
	})
	return h
}

// ServeHTTP implements [http.Handler].
func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	assert.NoError(h.t, err)
	step := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	h.mu.Lock()
	h.requests = append(h.requests, received{r, string(body), time.Since(h.began)})
	if len(h.steps) > 0 {
		step, h.steps = h.steps[0], h.steps[1:]
	}
	h.mu.Unlock()
	step(w, r)
}

// received returns the requests that have come so far.
func (h *host) received() []received {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests
}

// use is the configuration that makes a stream reach the host.
func (h *host) use(c *eventsource.Config) { c.HTTPClient = h.client }

// stream returns a stream of GET /events.
func (h *host) stream(configure ...func(*eventsource.Config)) *eventsource.Stream {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, "http://test/events", nil)
	require.NoError(h.t, err)
	return eventsource.New(request, append([]func(*eventsource.Config){h.use}, configure...)...)
}

// collect loops until the stream ends, and returns what it yields.
func collect(stream *eventsource.Stream) (events []sse.Event, failure error) {
	for event, err := range stream.Events() {
		if err != nil {
			failure = err
			continue
		}
		events = append(events, event)
	}
	return events, failure
}

// attempts sets how often a stream may reconnect.
func attempts(n int) func(*eventsource.Config) {
	return func(c *eventsource.Config) { c.MaxReconnectionAttempts = n }
}

// A journal is what a stream has told by OnReconnect.
type journal struct {
	errors []error
	waits  []time.Duration
}

func (j *journal) keep(c *eventsource.Config) {
	c.OnReconnect = func(err error, wait time.Duration) {
		j.errors = append(j.errors, err)
		j.waits = append(j.waits, wait)
	}
}

// answers is a step that sends an event stream, each text on its own, and ends
// cleanly.
func answers(texts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		send(w, "")
		for _, text := range texts {
			send(w, text)
		}
	}
}

// breaks is a step like answers that is cut off.
func breaks(texts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answers(texts...)(w, r)
		panic(http.ErrAbortHandler)
	}
}

// stays is a step like answers that stays open until the client has gone.
func stays(texts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answers(texts...)(w, r)
		<-r.Context().Done()
	}
}

// refuses is a step with a status; header holds names and values in turn.
func refuses(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	}
}

// send writes and flushes.
func send(w http.ResponseWriter, text string) {
	_, _ = io.WriteString(w, text)
	_ = http.NewResponseController(w).Flush()
}

// data returns the data of events.
func data(events []sse.Event) []string {
	var all []string
	for _, event := range events {
		all = append(all, event.Data)
	}
	return all
}

// A roundTripper stands between a client and its transport.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// opened asserts that a response opens a stream.
func opened(t *testing.T, protocol, want string, steps ...http.HandlerFunc) {
	t.Helper()
	events, err := collect(start(t, protocol, steps...).stream(attempts(0)))
	assert.NoError(t, err)
	assert.Equal(t, []string{want}, data(events))
}

// typed is a step that sends one event under a Content-Type.
func typed(contentType string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		send(w, "data: \u00e9\n\n")
	}
}

// reconnected reads the streams until the server has no more, and returns what
// has come and what was asked.
func reconnected(t *testing.T, protocol string, bodies ...string) ([]sse.Event, []received) {
	t.Helper()
	var steps []http.HandlerFunc
	for _, body := range bodies {
		steps = append(steps, answers(body))
	}
	h := start(t, protocol, steps...)
	events, err := collect(h.stream())
	require.NoError(t, err)
	require.Len(t, h.received(), len(bodies)+1)
	return events, h.received()
}

func requestTo(t *testing.T, url string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	return request
}

// withComments is Ktor's showCommentEvents.
func withComments(c *eventsource.Config) { c.Comments = true }

func post(t *testing.T, body io.Reader) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://test/", body)
	require.NoError(t, err)
	return request
}

// repeat returns n times the same step.
func repeat(n int, step http.HandlerFunc) []http.HandlerFunc {
	steps := make([]http.HandlerFunc, n)
	for i := range steps {
		steps[i] = step
	}
	return steps
}
