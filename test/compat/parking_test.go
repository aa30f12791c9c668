package compat_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// What becomes of the stream of a hub behind a middleware.
const (
	cellParked  = "parked"
	cellHeld    = "held"
	cellWrapped = "held always" // whatever is said of the middleware
	cellRefused = "-"
)

// streamOfHub returns what becomes of the stream of a hub behind the row's
// middleware, if ReturnsEarly says of it what is true.
func (row middlewareRow) streamOfHub() string {
	found := row.difference("SSE", onRoute)
	switch {
	case found != nil && found.mark == markFlush:
		return cellRefused
	case row.wraps:
		return cellWrapped
	case row.isEarly():
		return cellParked
	default:
		return cellHeld
	}
}

func (row middlewareRow) isEarly() bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(row.name, "chi "), " ")
	return earlyMiddlewares()[name] != nil
}

// hubSide is an application in which the stream is one of a hub, which is closed
// when the test lets the handlers go on.
func hubSide(t *testing.T, row middlewareRow, at place, parking sse.Parking, early bool) (*side, *sse.Sessions) {
	s := newSide(t, row.make(muxOf), row.prepare)
	wrap := s.subject.wrap
	if early {
		wrap = app.ReturnsEarly(wrap)
	}
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(sse.Plugin.With(func(c *sse.Config) { c.Parking = parking }))
		hub := sse.NewHub(a, func(c *sse.HubConfig) { c.Replay = false })
		if at == onApplication {
			a.Use(wrap)
		}
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/", func(r *routing.Route) {
				if at == onRoute {
					r.Use(wrap)
				}
				r.SSE("/events", func(session *sse.Session) error {
					if err := session.SendText("one" + s.subject.see(session.Call().Request)); err != nil {
						return err
					}
					session.Call().Application().Go(func(ctx context.Context) error {
						defer hub.Close()
						s.wait(ctx)
						return hub.Publish(ctx, "news", sse.Event{Data: "two"})
					})
					return hub.Join(session, "news")
				})
			})
		})
	}, apptest.Engine(quietly()))
	s.url, s.client = host.URL, host.NewClient(apptest.NoRedirects()).HTTP()
	t.Cleanup(s.letGo)
	sessions, _ := sse.SessionsOf(host.Application())
	return s, sessions
}

// listen reads /events to its end, which comes after a while, in the middle of which
// it calls middle, and notes what the middleware has noted by then.
func (s *side) listen(middle func()) (noted answer) {
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	response, err := s.client.Do(s.request(ctx, http.MethodGet, "/events", "", header("Accept", "text/event-stream")))
	if err != nil {
		return answer{"no response"}
	}
	defer response.Body.Close()
	noteHead(&noted, response)
	began := time.Now()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		event, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		note(&noted, "event %q after %v", event, time.Since(began))
		if time.Since(began) == 0 {
			time.Sleep(30 * time.Second)
			synctest.Wait()
			middle()
			for _, line := range s.subject.report() {
				note(&noted, "noted in the middle: %s", line)
			}
			s.letGo()
		}
	}
	note(&noted, "ended with %v", lines.Err())
	return noted
}

func listening(middle func()) probe {
	return probe{ask: func(s *side) answer { return s.listen(middle) }}
}

// TestStreamsOfHubs: a stream of a hub is held or parked as the page says, and the
// middleware does and notes in the middle and at the end of it what it does beside a
// handler that waits.
func TestStreamsOfHubs(t *testing.T) {
	for name, test := range map[string]struct {
		parking sse.Parking
		early   bool // ReturnsEarly is said where it is true
		parked  string
	}{
		"as it is":   {sse.ParkSafely, false, ""},
		"said":       {sse.ParkSafely, true, cellParked},
		"ParkAlways": {sse.ParkAlways, false, cellParked + ", " + cellHeld},
		"ParkNever":  {sse.ParkNever, true, ""},
	} {
		for _, row := range rows() {
			cell := row.streamOfHub()
			parked := strings.Contains(test.parked, cell) && cell != cellRefused
			for _, at := range []place{onApplication, onRoute} {
				t.Run(name+"/"+row.name+"/"+string(at), func(t *testing.T) {
					var bare, got answer
					synctest.Test(t, func(t *testing.T) {
						ours, sessions := hubSide(t, row, at, test.parking, test.early && row.isEarly())
						got = ask(listening(func() {
							stats := sessions.Stats()
							assert.Equal(t, 1, stats.Open)
							assert.Equal(t, parked, stats.Parked == 1, "parked")
							assert.Equal(t, parked, stats.Held == sse.HeldStats{}, "%+v", stats.Held)
						}), ours)
						if cell == cellRefused {
							assert.Zero(t, sessions.Stats().Opened)
						}
					})
					if cell == cellRefused || cell == cellHeld && parked {
						return // the latter is what who has set ParkAlways has to know
					}
					if row.name == "http.StripPrefix" && at == onRoute {
						return // it comes after the match: nothing below /api matches
					}
					synctest.Test(t, func(t *testing.T) { bare = ask(listening(func() {}), bareChi(t, row, at)) })
					check(t, row.difference("SSE", at), bare, got)
				})
			}
		}
	}
}
