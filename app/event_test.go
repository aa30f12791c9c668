package app_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

var ordered = app.NewEvent[int]("Ordered")

// record returns a module that notes every event and hook of an application, in
// order.
func record(happened *[]string) app.Module {
	note := func(what string) { *happened = append(*happened, what) }
	return func(a *app.Application) {
		for name, event := range map[string]*app.Event[*app.Application]{
			"ModulesLoaded": app.ModulesLoaded, "Started": app.Started, "ServerReady": app.ServerReady,
			"Stopping": app.Stopping, "Stopped": app.Stopped,
		} {
			event.Subscribe(a, func(about *app.Application) {
				if about == a {
					note(name)
				}
			})
		}
		a.OnStart(func(context.Context) error { note("start hook"); return nil })
		a.OnStopPreparing(func() { note("stop preparing") })
		a.OnStop(func(context.Context) error { note("stop hook"); return nil })
	}
}

func TestEventsOfAnApplication(t *testing.T) {
	var happened []string
	server := engine.EmbeddedServer(record(&happened), engine.Host("127.0.0.1"), engine.Port(0), engine.Logger(slog.New(slog.DiscardHandler)))
	require.NoError(t, server.Start(t.Context()))
	require.NoError(t, server.Stop(t.Context()))
	assert.Equal(t, []string{
		"ModulesLoaded", "start hook", "Started", "ServerReady", "stop preparing", "Stopping", "stop hook", "Stopped",
	}, happened)
}

func TestEventsOfAFailedStart(t *testing.T) {
	var happened []string
	a := app.New(record(&happened), func(a *app.Application) { a.Fail(errors.New("no")) })
	require.Error(t, a.Start(t.Context()))
	assert.Equal(t, []string{"Stopping", "Stopped"}, happened)
}

func TestEventsAreToldInOrder(t *testing.T) {
	a, other := app.New(), app.New()
	var heard []int
	unsubscribe := ordered.Subscribe(a, func(n int) { heard = append(heard, n) })
	ordered.Subscribe(a, func(n int) { panic(n) })
	ordered.Subscribe(a, func(n int) { heard = append(heard, -n) })
	a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })

	ordered.Raise(a, 1)
	ordered.Raise(other, 2)
	unsubscribe()
	unsubscribe()
	ordered.Raise(a, 3)
	assert.Equal(t, []int{1, -1, -3}, heard)
}

// TestPanicOfAListenerNamesItsEvent: the log says which event was raised.
func TestPanicOfAListenerNamesItsEvent(t *testing.T) {
	t.Parallel()
	for name, raise := range map[string]func(a *app.Application){
		"ModulesLoaded":       raisingPanic(app.ModulesLoaded),
		"Started":             raisingPanic(app.Started),
		"ServerReady":         raisingPanic(app.ServerReady),
		"RoutingCallStarted":  raisingPanic(app.RoutingCallStarted),
		"RoutingCallFinished": raisingPanic(app.RoutingCallFinished),
		"Stopping":            raisingPanic(app.Stopping),
		"Stopped":             raisingPanic(app.Stopped),
		"Ordered":             raisingPanic(ordered),
	} {
		logs := &logbook{}
		a := app.New()
		logs.module(a)
		raise(a)
		require.Len(t, logs.at(slog.LevelError), 1, name)
		logged := logs.at(slog.LevelError)[0].attributes
		assert.Equal(t, name, logged["event"])
		assert.Equal(t, "panic: out of order", logged["error"])
		assert.Contains(t, logged["stack"], "raisingPanic", "where it panicked")
	}
}

// raisingPanic raises an event to a listener that panics.
func raisingPanic[T any](event *app.Event[T]) func(a *app.Application) {
	return func(a *app.Application) {
		event.Subscribe(a, func(T) { panic("out of order") })
		var none T
		event.Raise(a, none)
	}
}

func TestListenersMaySubscribe(t *testing.T) {
	a := app.New()
	count := 0
	ordered.Subscribe(a, func(int) { ordered.Subscribe(a, func(int) { count++ }) })
	ordered.Raise(a, 1)
	ordered.Raise(a, 2)
	assert.Equal(t, 1, count)
}

// TestRoutingEventsSurroundARoute: they surround a route, also one that fails,
// and are not raised where no route matches.
func TestRoutingEventsSurroundARoute(t *testing.T) {
	var happened []string
	host := apptest.Start(t, func(a *app.Application) {
		app.RoutingCallStarted.Subscribe(a, func(c *app.Call) { happened = append(happened, "started "+c.Route()) })
		app.RoutingCallFinished.Subscribe(a, func(c *app.Call) { happened = append(happened, "finished "+c.Route()) })
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/fine", func(c *app.Call) error { happened = append(happened, "fine"); return c.RespondText("fine") })
			r.Get("/failing", func(*app.Call) error { return app.NewError(http.StatusTeapot, "no") })
		})
	})
	host.Get("/fine")
	host.Get("/failing")
	host.Get("/nowhere")
	host.Stop()
	assert.Equal(t, []string{"started /fine", "fine", "finished /fine", "started /failing", "finished /failing"}, happened)
}
