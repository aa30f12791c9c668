package calllogging_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/calllogging"
)

// blank is a writer that forgets, of a response and of a log.
type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

// BenchmarkCall measures a whole call; "bare" is one without the plugin, to be
// taken off.
func BenchmarkCall(b *testing.B) {
	for name, module := range map[string]app.Module{
		"bare":     func(*app.Application) {},
		"line":     install(unchanged),
		"MDC":      install(func(c *calllogging.Config) { c.MDC("uri", path) }),
		"hidden":   install(func(c *calllogging.Config) { c.Level = slog.LevelDebug }),
		"filtered": install(func(c *calllogging.Config) { c.Filter(func(*app.Call) bool { return false }) }),
	} {
		b.Run(name, func(b *testing.B) {
			application := app.New(func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.NewJSONHandler(blank{}, nil)) })
			}, module, answering(text("OK")))
			require.NoError(b, application.Start(b.Context()))
			request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, "/", http.NoBody)
			writer := blank{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(writer.header)
				application.ServeHTTP(writer, request)
			}
		})
	}
}
