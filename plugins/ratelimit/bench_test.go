package ratelimit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/ratelimit"
)

// blank is a writer that forgets.
type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

// serving returns an application that responds to every call, and a function
// that makes a request from an address.
func serving(t testing.TB, modules ...app.Module) (*app.Application, func(address string) *http.Request) {
	application := app.New(append(modules, func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return ok })
	})...)
	require.NoError(t, application.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, application.Stop(context.Background())) })
	return application, func(address string) *http.Request {
		request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, "/", http.NoBody)
		request.RemoteAddr = address
		return request
	}
}

func install(plugin app.Installable) app.Module {
	return func(a *app.Application) { a.Install(plugin) }
}

// kinds are the limits whose cost is watched.
func kinds() map[string]app.Module {
	headers := func(h ratelimit.Headers) func(*ratelimit.Config) {
		return func(c *ratelimit.Config) { c.Headers = h }
	}
	const many, slow = 1_000_000_000, 1000 * time.Hour // no bucket is full again meanwhile
	return map[string]app.Module{
		"bare":       func(*app.Application) {},
		"no headers": install(limited(many, slow, headers(ratelimit.NoHeaders))),
		"x headers":  install(limited(many, slow, headers(ratelimit.XHeaders))),
		"let in":     install(limited(many, slow)),
		"refused":    install(limited(1, slow)),
	}
}

// BenchmarkCall measures a whole call; "bare" is one without the plugin, to be
// taken off.
func BenchmarkCall(b *testing.B) {
	for name, module := range kinds() {
		b.Run(name, func(b *testing.B) {
			application, from := serving(b, module)
			request, writer := from("192.0.2.1:1234"), blank{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(writer.header)
				application.ServeHTTP(writer, request)
			}
		})
	}
}

// TestAllocations: the key, the headers with one array and one text, and what the
// call keeps of the decision.
func TestAllocations(t *testing.T) {
	cost := map[string]float64{}
	for name, module := range kinds() {
		application, from := serving(t, module)
		request, writer := from("192.0.2.1:1234"), blank{http.Header{}}
		cost[name] = testing.AllocsPerRun(1000, func() {
			clear(writer.header)
			application.ServeHTTP(writer, request)
		})
	}
	assert.LessOrEqual(t, cost["no headers"]-cost["bare"], 2.0)
	assert.LessOrEqual(t, cost["let in"]-cost["bare"], 4.0)
}

// BenchmarkKeys measures calls from many clients, on all cores, "parallel" of one
// client and "keys" of as many as MaxKeys has room for, and a flood of new ones.
func BenchmarkKeys(b *testing.B) {
	for name, keys := range map[string]int{"one": 1, "1000": 1000, "100000": 100_000, "flood": 1_000_000} {
		b.Run(name, func(b *testing.B) {
			application, _ := serving(b, install(limited(100, time.Hour, func(c *ratelimit.Config) {
				c.Headers = ratelimit.NoHeaders
				c.Key = func(c *app.Call) (string, error) { return c.Request.RemoteAddr, nil }
			})))
			addresses := make([]string, keys)
			for i := range addresses {
				addresses[i] = "client-" + strconv.Itoa(i)
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				request, writer := httptest.NewRequestWithContext(application.Context(), http.MethodGet, "/", http.NoBody), blank{http.Header{}}
				for i := 0; pb.Next(); i = (i + 7919) % keys {
					request.RemoteAddr = addresses[i]
					application.ServeHTTP(writer, request)
				}
			})
		})
	}
}

// TestMemoryOfAKey: what the comment of MaxKeys says.
func TestMemoryOfAKey(t *testing.T) {
	const keys = 100_000
	application, from := serving(t, install(limited(100, time.Hour)))
	writer := blank{http.Header{}}
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	request := from("")
	before := heap()
	for i := range keys {
		request.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1234", i>>16, i>>8&255, i&255)
		application.ServeHTTP(writer, request)
	}
	each := float64(heap()-before) / keys
	t.Logf("%.0f bytes for each key", each)
	assert.Less(t, each, 300.0)
	runtime.KeepAlive(application)
}
