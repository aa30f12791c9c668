package sse_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// Two hubs, of which one has a broker, and a stream of both.
type pair struct {
	shared, own *sse.Hub
	broker      *moodyBroker
	session     atomic.Pointer[sse.Session] // the newest
	host        *apptest.Host
}

func newPair(t *testing.T, configure ...func(*sse.HubConfig)) *pair {
	t.Helper()
	p := &pair{broker: newMoodyBroker(func(sse.Message) {})}
	p.host = apptest.Start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		p.shared = sse.NewHub(a, append(configure, func(c *sse.HubConfig) { c.Broker, c.LogEvents = p.broker, 2 })...)
		p.own = sse.NewHub(a, func(c *sse.HubConfig) { c.Replay = false })
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				p.session.Store(s)
				if err := p.shared.Join(s, "shared"); err != nil {
					return err
				}
				return p.own.Join(s, "own")
			})
		})
	})
	return p
}

// comesBack opens a stream whose client has to be given a part of the broker's
// log, which begins with "1".
func (p *pair) comesBack(t *testing.T) *http.Response {
	t.Helper()
	id := p.broker.position(0).String()
	return p.host.Get("/events", apptest.Header("Last-Event-ID", id))
}

// A broker that is away, or does not answer, holds up nothing of another hub.
func TestBrokerOfOneHubHoldsUpNoOther(t *testing.T) {
	for name, mood := range map[string]mood{"hanging": moodHanging, "failing": moodFailing} {
		for missed, configure := range map[string]func(*sse.HubConfig){
			"told": func(*sse.HubConfig) {}, "refused": func(c *sse.HubConfig) { c.Missed = nil },
		} {
			t.Run(name+", "+missed, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := newPair(t, configure)
					for i := range 1000 {
						put(t, p.shared, "shared", fmt.Sprint(i+1))
					}
					synctest.Wait()
					p.broker.setMood(mood)
					began := time.Now()
					response := p.comesBack(t)
					synctest.Wait()
					put(t, p.own, "own", "of the other hub")
					assert.Equal(t, []string{"of the other hub"}, take(t, response, 1))
					assert.LessOrEqual(t, time.Since(began), 100*time.Millisecond, "the head leaves then in any case")
					elapse(10 * time.Second)
					put(t, p.own, "own", "and again")
					began = time.Now()
					assert.Equal(t, []string{"and again"}, take(t, response, 1))
					assert.Zero(t, time.Since(began))
					p.broker.setMood(moodGood)
					for i, data := range take(t, response, 1000) {
						assert.Equal(t, fmt.Sprint(i+1), data)
					}
					put(t, p.shared, "shared", "and on")
					assert.Equal(t, []string{"and on"}, take(t, response, 1))
				})
			})
		}
	}
}

// A stream that leaves the hub whose broker hangs ends as any other.
func TestLeavingAHubWhoseBrokerHangs(t *testing.T) {
	for name, leave := range map[string]func(*pair){
		"Leave": func(p *pair) { p.shared.Leave(p.session.Load()) },
		"Close": func(p *pair) { p.shared.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t)
				put(t, p.shared, "shared", "1", "2", "3", "4")
				synctest.Wait()
				p.broker.setMood(moodHanging)
				response := p.comesBack(t)
				synctest.Wait()
				began := time.Now()
				leave(p)
				synctest.Wait()
				assert.Zero(t, p.shared.Stats().Sessions)
				put(t, p.own, "own", "the last")
				synctest.Wait()
				p.own.Close()
				var got []string
				for event := range ssetest.Events(t, response.Body) {
					got = append(got, event.Data)
				}
				assert.Equal(t, []string{"the last"}, got)
				assert.Zero(t, time.Since(began))
			})
		})
	}
}

// A hub in which there always is more takes turns with the others.
func TestBusyHubStarvesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy, quiet *sse.Hub
		var enough atomic.Bool
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			busy, quiet = sse.NewHub(a), sse.NewHub(a, func(c *sse.HubConfig) { c.Replay = false })
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error {
					// It is asked when an event is delivered.
					again := busy.Where(func(string, sse.Event) bool {
						if !enough.Load() {
							put(t, busy, "busy", "more")
						}
						return true
					})
					if err := again.Join(s, "busy"); err != nil {
						return err
					}
					return quiet.Join(s, "quiet")
				})
			})
		})
		response := host.Get("/events")
		put(t, busy, "busy", "one")
		put(t, quiet, "quiet", "heard")
		heard := false
		for range 1000 {
			if heard = take(t, response, 1)[0] == "heard"; heard {
				break
			}
		}
		enough.Store(true)
		synctest.Wait() // nobody publishes any more
		assert.True(t, heard)
		require.NoError(t, response.Body.Close())
	})
}
