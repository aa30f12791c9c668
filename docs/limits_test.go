package docs_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/plugins/timeouts"
	"github.com/chitor-go/chitor/routing"
)

// TestLimitsHaveTests: each row of engine.md's tables of limits names a test that
// there is.
func TestLimitsHaveTests(t *testing.T) {
	text, err := os.ReadFile("engine.md")
	require.NoError(t, err)
	_, limits, found := strings.Cut(string(text), "\n## Limits\n")
	require.True(t, found)
	limits, _, _ = strings.Cut(limits, "\n## ")
	assert.Greater(t, assertTests(t, limits), 50)
}

// TestStreamsOfOthersHaveTests: so does each row of sse.md's table of what the
// streams of others are like.
func TestStreamsOfOthersHaveTests(t *testing.T) {
	text, err := os.ReadFile("sse.md")
	require.NoError(t, err)
	_, streams, found := strings.Cut(string(text), "\n### What the streams of others are like\n")
	require.True(t, found)
	streams, _, _ = strings.Cut(streams, "\n## ")
	assert.Greater(t, assertTests(t, streams), 40)
}

// assertTests asserts that there are the tests that the last column of tables
// names, and returns their number. A row without one is a heading.
func assertTests(t *testing.T, page string) (tests int) {
	t.Helper()
	tables := map[string]string{}
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		last := strings.TrimSpace(cells[len(cells)-1])
		if len(cells) < 4 || last == "test" || last == "" || strings.HasPrefix(last, "---") {
			continue
		}
		for group := range strings.SplitSeq(last, "; ") {
			folder, names, ok := strings.Cut(group, ": ")
			require.True(t, ok, line)
			if tables[folder] == "" {
				tables[folder] = functions(t, folder)
			}
			for name := range strings.SplitSeq(names, ", ") {
				tests++
				assert.Contains(t, tables[folder], "func "+name+"(", folder)
			}
		}
	}
	return tests
}

func order(c *app.Call) error {
	<-c.Context().Done()
	return c.Context().Err()
}

func TestLimitsOfSomeRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) { routing.Routes(a, orders) })
		began := time.Now()
		assert.Equal(t, http.StatusServiceUnavailable, host.Post("/orders", "text/plain", strings.NewReader("")).StatusCode)
		assert.Equal(t, 2*time.Second, time.Since(began))
	})
}

func orders(r *routing.Route) {
	r.Route("/orders", func(r *routing.Route) {
		r.Install(timeouts.Plugin.With(func(c *timeouts.Config) {
			c.ResponseTimeout = 2 * time.Second // 503
			c.ReadTimeout = 10 * time.Second    // 408
			c.MinReadRate = 10_000              // bytes a second
		}))
		r.Post("", order)
	})
}

func limited(module app.Module) *engine.Server {
	server := engine.EmbeddedServer(module,
		engine.Port(8080),
		engine.MaxConnections(50_000),
		engine.MaxConnectionsPerClient(100), // without a proxy in front
	)
	return server
}

func writeStats(w io.Writer, server *engine.Server) {
	stats := server.Stats()
	fmt.Fprintln(w, "connections_open", stats.New+stats.Active+stats.Idle+stats.Hijacked)
	fmt.Fprintln(w, "connections_refused", stats.Refused)
	fmt.Fprintln(w, "connections_unused", stats.Unused)  // ended without a request
	fmt.Fprintln(w, "requests_unserved", stats.Unserved) // 400, 431 and their like, half a head
	fmt.Fprintln(w, "http2_errors", stats.HTTP2Errors)   // rules of HTTP/2 that were broken
}

func TestWhatEndsWithoutACall(t *testing.T) {
	require.NotNil(t, limited(func(*app.Application) {}))
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		server := engine.EmbeddedServer(func(*app.Application) {}, engine.Listener(listener))
		require.NoError(t, server.Start(t.Context()))
		for _, text := range []string{"", "nonsense\r\n\r\n"} {
			conn, err := listener.Dial(t.Context())
			require.NoError(t, err)
			sendAndLeave(t, conn, text)
		}
		var written strings.Builder
		writeStats(&written, server)
		assert.Equal(t, "connections_open 0\nconnections_refused 0\nconnections_unused 1\nrequests_unserved 1\nhttp2_errors 0\n", written.String())
		require.NoError(t, server.Stop(context.Background()))
	})
}

func sendAndLeave(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	_, err := io.WriteString(conn, text)
	require.NoError(t, err)
	synctest.Wait()
	require.NoError(t, conn.Close())
	synctest.Wait()
}
