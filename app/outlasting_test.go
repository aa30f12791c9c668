package app_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

type outerKey struct{}

// TestContextKeepsWhatAnOuterHandlerHasPutThere, also when a client that asks for
// events is waited for.
func TestContextKeepsWhatAnOuterHandlerHasPutThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer := engine.HTTPServer(func(server *http.Server) {
			next := server.Handler
			server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), outerKey{}, "outer"), time.Minute)
				defer cancel()
				next.ServeHTTP(w, r.WithContext(ctx))
			})
		})
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					began := time.Now()
					<-c.Context().Done()
					assert.Equal(t, "outer", c.Context().Value(outerKey{}))
					deadline, limited := c.Context().Deadline()
					assert.True(t, limited)
					assert.Equal(t, began.Add(time.Minute), deadline)
					return c.RespondText("")
				})
			})
		}, apptest.Engine(outer))
		host.Get("/", apptest.Header("Accept", "text/event-stream"))
	})
}
