package mcphttp_test

import (
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
