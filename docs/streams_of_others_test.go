package docs_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func streamsOfOthers(handler, proxy http.Handler) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Mount("/mcp", handler).Install(sse.Adopt)
			r.Post("/v1/chat/completions", app.FromHTTP(proxy)).Install(sse.Adopt.With(func(c *sse.AdoptConfig) {
				c.Heartbeat = 10 * time.Second
				c.HeadAfter = 5 * time.Second // the model may think
			}))
		})
	}
}

// TestStreamsOfOthersOfThePage: an idle stream gets comments, one that thinks a head,
// and a stop ends both cleanly and at once.
func TestStreamsOfOthersOfThePage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		idle := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "data: first\n\n")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		thinking := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		host := apptest.Start(t, streamsOfOthers(idle, thinking))
		mcp := host.Get("/mcp")
		answer := host.Post("/v1/chat/completions", "application/json", strings.NewReader(`{"stream": true}`))
		assert.Equal(t, http.StatusOK, answer.StatusCode)
		time.Sleep(12 * time.Second)
		began := time.Now()
		require.NoError(t, host.Application().Stop(context.WithoutCancel(t.Context())))
		assert.Zero(t, time.Since(began))
		for response, want := range map[*http.Response]string{
			mcp: "data: first\n\n: heartbeat\r\n", answer: ": heartbeat\r\n: heartbeat\r\n",
		} {
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, want, string(body))
		}
	})
}
