package compression_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// A requestVariant is a way to receive, and the coding of the request.
type requestVariant struct {
	name   string
	plugin app.Installable // nil for none
	coding string          // "" for none
}

func requestVariants() []requestVariant {
	return []requestVariant{
		{name: "none"},
		{name: "idle", plugin: with(zstdStandard)},
		{name: "unknown", plugin: with(zstdStandard), coding: "br"},
		{name: "gzip", plugin: with(zstdStandard), coding: "gzip"},
		{name: "deflate", plugin: with(zstdStandard), coding: "deflate"},
		{name: "zstd", plugin: with(zstdStandard), coding: "zstd"},
	}
}

// taking returns a function that serves one call of the variant with a body,
// which the handler reads to its end and forgets.
func taking(t testing.TB, v requestVariant, body string) func() {
	t.Helper()
	buffer := make([]byte, 4096)
	application := app.New(func(a *app.Application) {
		if v.plugin != nil {
			a.Install(v.plugin)
		}
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				for {
					if _, err := c.Request.Body.Read(buffer); err == io.EOF {
						return c.RespondStatus(http.StatusNoContent)
					} else if err != nil {
						return err
					}
				}
			}
		})
	})
	require.NoError(t, application.Start(t.Context()))
	source := bytes.NewReader([]byte(encode(t, body, v.coding)))
	request := httptest.NewRequestWithContext(application.Context(), http.MethodPost, "/", io.NopCloser(source))
	if v.coding != "" {
		request.Header.Set("Content-Encoding", v.coding)
	}
	w := &sink{header: http.Header{}}
	return func() {
		_, err := source.Seek(0, io.SeekStart)
		require.NoError(t, err)
		clear(w.header)
		application.ServeHTTP(w, request)
	}
}

func BenchmarkReceive(b *testing.B) {
	for _, body := range []struct{ name, data string }{{"text 2 KiB", text}, {"records 10 KiB", string(records())}} {
		for _, v := range requestVariants() {
			b.Run(body.name+"/"+v.name, func(b *testing.B) {
				take := taking(b, v, body.data)
				b.ReportAllocs()
				b.SetBytes(int64(len(body.data)))
				for b.Loop() {
					take()
				}
			})
		}
	}
}
