package jwt_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
	"github.com/chitor-go/chitor/routing"
)

// A provider on a network redirects, and stops in the middle of its keys.
func TestProviderOnANetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stuck atomic.Bool
		provider := func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/.well-known/jwks.json", func(c *app.Call) error { return c.RespondRedirect("/keys") })
				r.Get("/keys", func(c *app.Call) error {
					c.Header().Set("Content-Type", "application/jwk-set+json; charset=utf-8")
					if !stuck.Load() {
						_, err := c.Writer().Write([]byte(publish(kid)))
						return err
					}
					if _, err := c.Writer().Write([]byte(`{"keys":[`)); err != nil {
						return err
					}
					if err := http.NewResponseController(c.Writer()).Flush(); err != nil {
						return err
					}
					<-c.Context().Done() // nothing more comes until the other side leaves
					return nil
				})
			})
		}
		host := apptest.New(t, apptest.ExternalService("https://id.example.com", provider))
		keys := jwt.JWKS("https://id.example.com/.well-known/jwks.json", func(c *jwt.JWKSConfig) {
			c.Client, c.Stale = host.Client(), 0
		})
		host.Start(guarded(scheme(with(keys))))
		assertAccepted(t, host, by(t, kid))
		stuck.Store(true)
		time.Sleep(5 * time.Minute)
		began := time.Now()
		assert.Equal(t, http.StatusServiceUnavailable, status(host, by(t, kid)))
		assert.Equal(t, 3*time.Second, time.Since(began))
		stuck.Store(false)
		time.Sleep(10 * time.Second)
		assertAccepted(t, host, by(t, kid))
	})
}

// The client that is there by default, over a real socket.
func TestDefaultClient(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		assert.Equal(t, "application/jwk-set+json, application/json", r.Header.Get("Accept"))
		w.Header().Set("Content-Type", "application/json")
		_, err := w.Write([]byte(publish(kid)))
		assert.NoError(t, err)
	}))
	host := start(t, scheme(with(jwt.JWKS(server.URL))))
	assertAccepted(t, host, by(t, kid))
	server.Close() // waits for connections that are in use: none is
	assertAccepted(t, host, by(t, kid))
	assert.Equal(t, 1, asked)
}
