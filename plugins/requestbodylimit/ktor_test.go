package requestbodylimit_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
	"github.com/chitor-go/chitor/routing"
)

// The tests in this file are Ktor's RequestBodyLimitTest, under its names.

func TestBodyLimitPerCall(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
				c.BodyLimit(func(c *app.Call) int64 {
					switch path := c.Request.URL.Path; {
					case strings.HasSuffix(path, "a"):
						return 15
					case strings.HasSuffix(path, "b"):
						return 20
					default:
						return requestbodylimit.Unlimited
					}
				})
			}))
			routing.Routes(a, func(r *routing.Route) { r.Post("/{path}", receiveBytes) })
		}, mode)
		for _, test := range []struct {
			path   string
			length int64
			status int
		}{
			{"/a", 15, http.StatusOK},
			{"/a", 16, http.StatusRequestEntityTooLarge},
			{"/b", 20, http.StatusOK},
			{"/b", 21, http.StatusRequestEntityTooLarge},
			{"/c", 1000, http.StatusOK},
		} {
			response := host.Post(test.path, "application/octet-stream", chunked(test.length))
			assert.LessOrEqual(t, response.Request.ContentLength, int64(0), "the length was not declared")
			assert.Equal(t, test.status, response.StatusCode, "%d bytes to %s", test.length, test.path)
		}
	})
}

func TestBodyLimitWithContentLength(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(limit(15))
			routing.Routes(a, func(r *routing.Route) {
				r.Post("/a", func(c *app.Call) error { return c.RespondText("OK") })
			})
		}, mode)
		response := host.Post("/a", "text/plain", strings.NewReader(strings.Repeat("x", 15)))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		response = host.Post("/a", "text/plain", strings.NewReader(strings.Repeat("x", 16)))
		assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
	})
}

func TestBodyLimitSubRouteInstall(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/a", func(r *routing.Route) {
				r.Install(limit(15))
				r.Post("", receiveBytes)
			})
			r.Route("/b", func(r *routing.Route) {
				r.Install(limit(20))
				r.Post("", receiveBytes)
			})
			r.Route("/c", func(r *routing.Route) { r.Post("", receiveBytes) })
		})
	})
	for path, largest := range map[string]int64{"/a": 15, "/b": 20} {
		assert.Equal(t, http.StatusOK, host.Post(path, "text/plain", chunked(largest)).StatusCode, path)
		assert.Equal(t, http.StatusRequestEntityTooLarge, host.Post(path, "text/plain", chunked(largest+1)).StatusCode, path)
	}
	assert.Equal(t, http.StatusOK, host.Post("/c", "text/plain", chunked(1000)).StatusCode)
}

// readAll posts a body to a handler that reads Request.Body by itself, and
// returns what it got.
func readAll(t *testing.T, plugin app.Installable, body io.Reader) (read string, err error) {
	t.Helper()
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				var data []byte
				data, err = io.ReadAll(c.Request.Body)
				read = string(data)
				return c.RespondText("OK")
			})
		})
	})
	require.Equal(t, http.StatusOK, host.Post("/", "text/plain", body).StatusCode)
	return read, err
}

func TestChannelApplyLimitTooLarge(t *testing.T) {
	_, err := readAll(t, limit(5), io.LimitReader(strings.NewReader("This is too long"), 100))
	var tooLarge *http.MaxBytesError
	require.ErrorAs(t, err, &tooLarge)
	assert.EqualValues(t, 5, tooLarge.Limit)
}

func TestChannelApplyLimitNormal(t *testing.T) {
	read, err := readAll(t, limit(10), io.LimitReader(strings.NewReader("This is OK"), 100))
	require.NoError(t, err)
	assert.Equal(t, "This is OK", read)
}

func TestChannelApplyLimitEmptyOnRead(t *testing.T) {
	read, err := readAll(t, limit(10), chunked(0))
	require.NoError(t, err)
	assert.Empty(t, read)
}

func TestChannelApplyLimitClosedSourceIsImmediatelyClosed(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(limit(10))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				assert.Equal(t, http.NoBody, c.Request.Body, "net/http's code asks whether there is no body")
				return c.RespondText("OK")
			})
		})
	})
	assert.Equal(t, http.StatusOK, host.Get("/").StatusCode)
}
