package sse_test

import (
	"context"
	"net/http"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestStopEndsSessionsAtOnce(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		const clients = 10
		ends := make(chan ended, clients)
		h := start(t, protocol, func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
		var open []*http.Response
		for range clients {
			open = append(open, h.get("/events"))
		}
		elapse(time.Minute)
		assert.Zero(t, h.stop())
		for _, response := range open {
			end := <-ends
			assert.Equal(t, sse.ErrStopping, end.cause)
			assert.NoError(t, end.sent, "it may say a last word")
			assert.Equal(t, time.Minute, end.after)
			body, err := rest(response)
			assert.NoError(t, err)
			assert.Equal(t, "data: hello\r\n\r\ndata: late\r\n\r\n", body)
		}
	})
}

// A stop whose context has ended fails for none of the streams that are not there.
func TestStopWithoutTimeAndWithoutStreams(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		application := app.New(func(a *app.Application) { a.Install(sse.Plugin) })
		require.NoError(t, application.Start(t.Context()))
		require.NoError(t, application.Stop(ended))
	}
}

func TestStopWithoutTheApplicationsContextBelow(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ends := make(chan ended, 1)
		h := startModule(t, "HTTP/1.1", func(a *app.Application) {
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
		}, func(server *http.Server) { server.BaseContext = nil }) // as in somebody else's server
		response := h.get("/events")
		assert.Zero(t, h.stop())
		assert.Equal(t, sse.ErrStopping, (<-ends).cause)
		_, err := rest(response)
		assert.NoError(t, err)
	})
}

func TestSessionOpenedWhileStoppingEndsAtOnce(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		opened := make(chan struct{})
		h := start(t, protocol, func(r *routing.Route) {
			r.Get("/events", func(c *app.Call) error {
				opened <- struct{}{}
				elapse(500 * time.Millisecond) // within the grace
				return sse.Respond(c, func(s *sse.Session) error {
					began := time.Now()
					<-s.Context().Done()
					ends <- ended{context.Cause(s.Context()), time.Since(began), s.SendText("late")}
					return nil
				})
			})
		})
		bodies := make(chan string)
		go func() {
			body, err := rest(h.get("/events"))
			assert.NoError(t, err)
			bodies <- body
		}()
		<-opened
		assert.Equal(t, 500*time.Millisecond, h.stop())
		end := <-ends
		assert.Equal(t, sse.ErrStopping, end.cause)
		assert.Zero(t, end.after)
		assert.NoError(t, end.sent)
		assert.Equal(t, "data: late\r\n\r\n", <-bodies)
	})
}

func TestStopCutsAStuckSendWhenTheGraceIsOver(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) { r.SSE("/events", stuck(ends)) })
		h.get("/events")
		elapse(time.Second)
		assert.Equal(t, time.Second, h.stop())
		end := <-ends
		assert.Equal(t, sse.ErrStopping, end.cause)
		assert.ErrorIs(t, end.sent, sse.ErrStopping)
		assert.Equal(t, 2*time.Second, end.after)
	})
}

// The sessions that are open are known, in whatever order others have come and
// gone.
func TestStopEndsWhatIsLeftOpen(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for _, left := range [][]int{{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 2}, {0, 1, 2}} {
			ends := make(chan ended, 3)
			sessions := make(chan *sse.Session, 1)
			h := start(t, protocol, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error {
					sessions <- s
					return untilItEnds(ends)(s)
				})
			})
			open := make([]*sse.Session, 3)
			for i := range open {
				h.get("/events")
				open[i] = <-sessions
			}
			for _, i := range left {
				open[i].Close()
				assert.Equal(t, sse.ErrClosed, (<-ends).cause)
				settle()
			}
			assert.Zero(t, h.stop())
			for range len(open) - len(left) {
				assert.Equal(t, sse.ErrStopping, (<-ends).cause)
			}
		}
	})
}

func TestEndedSessionsAreForgotten(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		sessions := make(chan weak.Pointer[sse.Session], 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				sessions <- weak.Make(s)
				return s.Delay(time.Hour)
			})
		})
		var open []*http.Response
		var seen []weak.Pointer[sse.Session]
		for range 4 {
			open = append(open, h.get("/events"))
			seen = append(seen, <-sessions)
		}
		for _, i := range []int{3, 1, 2, 0} {
			require.NoError(t, open[i].Body.Close())
			settle()
		}
		h.text(http.MethodGet, "/nowhere") // an HTTP/2 connection lets go of what came before
		settle()
		runtime.GC()
		for _, session := range seen {
			assert.Nil(t, session.Value())
		}
	})
}

// Who keeps a session does not keep those that were open beside it.
func TestEndedSessionDoesNotHoldOthers(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		var kept *sse.Session
		var seen []weak.Pointer[sse.Session]
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				if len(seen) == 1 {
					kept = s
				}
				seen = append(seen, weak.Make(s))
				return s.Delay(time.Hour)
			})
		})
		var open []*http.Response
		for range 3 {
			open = append(open, h.get("/events"))
			settle()
		}
		for _, i := range []int{1, 2, 0} {
			require.NoError(t, open[i].Body.Close())
			settle()
		}
		h.text(http.MethodGet, "/nowhere") // an HTTP/2 connection lets go of what came before
		settle()
		runtime.GC()
		assert.Nil(t, seen[0].Value())
		assert.NotNil(t, seen[1].Value())
		assert.Nil(t, seen[2].Value())
		assert.Equal(t, uint64(2), kept.ID())
	})
}
