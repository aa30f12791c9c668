package brotli_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	reference "github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// encoded is what a foreign encoder makes of a body.
func encoded(t *testing.T, body string) []byte {
	t.Helper()
	var sent bytes.Buffer
	writer := reference.NewWriterOptions(&sent, reference.WriterOptions{Quality: 6, LGWin: 24})
	_, err := io.WriteString(writer, body)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return sent.Bytes()
}

// Bodies of requests are decoded; one that breaks off, or goes on, or is none, is the client's fault, and does not spoil the
// reader for the next.
func TestRequest(t *testing.T) {
	whole := encoded(t, text)
	host := start(t, func(r *routing.Route) {
		r.Post("/", func(c *app.Call) error {
			received, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(received)
		})
	})
	for _, test := range []struct {
		name   string
		sent   []byte
		status int
		want   string
	}{
		{"whole", whole, http.StatusOK, text},
		{"empty", encoded(t, ""), http.StatusOK, ""},
		{"cut", whole[:len(whole)/2], http.StatusBadRequest, ""},
		{"followed by more", append(bytes.Clone(whole), "more"...), http.StatusBadRequest, ""},
		{"not Brotli", []byte(text), http.StatusBadRequest, ""},
		{"whole again", whole, http.StatusOK, text},
		{"bomb", encoded(t, string(make([]byte, 2<<20))), http.StatusRequestEntityTooLarge, ""},
		{"whole at last", whole, http.StatusOK, text},
	} {
		t.Run(test.name, func(t *testing.T) {
			response := host.Do(http.MethodPost, "/", bytes.NewReader(test.sent), apptest.Header("Content-Encoding", "br"))
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, test.status, response.StatusCode)
			if test.status == http.StatusOK {
				assert.Equal(t, test.want, string(body))
			}
		})
	}
}
