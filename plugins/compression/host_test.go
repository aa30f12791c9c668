package compression_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// text is the body of Ktor's tests.
var text = strings.Repeat("text to be compressed\n", 100)

// with is the plugin with a configuration, which may be nil.
func with(configure func(*compression.Config)) app.Installable {
	if configure == nil {
		return compression.Plugin
	}
	return compression.Plugin.With(configure)
}

// asItIs leaves the configuration as it is by default.
func asItIs(*compression.Config) {}

// A host is a running application with requests for tests of codings.
type host struct {
	t      *testing.T
	client *http.Client
	served *apptest.Host
}

// start serves routes with the plugin installed on the application, or without
// any if it is nil.
func start(t *testing.T, plugin app.Installable, declare func(*routing.Route), options ...apptest.Option) *host {
	return startModule(t, func(a *app.Application) {
		if plugin != nil {
			a.Install(plugin)
		}
		routing.Routes(a, declare)
	}, options...)
}

func startModule(t *testing.T, module app.Module, options ...apptest.Option) *host {
	served := apptest.Start(t, module, options...)
	served.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &host{t, served.Client(), served}
}

// A result is a response that was read to its end.
type result struct {
	t      *testing.T
	status int
	header http.Header
	raw    []byte
}

// open sends a request; header holds names and values in turn. A name may come
// twice.
func (h *host) open(method, path string, header ...string) *http.Response {
	h.t.Helper()
	var options []apptest.RequestOption
	for i := 0; i < len(header); i += 2 {
		options = append(options, apptest.Header(header[i], header[i+1]))
	}
	return h.served.Do(method, path, nil, options...)
}

func (h *host) do(method, path string, header ...string) result {
	h.t.Helper()
	response := h.open(method, path, header...)
	raw, err := io.ReadAll(response.Body)
	require.NoError(h.t, err)
	return result{h.t, response.StatusCode, response.Header, raw}
}

func (h *host) get(path string, header ...string) result {
	h.t.Helper()
	return h.do(http.MethodGet, path, header...)
}

// accepting is a GET with one line of Accept-Encoding, or none if it is empty.
func (h *host) accepting(accept, path string) result {
	h.t.Helper()
	if accept == "" {
		return h.get(path)
	}
	return h.get(path, "Accept-Encoding", accept)
}

// is asserts the coding of a response, "" for the plain body, what it decodes
// to, and that the length, if there is one, is that of what was sent.
func (r result) is(coding, body string) {
	r.t.Helper()
	assert.Equal(r.t, coding, r.header.Get("Content-Encoding"))
	assert.Equal(r.t, body, decode(r.t, coding, r.raw))
	if length := r.header.Get("Content-Length"); length != "" {
		assert.Equal(r.t, strconv.Itoa(len(r.raw)), length)
	}
	if coding != "" && coding != "identity" {
		assert.Contains(r.t, r.header.Values("Vary"), "Accept-Encoding")
	}
}

// decode reads with the standard library where it can, so that two
// implementations meet.
func decode(t *testing.T, coding string, raw []byte) string {
	t.Helper()
	decoded, err := io.ReadAll(decoder(t, coding, bytes.NewReader(raw)))
	require.NoError(t, err)
	return string(decoded)
}

func decoder(t *testing.T, coding string, raw io.Reader) io.Reader {
	t.Helper()
	var decoder io.Reader
	var err error
	switch coding {
	case "gzip":
		decoder, err = gzip.NewReader(raw)
	case "deflate":
		decoder, err = zlib.NewReader(raw)
	case "zstd":
		decoder, err = zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	default:
		decoder = raw
	}
	require.NoError(t, err)
	return decoder
}

// same is assert.Equal for texts that nobody wants to see printed.
func same(t *testing.T, want, got, what string) {
	t.Helper()
	if want != got {
		assert.Fail(t, what+" is not the same", "%d bytes were sent, %d arrived", len(want), len(got))
	}
}

// sending is a handler that responds with a body of a type; an empty type is
// left to be found out.
func sending(contentType, body string) app.Handler {
	return func(c *app.Call) error {
		if contentType != "" {
			c.Header().Set("Content-Type", contentType)
		}
		return c.RespondText(body)
	}
}

// texts is a single route that responds with Ktor's text.
func texts(r *routing.Route) { r.Get("/", sending("text/plain", text)) }

// byHTTP is a handler written for net/http.
func byHTTP(serve http.HandlerFunc) app.Handler { return app.FromHTTP(serve) }

// zstdStandard offers the encoders of Ktor's zstdStandard in its order.
func zstdStandard(c *compression.Config) {
	c.Default()
	c.Zstd()
}

func onlyGzip(c *compression.Config)    { c.Gzip() }
func onlyDeflate(c *compression.Config) { c.Deflate() }
func onlyZstd(c *compression.Config)    { c.Zstd() }

// copying is a coding that changes nothing.
type copying struct{ io.Writer }

