package xforwardedheaders_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// TestEverythingFollows: whoever asks for the client, the scheme, the host or
// the port gets what the client has used. The plugin is installed last.
func TestEverythingFollows(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(cors.Plugin)
		a.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) { c.Limit, c.Refill = 3, time.Hour }))
		a.Install(sse.Plugin.With(func(c *sse.Config) { c.MaxSessionsPerKey = 1 }))
		routing.Routes(a, func(r *routing.Route) {
			r.Host("shop.example").Port(8443).Get("/", func(c *app.Call) error { return c.RespondText(c.Request.Host + " " + c.Request.RemoteAddr) })
			r.Get("/", func(c *app.Call) error { return c.RespondText("elsewhere") })
			r.LocalPort(80).Get("/local", func(c *app.Call) error { return c.RespondText("80") })
			r.SSE("/events", func(s *sse.Session) error {
				if err := s.SendText("here"); err != nil {
					return err
				}
				return s.Delay(time.Hour)
			})
		})
		a.Install(with(func(c *config) { c.TrustProxies("192.0.2.0/24") }))
	})
	from := func(client string, more ...apptest.RequestOption) []apptest.RequestOption {
		return append(more, apptest.Header("X-Forwarded-For", client))
	}
	shop := apptest.Header("X-Forwarded-Host", "shop.example:8443")
	https := apptest.Header("X-Forwarded-Proto", "https")
	page := func(origin string) apptest.RequestOption { return apptest.Header("Origin", origin) }

	assert.Equal(t, "shop.example:8443 203.0.113.1:0", apptest.Text(t, host.Get("/", from("203.0.113.1", shop, https)...)))
	assert.Equal(t, "elsewhere", apptest.Text(t, host.Get("/", from("203.0.113.1", https)...)))
	assert.Equal(t, "80", apptest.Text(t, host.Get("/local", from("203.0.113.1", shop)...)), "the connection's own port")
	assert.Equal(t, http.StatusTooManyRequests, host.Get("/", from("203.0.113.1")...).StatusCode, "the fourth call of that client")

	assert.Equal(t, http.StatusOK, host.Get("/", from("203.0.113.2", shop, https, page("https://shop.example:8443"))...).StatusCode, "its own origin")
	assert.Equal(t, http.StatusForbidden, host.Get("/", from("203.0.113.2", shop, https, page("http://localhost"))...).StatusCode)

	for client, status := range map[string]int{"203.0.113.3": http.StatusOK, "203.0.113.4": http.StatusOK} {
		response := host.Get("/events", from(client)...)
		assert.Equal(t, status, response.StatusCode)
		defer func() { _ = response.Body.Close() }()
	}
	assert.Equal(t, http.StatusTooManyRequests, host.Get("/events", from("203.0.113.4")...).StatusCode, "a second stream of that client")
}
