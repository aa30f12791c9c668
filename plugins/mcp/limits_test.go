package mcphttp_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	mcphttp "github.com/chitor-go/chitor/plugins/mcp"
	"github.com/chitor-go/chitor/plugins/sse"
)

// What is no session pushes none out.
func TestAPostWithoutASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0), store: func(c *mcphttp.StoreConfig) { c.MaxSessions = 2 }}
		host := apptest.Start(t, k.module)
		id := begin(t, host, "ada")
		for _, body := range []string{
			`{"jsonrpc":"2.0","id":1,"method":"ping"}`, call("1"),
			`{"jsonrpc":"2.0","method":"notifications/initialized"}`,
			`{"jsonrpc":"2.0","id":1,"method":"initialize","params":7}`,
			`{"jsonrpc":"2.0","id":1,"method":"initialize"}`,
		} {
			for range 3 {
				_ = status(t, ask(host, http.MethodPost, "eve", "", body))
			}
			synctest.Wait()
			assert.Equal(t, 200, status(t, ask(host, http.MethodPost, "ada", id, call("0"))), body)
		}
	})
}

// A session that had to go for another one has no goroutine any more.
func TestASessionThatHadToGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := kit{broker: sse.NewMemoryBroker(0), store: func(c *mcphttp.StoreConfig) { c.MaxSessions = 2 }}
		host := apptest.Start(t, k.module)
		first := begin(t, host, "ada")
		synctest.Wait()
		before := runtime.NumGoroutine()
		for range 50 {
			begin(t, host, "ada")
		}
		synctest.Wait()
		require.Less(t, runtime.NumGoroutine(), before+20)
		assert.Equal(t, 404, status(t, ask(host, http.MethodPost, "ada", first, call("0"))))
	})
}

// What clients send is as long as they want: so is not the log in memory.
func TestTheLogInMemoryIsBounded(t *testing.T) {
	log := mcphttp.Log(mcphttp.NewStore(app.New()))
	start, err := log.Last(t.Context())
	require.NoError(t, err)
	for range 65 {
		_, err := log.Publish(t.Context(), "mcp", make([]byte, 1<<20))
		require.NoError(t, err)
	}
	for _, err := range log.Range(t.Context(), start, 1, []string{"mcp"}) {
		require.ErrorIs(t, err, sse.ErrGap)
		return
	}
	require.Fail(t, "all of it is kept")
}

// A page that has its own name lead to this machine calls no tools. A proxy on this
// machine looks the same, unless it is said that there is one.
func TestHostsOnALoopbackAddress(t *testing.T) {
	for name, test := range map[string]struct {
		host  string
		proxy bool
		want  int
	}{
		"a name of this machine": {"localhost:8080", false, http.StatusOK},
		"another name":           {"evil.example", false, http.StatusForbidden},
		"a name behind a proxy":  {"reports.example", true, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			k := kit{handler: func(c *mcphttp.HandlerConfig) { c.DisableLocalhostProtection = test.proxy }}
			host := apptest.Start(t, k.module)
			ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
			request := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://"+test.host+"/mcp", strings.NewReader(initialize))
			request.Header.Set("Authorization", "Bearer ada")
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Accept", "application/json, text/event-stream")
			recorder := httptest.NewRecorder()
			host.Application().ServeHTTP(recorder, request)
			assert.Equal(t, test.want, recorder.Code, recorder.Body.String())
		})
	}
}
