package main

import (
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// TestConversation is Ktor's testConversation, and goes on to the goodbye.
func TestConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		client, _, err := websocket.Dial(t.Context(), host.URL+"/echo", &websocket.DialOptions{HTTPClient: host.Client()})
		require.NoError(t, err)
		hear := func() string {
			_, data, err := client.Read(t.Context())
			require.NoError(t, err)
			return string(data)
		}
		assert.Equal(t, "Please enter your name", hear())
		require.NoError(t, client.Write(t.Context(), websocket.MessageText, []byte("JetBrains")))
		assert.Equal(t, "Hi, JetBrains!", hear())
		require.NoError(t, client.Write(t.Context(), websocket.MessageBinary, []byte("nobody")))
		require.NoError(t, client.Write(t.Context(), websocket.MessageText, []byte("Bye")))
		_, _, err = client.Read(t.Context())
		var closed websocket.CloseError
		require.ErrorAs(t, err, &closed)
		assert.Equal(t, websocket.CloseError{Code: websocket.StatusNormalClosure, Reason: "Client said BYE"}, closed)
	})
}

func TestTheRootIsAPage(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, "Hello, world!", apptest.Text(t, host.Get("/")))
}
