package requestbodylimit_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
	"github.com/chitor-go/chitor/routing"
)

// TestNamedLimitHoldsWhereTheApplicationsIsLower, for every way to read a body,
// plain and compressed, received once or several times, over both protocols.
// Other routes keep the application's.
func TestNamedLimitHoldsWhereTheApplicationsIsLower(t *testing.T) {
	const configured, named = 2000, 20_000
	for name, test := range map[string]struct {
		limit   int64 // of the route
		lengths map[int]int
	}{
		"greater":   {named, map[int]int{named: 200, named + 1: 413}},
		"unlimited": {requestbodylimit.Unlimited, map[int]int{5 * named: 200}},
		"smaller":   {1000, map[int]int{1000: 200, 1001: 413}},
	} {
		for way, receive := range ways {
			if way == "a mounted handler" { // which answers as it likes
				continue
			}
			for _, plugin := range []app.Installable{nil, doublereceive.Plugin} {
				t.Run(name+", "+way, func(t *testing.T) {
					t.Parallel()
					apptest.Run(t, func(t *testing.T, mode apptest.Option) {
						host := apptest.Start(t, func(a *app.Application) {
							a.Configure(func(c *app.Config) { c.BodyLimit = configured })
							if plugin != nil {
								a.Install(plugin)
							}
							routing.Routes(a, func(r *routing.Route) {
								r.Post("/named", receive).Install(limit(test.limit))
								r.Post("/other", receive)
							})
						}, mode)
						for length, status := range test.lengths {
							contentType, body := bodyFor(way, length)
							assert.Equal(t, answered(status), host.Post("/named", contentType, strings.NewReader(body)).StatusCode, "%d bytes", length)
							assert.Equal(t, answered(status), host.Post("/named", contentType, io.MultiReader(strings.NewReader(body))).StatusCode, "%d bytes, chunked", length)
						}
						if way == "text" || way == "bytes" || way == "form" {
							contentType, body := bodyFor(way, configured+1)
							assert.Equal(t, http.StatusRequestEntityTooLarge, host.Post("/other", contentType, strings.NewReader(body)).StatusCode)
						}
					})
				})
			}
		}
	}
}

// answered returns what a call gets whose handler does not answer a body that
// it may have.
func answered(status int) int {
	if status == http.StatusOK {
		return http.StatusNotFound
	}
	return status
}

// TestNamedLimitHoldsForWhatIsDecoded: the limits on decoded bytes, of received
// values and of compression itself, rise with it.
func TestNamedLimitHoldsForWhatIsDecoded(t *testing.T) {
	const configured, decoded = 2000, 4000
	for name, test := range map[string]struct {
		limit  int64
		length int
		values int // the status of text and bytes
		others int // and of what is streamed
	}{
		"as much as the application's":     {1000, 2000, 404, 404},
		"more than the application's":      {1000, 2001, 413, 404},
		"more than what is decoded":        {1000, 4001, 413, 413},
		"as much as the named one":         {10_000, 10_000, 404, 404},
		"more than the named one":          {10_000, 10_001, 413, 413},
		"between the two for the streamed": {3000, 4000, 413, 404},
		"unlimited":                        {requestbodylimit.Unlimited, 100_000, 404, 404},
	} {
		for way, receive := range ways {
			if way == "a mounted handler" || way == "form" || way == "multipart" {
				continue
			}
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				host := apptest.Start(t, func(a *app.Application) {
					a.Configure(func(c *app.Config) { c.BodyLimit = configured })
					a.Install(compression.Plugin.With(func(c *compression.Config) {
						c.Gzip()
						c.MaxDecodedContentLength = decoded
					}))
					routing.Routes(a, func(r *routing.Route) { r.Post("/", receive) })
					a.Install(limit(test.limit))
				})
				var body bytes.Buffer
				writer := gzip.NewWriter(&body)
				_, err := io.WriteString(writer, strings.Repeat("x", test.length))
				require.NoError(t, err)
				require.NoError(t, writer.Close())
				want := test.others
				if way == "text" || way == "bytes" {
					want = test.values
				}
				response := host.Post("/", "text/plain", &body, apptest.Header("Content-Encoding", "gzip"))
				assert.Equal(t, want, response.StatusCode)
			})
		}
	}
}
