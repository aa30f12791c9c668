package compression_test

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// sink is a response writer that can be used again.
type sink struct {
	header http.Header
	bytes  int
}

func (s *sink) Header() http.Header { return s.header }
func (s *sink) WriteHeader(int)     {}
func (s *sink) FlushError() error   { return nil }

func (s *sink) Write(p []byte) (int, error) {
	s.bytes += len(p)
	return len(p), nil
}

// passing is the cheapest wrap that there can be: it shows what a wrapped body
// costs without compression.
type passing struct{ io.Writer }

func (*passing) Flush() error { return nil }
func (*passing) Close() error { return nil }
func (*passing) Abort()       {}

func wrapping(b *app.PluginBuilder[struct{}]) error {
	only := new(passing)
	wrap := func(w io.Writer) app.BodyWriter {
		only.Writer = w
		return only
	}
	encoding, vary := []string{"gzip"}, []string{"Accept-Encoding"}
	b.InterceptSend(app.SendContentEncoding, func(_ *app.Call, out *app.Outgoing) error {
		out.Header["Content-Encoding"], out.Header["Vary"] = encoding, vary
		out.Wrap(wrap)
		return nil
	})
	return nil
}

// A variant is a way to answer, and a request.
type variant struct {
	name   string
	plugin app.Installable // nil for none
	accept string
	method string // GET if empty
}

const browser = "gzip, deflate, br, zstd"

func variants() []variant {
	return []variant{
		{name: "none", accept: browser},
		{name: "idle", plugin: with(zstdStandard)},
		{name: "refused", plugin: with(zstdStandard), accept: "br, compress;q=0.5"},
		{name: "wrap", plugin: app.NewPlugin("Wrap", func() struct{} { return struct{}{} }, wrapping), accept: browser},
		{name: "gzip", plugin: with(onlyGzip), accept: browser},
		{name: "deflate", plugin: with(onlyDeflate), accept: browser},
		{name: "zstd", plugin: with(onlyZstd), accept: browser},
	}
}

// serving returns a function that serves one call of the variant and the number
// of bytes that it sent.
func serving(t testing.TB, v variant, handler app.Handler) func() int {
	application := app.New(func(a *app.Application) {
		if v.plugin != nil {
			a.Install(v.plugin)
		}
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return handler })
	})
	require.NoError(t, application.Start(t.Context()))
	request := httptest.NewRequestWithContext(application.Context(), cmp.Or(v.method, http.MethodGet), "/", nil)
	if v.accept != "" {
		request.Header.Set("Accept-Encoding", v.accept)
	}
	w := &sink{header: http.Header{}}
	return func() int {
		clear(w.header)
		w.bytes = 0
		application.ServeHTTP(w, request)
		return w.bytes
	}
}

var contentType = []string{"application/json"}

func records() []byte {
	var records strings.Builder
	for i := range 110 {
		fmt.Fprintf(&records, `{"id":%d,"name":"user %d","email":"user%d@example.com","active":%t,"score":%d},`, i*7919, i, i*31%97, i%3 == 0, i*i)
	}
	return []byte(records.String())
}

func BenchmarkRespond(b *testing.B) {
	for _, body := range []struct {
		name string
		data []byte
	}{{"text 2 KiB", []byte(text)}, {"records 10 KiB", records()}} {
		for _, v := range variants() {
			b.Run(body.name+"/"+v.name, func(b *testing.B) {
				serve := serving(b, v, func(c *app.Call) error {
					c.Header()["Content-Type"] = contentType
					return c.RespondBytes(body.data)
				})
				b.ReportAllocs()
				b.SetBytes(int64(len(body.data)))
				var sent int
				for b.Loop() {
					sent = serve()
				}
				b.ReportMetric(float64(sent), "sent-B/op")
			})
		}
	}
}

// BenchmarkFlush is one flushed piece of a long stream.
func BenchmarkFlush(b *testing.B) {
	piece := []byte(strings.Repeat("one of many pieces ", 20))
	for _, v := range variants() {
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			serving(b, v, func(c *app.Call) error {
				c.Header()["Content-Type"] = contentType
				control := http.NewResponseController(c.Writer())
				for b.Loop() {
					if _, err := c.Writer().Write(piece); err != nil {
						return err
					}
					if err := control.Flush(); err != nil {
						return err
					}
				}
				return nil
			})()
		})
	}
}

// BenchmarkAcceptEncoding is the decision alone: nothing is encoded for HEAD.
func BenchmarkAcceptEncoding(b *testing.B) {
	data := []byte(text)
	for _, accept := range []string{"", "*", "gzip, deflate, br, zstd", "gzip;q=1.0, deflate;q=0.6, identity;q=0.3, *;q=0.1", strings.Repeat("x,", 1000)} {
		b.Run(accept[:min(len(accept), 30)], func(b *testing.B) {
			serve := serving(b, variant{plugin: with(zstdStandard), accept: accept, method: http.MethodHead}, func(c *app.Call) error {
				c.Header()["Content-Type"] = contentType
				return c.RespondBytes(data)
			})
			b.ReportAllocs()
			for b.Loop() {
				serve()
			}
		})
	}
}
