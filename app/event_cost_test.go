package app_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestRaiseAllocatesNothing: two events are raised for each call, whether
// anybody listens or not.
func TestRaiseAllocatesNothing(t *testing.T) {
	for name, subscribe := range map[string]func(a *app.Application){
		"nobody has subscribed":        func(*app.Application) {},
		"somebody to another event":    func(a *app.Application) { app.Started.Subscribe(a, func(*app.Application) {}) },
		"somebody, who has left again": func(a *app.Application) { ordered.Subscribe(a, func(int) {})() },
		"two listeners": func(a *app.Application) {
			ordered.Subscribe(a, func(int) {})
			ordered.Subscribe(a, func(int) {})
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := app.New()
			subscribe(a)
			assert.Zero(t, testing.AllocsPerRun(100, func() { ordered.Raise(a, 1) }))
		})
	}
}

func BenchmarkRaise(b *testing.B) {
	for name, subscribe := range map[string]func(a *app.Application){
		"nobody":    func(*app.Application) {},
		"elsewhere": func(a *app.Application) { app.Started.Subscribe(a, func(*app.Application) {}) },
		"one":       func(a *app.Application) { ordered.Subscribe(a, func(int) {}) },
	} {
		b.Run(name, func(b *testing.B) {
			a := app.New()
			subscribe(a)
			b.ReportAllocs()
			for b.Loop() {
				ordered.Raise(a, 1)
			}
		})
	}
}

// TestAListenerIsToldWhileOthersComeAndGo: subscribing and leaving, also from
// within a listener, neither skips nor doubles what the others are told.
func TestAListenerIsToldWhileOthersComeAndGo(t *testing.T) {
	t.Parallel()
	a := app.New()
	const raised = 200
	told := 0
	ordered.Subscribe(a, func(int) { told++ })
	var leave func()
	left := 0
	leave = ordered.Subscribe(a, func(int) { left++; leave() })
	var others sync.WaitGroup
	for range 4 {
		another := app.NewEvent[int]("Another")
		others.Go(func() {
			for range raised {
				unsubscribe := ordered.Subscribe(a, func(int) {})
				another.Subscribe(a, func(int) {})
				unsubscribe()
				unsubscribe()
			}
		})
	}
	for range raised {
		ordered.Raise(a, 1)
	}
	others.Wait()
	assert.Equal(t, raised, told)
	assert.Equal(t, 1, left)
}

func TestANilListenerIsAMistake(t *testing.T) {
	t.Parallel()
	var site string
	a := app.New(quiet, func(a *app.Application) {
		site = below()
		unsubscribe := app.Started.Subscribe(a, nil)
		unsubscribe()
	})
	require.EqualError(t, a.Start(t.Context()), site+": subscribe to Started: the listener is nil")
}
