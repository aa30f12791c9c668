package engine_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/wire"
)

// What the server puts around the application by itself does nothing when a call
// has ended. What others put there may.
func TestTheApplicationStandsBehindFronts(t *testing.T) {
	var made []*carrier
	certificate := engine.ACME(func(c *engine.ACMEConfig) {
		c.Hosts = []string{"example.org"}
		c.CacheDirectory = t.TempDir()
		c.AcceptTerms = true
		c.DirectoryURL = "http://127.0.0.1:1" // is not asked
	})
	foreign := engine.HTTPServer(func(h *http.Server) { h.Handler = http.AllowQuerySemicolons(h.Handler) })
	for name, test := range map[string]struct {
		options []engine.Option
		want    bool
	}{
		"alone":          {nil, true},
		"everything":     {[]engine.Option{engine.TLSConnector("127.0.0.1", 0, certificate), via(&made)}, true},
		"a foreign one":  {[]engine.Option{foreign}, false},
		"both":           {[]engine.Option{engine.TLSConnector("127.0.0.1", 0, certificate), foreign}, false},
		"a tuned server": {[]engine.Option{engine.HTTPServer(func(h *http.Server) { h.MaxHeaderBytes = 1 << 10 })}, true},
	} {
		t.Run(name, func(t *testing.T) {
			behind := make(chan http.Handler, 1)
			server, listener := start(t, answer(func(c *app.Call) error {
				served := c.Request.Context().Value(http.ServerContextKey).(*http.Server)
				behind <- wire.Behind(served.Handler)
				return hello(c)
			}), test.options...)
			request(t, dial(t, listener), false)
			assert.Equal(t, test.want, <-behind == server.Application())
			require.NoError(t, server.Stop(t.Context()))
		})
	}
}
