package sse_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/sse"
)

// An account is what the application is told of a call, in order.
type account struct {
	began time.Time
	lines []string
}

func (a *account) note(what string, c *app.Call) {
	a.lines = append(a.lines, fmt.Sprint(what, " ", time.Since(a.began), " status=", c.Status(), " written=", c.Written(),
		" failed=", c.Failure() != nil, " answered=", c.Answered(), " ended=", c.Context().Err()))
}

// plugin tells the account of all that ends a call.
func (a *account) plugin() *app.Plugin[struct{}] {
	return app.NewPlugin("Account", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnResponseSent(func(c *app.Call) { a.note("sent", c) })
		b.OnCallFailed(func(c *app.Call, err error) error {
			a.note("failed", c)
			return err
		})
		app.RoutingCallFinished.Subscribe(b.Application(), func(c *app.Call) { a.note("finished", c) })
		return nil
	})
}

// TestParkedAndHeldAreTheSameToHooks: what comes at the end of a call comes at the
// end of its stream, in the same order, and says the same.
func TestParkedAndHeldAreTheSameToHooks(t *testing.T) {
	for _, end := range parkedEnds {
		if strings.HasPrefix(end.name, "stuck") {
			continue // how much has left by then depends on buffers
		}
		t.Run(end.name, func(t *testing.T) {
			parked, held := end.account(t, sse.ParkSafely), end.account(t, sse.ParkNever)
			assert.Equal(t, held, parked)
			assert.Contains(t, strings.Join(parked, "\n"), "duration=")
		})
	}
}

// account has a stream end in fake time, and returns what the application was told.
func (end parkedEnd) account(t *testing.T, parking sse.Parking) (lines []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		told := &account{began: time.Now()}
		set, given := end.set, end.set.plugin
		set.plugin = func(c *sse.Config) {
			if given != nil {
				given(c)
			}
			if c.MaxAge > 0 {
				c.MaxAge = 0 // it is a random part of that
				c.Until = func(*app.Call) (time.Time, bool) { return time.Now().Add(time.Second), true }
			}
			c.StopRetry, c.Parking = 0, parking
		}
		set.hub = func(c *sse.HubConfig) { c.Replay = false } // an ID is a random one
		set.module = func(a *app.Application) {
			a.Install(calllogging.Plugin)
			a.Install(told.plugin())
		}
		memory := transports[len(transports)-1]
		w := memory.open(t, set)
		client := w.connect("HTTP/1.1")
		settle()
		require.Equal(t, parking == sse.ParkSafely, w.sessions.Stats().Parked == 1)
		if !end.timed {
			elapse(10 * time.Millisecond)
			w.publish("hello")
			client.read("hello")
			end.act(w, client)
		}
		<-w.ends
		if !end.unread {
			client.rest()
		}
		settle()
		lines = append(told.lines, w.log.take("the call ended")...)
		for i, line := range lines {
			if _, without, stamped := strings.Cut(line, " level="); stamped {
				lines[i] = without
			}
		}
		w.log.take("level=ERROR")
	})
	return lines
}
