package main

import (
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

func dial(t *testing.T, host *apptest.Host, path string) *websocket.Conn {
	t.Helper()
	client, _, err := websocket.Dial(t.Context(), host.URL+path, &websocket.DialOptions{HTTPClient: host.Client()})
	require.NoError(t, err)
	return client
}

func TestACustomerIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := dial(t, apptest.Start(t, Module), "/customer/1")
		kind, data, err := client.Read(t.Context())
		require.NoError(t, err)
		assert.Equal(t, websocket.MessageText, kind)
		assert.JSONEq(t, `{"id":1,"firstName":"Jane","lastName":"Smith"}`, string(data))
		_, _, err = client.Read(t.Context())
		assert.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(err))
	})
}

func TestACustomerIsReceived(t *testing.T) {
	for name, test := range map[string]struct {
		message string
		code    websocket.StatusCode
		lines   int
	}{
		"a customer": {`{"id":2,"firstName":"Jet","lastName":"Brains"}`, websocket.StatusNormalClosure, 1},
		"no JSON":    {`id=2`, websocket.StatusInvalidFramePayloadData, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, Module)
				client := dial(t, host, "/customer")
				require.NoError(t, client.Write(t.Context(), websocket.MessageText, []byte(test.message)))
				_, _, err := client.Read(t.Context())
				assert.Equal(t, test.code, websocket.CloseStatus(err))
				assert.Len(t, host.Log().Find("a customer was received"), test.lines)
			})
		})
	}
}
