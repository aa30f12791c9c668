package apptest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// leak returns a module whose handler leaves a goroutine behind until release
// is closed, and waits until it runs.
func leak(release chan struct{}) app.Module {
	return answer(func(c *app.Call) error {
		running := make(chan struct{})
		go func() { close(running); <-release }()
		<-running
		return c.RespondText("OK")
	})
}

func TestLeaks(t *testing.T) {
	brief := apptest.Leaks(200 * time.Millisecond)
	cases := []struct {
		name string
		test func(r *recorder, mode apptest.Option, release chan struct{})
		want string // what the report says of the goroutine, nothing if there is no report
	}{
		{"a handler", func(r *recorder, mode apptest.Option, release chan struct{}) {
			apptest.Text(r, apptest.Start(r, leak(release), mode, brief).Get("/"))
		}, `1 at\n\t.*apptest_test\..*leak.* .*leaks_test\.go:22\n$`},
		{"two of them", func(r *recorder, mode apptest.Option, release chan struct{}) {
			host := apptest.Start(r, leak(release), mode, brief)
			apptest.Text(r, host.Get("/"))
			apptest.Text(r, host.Get("/"))
		}, `2 at\n|(?s)1 at\n.*1 at\n`}, // one may not have come as far as the other
		{"a module", func(r *recorder, mode apptest.Option, release chan struct{}) {
			apptest.Start(r, func(*app.Application) { go func() { <-release }() }, mode, brief)
		}, `1 at\n`},
		{"a wait group", func(r *recorder, mode apptest.Option, release chan struct{}) {
			apptest.Start(r, func(*app.Application) { new(sync.WaitGroup).Go(func() { <-release }) }, mode, brief)
		}, `sync\.\(\*WaitGroup\)\.Go`},
		{"a goroutine of a goroutine", func(r *recorder, mode apptest.Option, release chan struct{}) {
			apptest.Start(r, func(*app.Application) { go func() { go func() { <-release }() }() }, mode, brief)
		}, `1 at\n`},
		{"a service", func(r *recorder, mode apptest.Option, release chan struct{}) {
			host := apptest.Start(r, Module, mode, brief, apptest.ExternalService("https://api.test", leak(release)))
			apptest.Text(r, host.Get("https://api.test"))
		}, `1 at\n`},
		{"a start that failed", func(r *recorder, mode apptest.Option, release chan struct{}) {
			err := apptest.StartError(r, func(a *app.Application) {
				a.OnStart(func(context.Context) error {
					go func() { <-release }()
					return context.Canceled
				})
			}, mode, brief)
			require.Error(r, err)
		}, `1 at\n`},

		{"not looked for", func(r *recorder, mode apptest.Option, release chan struct{}) {
			apptest.Text(r, apptest.Start(r, leak(release), mode, apptest.Leaks(-1)).Get("/"))
		}, ""},
		{"the test itself", func(r *recorder, mode apptest.Option, release chan struct{}) {
			host := apptest.Start(r, Module, mode)
			go func() { <-release }()
			apptest.Text(r, host.Get("/"))
		}, ""},
		{"another host", func(r *recorder, mode apptest.Option, release chan struct{}) {
			other := apptest.Start(r, leak(release), mode, apptest.Leaks(-1))
			apptest.Text(r, apptest.Start(r, Module, mode).Get("/"))
			apptest.Text(r, other.Get("/"))
		}, ""},
		{"one that ends late", func(r *recorder, mode apptest.Option, release chan struct{}) {
			stopping := make(chan struct{})
			apptest.Start(r, func(a *app.Application) {
				a.OnStop(func(context.Context) error { close(stopping); return nil })
				go func() { <-stopping }()
			}, mode)
		}, ""},
		{"idle connections to another host", func(r *recorder, mode apptest.Option, _ chan struct{}) {
			other := apptest.Start(r, Module, mode)
			apptest.Text(r, apptest.Start(r, relay(other.Client(), other.URL), mode).Get("/"))
		}, ""},
		{"idle connections of the default client", func(r *recorder, mode apptest.Option, _ chan struct{}) {
			other := httptest.NewServer(http.NotFoundHandler())
			r.Cleanup(other.Close)
			apptest.Text(r, apptest.Start(r, relay(http.DefaultClient, other.URL), mode).Get("/"))
		}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				release := make(chan struct{})
				defer close(release)
				r := record(t, func(r *recorder) { c.test(r, mode, release) })
				if c.want == "" {
					require.Empty(t, r.failures)
					return
				}
				require.Len(t, r.failures, 1)
				require.Regexp(t, "^goroutines left behind when the host had stopped:\n", r.failures[0])
				require.Regexp(t, c.want, r.failures[0])
			})
		})
	}
}
