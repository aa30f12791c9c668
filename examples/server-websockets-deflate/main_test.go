package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// TestLargeMessagesAreCompressed for a client that offers it, by what passes on its
// connection.
func TestLargeMessagesAreCompressed(t *testing.T) {
	large, small := strings.Repeat("Hello, world! ", 1000), strings.Repeat("Hi! ", 1000)
	for name, test := range map[string]struct {
		mode               websocket.CompressionMode
		extension          string
		large, small, most int64 // bytes that come from the server
	}{
		"offered":     {websocket.CompressionNoContextTakeover, "permessage-deflate", 0, 4000, 500},
		"not offered": {websocket.CompressionDisabled, "", 14000, 4000, 14100},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, Module)
				var read atomic.Int64
				client, response, err := websocket.Dial(t.Context(), host.URL+"/echo", &websocket.DialOptions{
					HTTPClient: &http.Client{Transport: &http.Transport{
						DialContext: func(context.Context, string, string) (net.Conn, error) { return &counted{host.Dial(), &read}, nil },
					}},
					CompressionMode: test.mode,
				})
				require.NoError(t, err)
				client.SetReadLimit(-1)
				extension, _, _ := strings.Cut(response.Header.Get("Sec-WebSocket-Extensions"), ";")
				assert.Equal(t, test.extension, extension)
				echo := func(text string) int64 {
					before := read.Load()
					require.NoError(t, client.Write(t.Context(), websocket.MessageText, []byte(text)))
					_, data, err := client.Read(t.Context())
					require.NoError(t, err)
					assert.Equal(t, text, string(data))
					return read.Load() - before
				}
				passed := echo(large)
				assert.GreaterOrEqual(t, passed, test.large)
				assert.LessOrEqual(t, passed, test.most)
				assert.GreaterOrEqual(t, echo(small), test.small)
				require.NoError(t, client.Close(websocket.StatusNormalClosure, ""))
			})
		})
	}
}

// A counted connection counts what was read from it.
type counted struct {
	net.Conn

	read *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}
