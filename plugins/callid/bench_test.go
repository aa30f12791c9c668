package callid_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/callid"
)

// blank is a writer that forgets.
type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

// BenchmarkCall measures a whole call; "bare" is one without the plugin, to be
// taken off.
func BenchmarkCall(b *testing.B) {
	for name, test := range map[string]struct {
		module app.Module
		id     string
	}{
		"bare":      {func(*app.Application) {}, ""},
		"retrieved": {install(func(c *callid.Config) { c.Header(header) }), "13a3feb9-d83b-40ad-839a-d7d5cb147f54"},
		"generated": {install(func(c *callid.Config) { c.GenerateText(0, "") }), ""},
	} {
		b.Run(name, func(b *testing.B) {
			application := app.New(test.module, func(a *app.Application) {
				a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
					return func(c *app.Call) error { return c.RespondText("OK") }
				})
			})
			require.NoError(b, application.Start(b.Context()))
			request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, "/", http.NoBody)
			request.Header.Set(header, test.id)
			writer := blank{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(writer.header)
				application.ServeHTTP(writer, request)
			}
		})
	}
}