func (*copying) Flush() error        { return nil }
func (*copying) Close() error        { return nil }
func (c *copying) Reset(w io.Writer) { c.Writer = w }

func special() compression.Encoder {
	return compression.Encoder{Name: "special", NewWriter: func(int) (compression.Writer, error) { return &copying{}, nil }}
}

// priorities offers gzip and deflate.
func priorities(gzip, deflate float64) func(*compression.Config) {
	return func(c *compression.Config) {
		c.Gzip(func(e *compression.EncoderConfig) { e.Priority = gzip })
		c.Deflate(func(e *compression.EncoderConfig) { e.Priority = deflate })
	}
}

func queryIs(name, value string) func(*app.Call, *app.Outgoing) bool {
	return func(c *app.Call, _ *app.Outgoing) bool { return c.QueryParam(name) == value }
}

func level(level int) func(*compression.EncoderConfig) {
	return func(e *compression.EncoderConfig) { e.Level = level }
}

// withStreams is the plugin with event streams switched on.
func withStreams(configure ...func(*compression.EventStreamConfig)) app.Installable {
	return with(func(c *compression.Config) { c.EventStreams(configure...) })
}

func streamGzip(e *compression.EventStreamConfig)    { e.Gzip() }
func streamDeflate(e *compression.EventStreamConfig) { e.Deflate() }
func streamZstd(e *compression.EventStreamConfig)    { e.Zstd() }

// startStreams serves routes with both plugins installed on the application.
func startStreams(t *testing.T, plugin app.Installable, declare func(*routing.Route), options ...apptest.Option) *host {
	return startModule(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(plugin)
		routing.Routes(a, declare)
	}, options...)
}

// hello is a stream of one event.
func hello(s *sse.Session) error { return s.SendText("Hello") }

const helloBytes = "data: Hello\r\n\r\n"

// encode writes with the standard library where it can. "raw" is deflate
// without the zlib format. Several codings are applied in turn.
func encode(t testing.TB, data string, codings ...string) string {
	t.Helper()
	for _, coding := range codings {
		var encoded bytes.Buffer
		writer := encoder(t, coding, &encoded)
		_, err := io.WriteString(writer, data)
		require.NoError(t, err)
		require.NoError(t, writer.Close())
		data = encoded.String()
	}
	return data
}

func encoder(t testing.TB, coding string, to io.Writer) io.WriteCloser {
	t.Helper()
	var writer io.WriteCloser
	var err error
	switch coding {
	case "gzip":
		writer = gzip.NewWriter(to)
	case "deflate":
		writer = zlib.NewWriter(to)
	case "raw":
		writer, err = flate.NewWriter(to, flate.DefaultCompression)
	case "zstd":
		writer, err = zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
	default:
		writer = identityWriter{to}
	}
	require.NoError(t, err)
	return writer
}

type identityWriter struct{ io.Writer }

func (identityWriter) Close() error { return nil }

// post sends a body whose length is declared, with a header of names and values
// in turn.
func (h *host) post(path, body string, header ...string) result {
	h.t.Helper()
	return h.send(path, bytes.NewReader([]byte(body)), header...)
}

// send is post for a body whose length is not known, unless it is a
// *bytes.Reader.
func (h *host) send(path string, body io.Reader, header ...string) result {
	h.t.Helper()
	var options []apptest.RequestOption
	for i := 0; i < len(header); i += 2 {
		options = append(options, apptest.Header(header[i], header[i+1]))
	}
	response := h.served.Do(http.MethodPost, path, body, options...)
	raw, err := io.ReadAll(response.Body)
	require.NoError(h.t, err)
	return result{h.t, response.StatusCode, response.Header, raw}
}

// incompressible returns n bytes that no coding makes shorter, always the same.
func incompressible(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data)
	return data
}

// bubble runs a test where synctest.Wait sees the server come to rest, and
// fails it if a goroutine is left.
func bubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// echoing is a single route that responds with the bytes that it received.
func echoing(r *routing.Route) {
	r.Post("/", func(c *app.Call) error {
		body, err := c.ReceiveBytes()
		if err != nil {
			return err
		}
		return c.RespondBytes(body)
	})
}

// answering responds to any method with a status, header lines (names and
// values in turn) and Ktor's text.
func answering(status int, header ...string) func(*routing.Route) {
	return func(r *routing.Route) {
		r.Handle("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			for i := 0; i < len(header); i += 2 {
				w.Header().Add(header[i], header[i+1])
			}
			w.WriteHeader(status)
			io.WriteString(w, text)
		}))
	}
}

// receiving is a single route that receives bytes and responds with their
// number, or fails.
func receiving(t *testing.T, failed func(error)) func(*routing.Route) {
	return func(r *routing.Route) {
		r.Post("/", func(c *app.Call) error {
			received, err := c.ReceiveBytes()
			if err != nil {
				failed(err)
				return err
			}
			assert.NotEmpty(t, received)
			return c.RespondText("received")
		})
	}
}
