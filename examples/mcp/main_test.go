package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",` +
	`"capabilities":{},"clientInfo":{"name":"curl","version":"1"}}}`

const countTo3 = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"count",` +
	`"arguments":{"to":3},"_meta":{"progressToken":"p"}}}`

// post sends what the commands in the comment of the package send.
func post(host *apptest.Host, body string, headers ...string) *http.Response {
	return host.Post("/mcp", "application/json", strings.NewReader(body), with(headers...))
}

func with(headers ...string) apptest.RequestOption {
	return func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer abc123")
		r.Header.Set("Accept", "application/json, text/event-stream")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
}

func TestTheCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module(nil))
		begun := post(host, initialize)
		require.Equal(t, http.StatusOK, begun.StatusCode)
		assert.Equal(t, "text/event-stream", begun.Header.Get("Content-Type"))
		assert.Contains(t, apptest.Text(t, begun), "chitor-mcp")
		id := begun.Header.Get("Mcp-Session-Id")

		start := time.Now()
		called := post(host, countTo3, "Mcp-Session-Id", id, "Mcp-Protocol-Version", "2025-11-25")
		events := ssetest.Take(t, called.Body, 3)
		assert.Contains(t, events[1].Data, "1 of 3")
		assert.Contains(t, events[2].Data, "2 of 3")
		assert.Equal(t, time.Second, time.Since(start))
		require.NoError(t, called.Body.Close()) // interrupted

		resumed := host.Get("/mcp", with("Mcp-Session-Id", id, "Last-Event-ID", events[2].ID))
		events = ssetest.Take(t, resumed.Body, 2)
		assert.Contains(t, events[0].Data, "3 of 3")
		assert.Contains(t, events[1].Data, `{"for":"ada","numbers":3}`)
		rest, err := io.ReadAll(resumed.Body)
		require.NoError(t, err, "it ends with the answer")
		assert.Empty(t, rest)
	})
}

func TestAddressesAreNotSaid(t *testing.T) {
	for _, address := range []string{
		"http://ada:secret@log.example", "ada:secret@log.example", "redis://ada:secret@[x", "redis://ada:secret@log.example/x",
		"nats://ada:secret@[x",
	} {
		_, _, err := open(t.Context(), address)
		require.Error(t, err, address)
		assert.NotContains(t, err.Error(), "secret")
	}
}

func TestWhoIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module(nil))
		for name, test := range map[string]struct {
			headers []string
			want    int
		}{
			"no token":               {[]string{"Authorization", ""}, http.StatusUnauthorized},
			"a wrong token":          {[]string{"Authorization", "Bearer abc124"}, http.StatusUnauthorized},
			"a page of another site": {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, http.StatusForbidden},
			"another origin":         {[]string{"Origin", "https://evil.example"}, http.StatusForbidden},
			"nothing wrong":          {nil, http.StatusOK},
		} {
			response := post(host, initialize, test.headers...)
			assert.Equal(t, test.want, response.StatusCode, name)
			_ = apptest.Text(t, response)
		}
		large := post(host, strings.Repeat(" ", 2<<20)+initialize)
		assert.Equal(t, http.StatusRequestEntityTooLarge, large.StatusCode)
		_ = apptest.Text(t, large)

		id := post(host, initialize).Header.Get("Mcp-Session-Id")
		assert.Equal(t, http.StatusNotFound, post(host, countTo3, "Mcp-Session-Id", id, "Authorization", "Bearer def456").StatusCode)
	})
}
