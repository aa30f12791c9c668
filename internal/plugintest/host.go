package plugintest

import (
	"compress/gzip"
	"compress/zlib"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// path is the route that probes serve.
const path = "/probe"

// host is a running application, with what each request needs for the plugin to
// have something to do.
type host struct {
	*apptest.Host

	request []apptest.RequestOption
}

// ask sends a request, with a body of text unless body is nil, and calls read
// when the head of the response has arrived.
func (h *host) ask(method string, body io.Reader, read func(response *http.Response)) {
	options := h.request
	if body != nil {
		options = append([]apptest.RequestOption{apptest.Header("Content-Type", "text/plain")}, options...)
	}
	response := h.Do(method, path, body, options...)
	defer func() { _ = response.Body.Close() }() // the check may have closed it
	read(response)
}

// decoded returns the body of a response as the handler has written it.
func decoded(response *http.Response) (io.Reader, error) {
	switch coding := response.Header.Get("Content-Encoding"); coding {
	case "":
		return response.Body, nil
	case "gzip":
		return gzip.NewReader(response.Body)
	case "deflate":
		return zlib.NewReader(response.Body)
	default:
		return nil, fmt.Errorf("the kit cannot decode %s: let the request ask for gzip", coding)
	}
}

// text returns the whole body of a response as the handler has written it.
func text(t *testing.T, response *http.Response) string {
	t.Helper()
	if response.Request.Method == http.MethodHead || response.ContentLength == 0 {
		return apptest.Text(t, response)
	}
	reader, err := decoded(response)
	require.NoError(t, err)
	body, err := io.ReadAll(reader)
	require.NoError(t, err, "the body breaks off")
	return string(body)
}

// wait lets fake time pass, unless ctx ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// respondText returns a handler that responds with text.
func respondText(text string) app.Handler {
	return func(c *app.Call) error { return c.RespondText(text) }
}
