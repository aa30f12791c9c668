package main

import (
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// TestConversation is Ktor's testConversation.
func TestConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		var clients [2]*websocket.Conn
		hear := func(client *websocket.Conn) string {
			_, data, err := client.Read(t.Context())
			require.NoError(t, err)
			return string(data)
		}
		for i := range clients {
			client, _, err := websocket.Dial(t.Context(), host.URL+"/ws", &websocket.DialOptions{HTTPClient: host.Client()})
			require.NoError(t, err)
			assert.Equal(t, "You are connected to WebSocket!", hear(client))
			clients[i] = client
		}
		synctest.Wait() // both have joined
		for i, text := range []string{"Hello from client1", "Hello from client2"} {
			require.NoError(t, clients[i].Write(t.Context(), websocket.MessageText, []byte(text)))
			for _, client := range clients {
				assert.Equal(t, text, hear(client))
			}
		}
		for _, client := range clients {
			require.NoError(t, client.Close(websocket.StatusNormalClosure, ""))
		}
	})
}
