package sse_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestNilFunctionOfTheConfigurationIsAMistake(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*sse.Config){
		"alone":          func(c *sse.Config) { c.Heartbeat(nil) },
		"among others":   func(c *sse.Config) { c.Heartbeat(every(time.Second, "beat"), nil, every(time.Minute, "beat")) },
		"before another": func(c *sse.Config) { c.Heartbeat(nil); c.Heartbeat() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := app.New(func(a *app.Application) { a.Install(sse.Plugin.With(configure)) }).Start(t.Context())
			require.ErrorContains(t, err, "install SSE: heartbeat: the configuration function is nil")
			assert.ErrorContains(t, err, "nil_test.go:")
		})
	}
}

func TestNilHooksOfTheConfigurationAreTheDefaults(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startWith(t, protocol, func(c *sse.Config) {
			c.Serializer, c.Key, c.LastEvent = nil, nil, nil
			c.MaxSessionsPerKey = 1
			c.Heartbeat(func(h *sse.HeartbeatConfig) { h.EventProvider = nil })
		}, func(r *routing.Route) { r.SSE("/events", func(s *sse.Session) error { return s.Delay(time.Hour) }) })
		response := h.get("/events")
		assert.Equal(t, http.StatusTooManyRequests, h.get("/events").StatusCode)
		settle() // the head is sent before the first beat
		assert.Zero(t, h.stop())
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Equal(t, ": heartbeat\r\n", body)
	})
}

func TestNilFunctionOfAStreamIsLoggedAndChangesNothing(t *testing.T) {
	for name, test := range map[string]struct {
		use    func(*sse.Session)
		logged string
		want   []string
	}{
		"heartbeat":                  {func(s *sse.Session) { s.Heartbeat(nil) }, "heartbeat: the configuration function is nil", []string{"0s heartbeat", "30s heartbeat", "45s end"}},
		"heartbeat, beside others":   {func(s *sse.Session) { s.Heartbeat(nil, every(40*time.Second, "beat"), nil) }, "heartbeat: the configuration function is nil", []string{"0s beat", "40s beat", "45s end"}},
		"work":                       {func(s *sse.Session) { s.Go(nil) }, "go: the work is nil", []string{"45s end"}},
		"work when all is over, too": {func(s *sse.Session) { s.Close(); s.Go(nil) }, "go: the work is nil", []string{"0s end"}},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.SSE("/events", func(s *sse.Session) error {
						test.use(s)
						return s.Delay(45 * time.Second)
					})
				})
				assert.Equal(t, test.want, timeline(t, h.get("/events")))
				settle()
				logged := h.log.take("level=ERROR")
				require.Len(t, logged, 1)
				assert.Contains(t, logged[0], test.logged)
				assert.Contains(t, logged[0], "site=sse/nil_test.go:", "the line of the call")
			})
		})
	}
}

func TestRespondRefusesNilFunctions(t *testing.T) {
	for want, respond := range map[string]app.Handler{
		"the function that serves it is nil": func(c *app.Call) error { return sse.Respond(c, nil) },
		"an option is nil":                   func(c *app.Call) error { return sse.Respond(c, greet, nil) },
	} {
		t.Run(want, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				var failure error
				h := start(t, protocol, func(r *routing.Route) {
					r.Get("/events", func(c *app.Call) error {
						failure = respond(c)
						assert.False(t, sse.IsEventStream(c))
						return c.RespondText("an ordinary response")
					})
				})
				status, body := h.text(http.MethodGet, "/events")
				assert.EqualError(t, failure, "respond with an event stream: "+want)
				assert.Equal(t, http.StatusOK, status)
				assert.Equal(t, "an ordinary response", body)
				assert.Equal(t, sse.Stats{}, h.sessions().Stats())
			})
		})
	}
}

func TestSendAllRefusesANilSequence(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				assert.EqualError(t, s.SendAll(nil), "send all events: the sequence is nil")
				return s.SendText("still here")
			})
		})
		_, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, "data: still here\r\n\r\n", body)
	})
}

func TestReaderYieldsANilConfigurationFunctionAsItsOnlyError(t *testing.T) {
	t.Parallel()
	var failures []error
	for event, err := range sse.NewReader(strings.NewReader("data: a\n\n"), nil).All() {
		assert.Zero(t, event)
		failures = append(failures, err)
	}
	require.Len(t, failures, 1)
	assert.EqualError(t, failures[0], "read event stream: the configuration function is nil")
}
