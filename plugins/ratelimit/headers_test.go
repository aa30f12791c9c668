package ratelimit_test

import (
	"bytes"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/routing"
)

var update = flag.Bool("update", false, "rewrite the golden file in testdata")

// wrote appends what a response says about limits.
func wrote(to *bytes.Buffer, what string, response *http.Response) {
	head := http.Header{}
	for _, name := range []string{"Retry-After", "Ratelimit", "Ratelimit-Policy", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"} {
		if values := response.Header[name]; len(values) > 0 {
			head[name] = values
		}
	}
	var lines bytes.Buffer
	_ = head.Write(&lines)
	to.WriteString("# " + what + "\n" + response.Status + "\n" + strings.ReplaceAll(lines.String(), "\r\n", "\n") + "\n")
}

// The responses of a few limits, byte for byte, in a bubble whose time begins
// with the year 2000.
func TestHeaders(t *testing.T) {
	headers := func(h ratelimit.Headers) func(*ratelimit.Config) {
		return func(c *ratelimit.Config) { c.Headers = h }
	}
	var got bytes.Buffer
	for _, test := range []struct {
		name  string
		outer app.Installable
		inner app.Installable
		paths []string
		waits time.Duration
	}{
		{"all", limited(2, 10*time.Second, name("public")), nil, []string{"/", "/", "/"}, time.Second},
		{"x", limited(1, time.Second, headers(ratelimit.XHeaders)), nil, []string{"/", "/"}, 0},
		{"draft", limited(1, time.Second, headers(ratelimit.DraftHeaders)), nil, []string{"/", "/"}, 0},
		{"none", limited(1, time.Second, headers(ratelimit.NoHeaders)), nil, []string{"/", "/"}, 0},
		{"two, the inner closer", limited(100, time.Hour, name("hourly")), limited(2, time.Second, name("burst")), []string{"/", "/", "/"}, 0},
		{"two, the outer closer", limited(2, time.Hour, name("hourly")), limited(100, time.Second, name("burst")), []string{"/", "/", "/"}, 0},
		{"no whole seconds", limited(7, 1500*time.Millisecond), nil, []string{"/"}, 0},
		{"weights", limited(10, 10*time.Second, byPrice), nil, []string{"/?price=0", "/?price=10", "/?price=5", "/?price=11"}, 100 * time.Millisecond},
		{"many", limited(1_000_000_000, 24*time.Hour), nil, []string{"/"}, 0},
		{"modified", limited(1, time.Hour, func(c *ratelimit.Config) {
			c.ModifyResponse = func(c *app.Call, d ratelimit.Decision) {
				c.Header().Del("X-RateLimit-Limit")
				if !d.Allowed {
					c.Header().Set("Retry-After", "7200")
				}
			}
		}), nil, []string{"/", "/"}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Install(test.outer)
				routing.Routes(a, func(r *routing.Route) {
					route := r.Get("/", ok)
					if test.inner != nil {
						route.Install(test.inner)
					}
				})
			})
			for _, path := range test.paths {
				wrote(&got, test.name+": "+path, host.Get(path))
				time.Sleep(test.waits)
			}
		})
	}
	golden := filepath.Join("testdata", "headers.txt")
	if *update {
		require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String())
}

// Retry-After is the truth: then, and no second before, the call is let in.
func TestRetryAfterIsTheTruth(t *testing.T) {
	for _, refill := range []time.Duration{time.Second, 7 * time.Second, 10 * time.Second, time.Minute, time.Hour} {
		for _, limit := range []int{1, 2, 3, 7, 60} {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, get("/", limited(limit, refill)))
				assertOK(t, host, "/", limit)
				response := host.Get("/")
				require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
				wait, err := time.ParseDuration(response.Header.Get("Retry-After") + "s")
				require.NoError(t, err)
				require.GreaterOrEqual(t, wait, time.Second)
				time.Sleep(wait - time.Second)
				early := refill/time.Duration(limit) <= wait-time.Second
				assert.Equal(t, early, host.Get("/").StatusCode == http.StatusOK, "%d in %v", limit, refill)
				time.Sleep(time.Second)
				assertOK(t, host, "/", 1)
			})
		}
	}
}

// The names of settings in a file.
func TestSettingsAsText(t *testing.T) {
	var headers []ratelimit.Headers
	for _, text := range []string{"all", "x", "draft", "none"} {
		var h ratelimit.Headers
		require.NoError(t, h.UnmarshalText([]byte(text)))
		headers = append(headers, h)
	}
	assert.Equal(t, []ratelimit.Headers{ratelimit.AllHeaders, ratelimit.XHeaders, ratelimit.DraftHeaders, ratelimit.NoHeaders}, headers)
	var failures []ratelimit.StoreFailure
	for _, text := range []string{"local", "let in", "refuse"} {
		var f ratelimit.StoreFailure
		require.NoError(t, f.UnmarshalText([]byte(text)))
		failures = append(failures, f)
	}
	assert.True(t, slices.IsSorted(failures))
	require.EqualError(t, new(ratelimit.Headers).UnmarshalText([]byte("some")), `"some" is none of all, x, draft and none`)
	require.EqualError(t, new(ratelimit.StoreFailure).UnmarshalText([]byte("some")), `"some" is none of local, let in and refuse`)
}
