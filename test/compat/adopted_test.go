package compat_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/starfederation/datastar-go/datastar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/plugins/timeouts"
	"github.com/chitor-go/chitor/routing"
)

const adoptedBeat = ": heartbeat\r\n"

// An adoptedRow is an event stream of others: an event, 40 s of silence, another
// event, and silence until its client or the server ends it.
type adoptedRow struct {
	name, module string
	handler      func(t *testing.T) http.Handler
}

func (row adoptedRow) isMCP() bool { return row.module == mcpModule }

func adoptedRows() []adoptedRow {
	return []adoptedRow{
		{"MCP StreamableHTTPHandler", mcpModule, slowMCP},
		{"datastar NewSSE", "github.com/starfederation/datastar-go", func(*testing.T) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				updates := datastar.NewSSE(w, r)
				_ = updates.PatchElements(`<p id="n">1</p>`)
				pause(r.Context().Done(), 40)
				_ = updates.PatchElements(`<p id="n">2</p>`)
				<-r.Context().Done()
			})
		}},
		{"httputil.ReverseProxy", stdlib, func(t *testing.T) http.Handler {
			return proxyOf(t, http.HandlerFunc(inHalves))
		}},
		{"go-sse Server", "github.com/tmaxmax/go-sse", newsOfGoSSE},
		{"by hand", stdlib, func(*testing.T) http.Handler { return http.HandlerFunc(inHalves) }},
	}
}

// pause waits for so many steps, or until done.
func pause(done <-chan struct{}, steps int) {
	for range steps {
		takeStep(done)
	}
}

// inHalves writes its second event in two parts, between which comments are due.
func inHalves(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, part := range []string{"data: 1\n\n", "data: 2\nda", "ta: 3\n\n"} {
		_, _ = io.WriteString(w, part)
		_ = http.NewResponseController(w).Flush()
		pause(r.Context().Done(), 20)
	}
	<-r.Context().Done()
}

// TestAdopted shows each cell of the table of adopted handlers.
func TestAdopted(t *testing.T) {
	for _, row := range adoptedRows() {
		for _, trial := range adoptedTrials() {
			for name, protocol := range map[string]apptest.Option{"HTTP1": apptest.HTTP1(), "H2C": apptest.H2C()} {
				t.Run(row.name+"/"+trial.name+"/"+name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { trial.try(t, row, protocol) })
				})
			}
		}
	}
}

// An adoptedTrial is a column of the table of adopted handlers.
type adoptedTrial struct {
	name string
	mark string // of its cells
	try  func(t *testing.T, row adoptedRow, protocol apptest.Option)
}

func adoptedTrials() []adoptedTrial {
	wrapped := func(name string, around func(*routing.Route), within func(http.Handler) http.Handler) adoptedTrial {
		mark := "works"
		if within != nil {
			mark = "as it is"
		}
		return adoptedTrial{name, mark, func(t *testing.T, row adoptedRow, protocol apptest.Option) {
			host := startAdopted(t, row, protocol, func(a *app.Application) { a.Install(sse.Plugin) }, around, within)
			tryStream(t, row, protocol, host, within)
		}}
	}
	compress := middleware.Compress(5, "text/event-stream")
	return []adoptedTrial{
		{"idle and stopped", "works", func(t *testing.T, row adoptedRow, protocol apptest.Option) {
			tryStream(t, row, protocol, startAdopted(t, row, protocol, func(a *app.Application) { a.Install(sse.Plugin) }, nil, nil), nil)
		}},
		{"over a limit", "works", func(t *testing.T, row adoptedRow, protocol apptest.Option) {
			host := startAdopted(t, row, protocol, func(a *app.Application) {
				a.Install(sse.Plugin.With(func(c *sse.Config) { c.MaxSessions = 1 }))
			}, nil, nil)
			assert.Equal(t, http.StatusOK, askAdopted(host, row.isMCP()).StatusCode)
			refused := askAdopted(host, row.isMCP())
			assert.Equal(t, http.StatusServiceUnavailable, refused.StatusCode)
			assert.Equal(t, "5", refused.Header.Get("Retry-After"))
			assert.Equal(t, "too many event streams are open", apptest.Text(t, refused))
			host.Stop()
			pause(nil, 90)
		}},
		{"compressed", "works", func(t *testing.T, row adoptedRow, protocol apptest.Option) {
			tryStream(t, row, protocol, startAdopted(t, row, protocol, func(a *app.Application) {
				a.Install(sse.Plugin)
				a.Install(compression.Plugin.With(func(c *compression.Config) { c.Gzip(); c.EventStreams() }))
			}, nil, nil), nil)
		}},
		wrapped("chi Compress around", func(r *routing.Route) { r.Use(compress) }, nil),
		wrapped("chi Compress within", nil, compress),
		{"behind other plugins", "works", tryAmongPlugins},
	}
}

// startAdopted starts an application that serves a row's handler at /stream.
func startAdopted(
	t *testing.T, row adoptedRow, protocol apptest.Option, install app.Module, around func(*routing.Route), within func(http.Handler) http.Handler,
) *apptest.Host {
	handler := row.handler(t)
	if within != nil {
		handler = within(handler)
	}
	return apptest.Start(t, func(a *app.Application) {
		install(a)
		routing.Routes(a, func(r *routing.Route) {
			if around != nil {
				around(r)
			}
			r.Mount("/stream", handler).Install(sse.Adopt)
		})
	}, protocol)
}

// askAdopted opens the stream, which MCP wants by a call of the tool, and others
// take any request for.
func askAdopted(host *apptest.Host, isMCP bool) *http.Response {
	post := func(body string, options ...apptest.RequestOption) *http.Response {
		return host.Post("/stream", "application/json", strings.NewReader(body), append(options,
			apptest.Header("Accept", "application/json, text/event-stream"), apptest.Header("Accept-Encoding", "gzip"))...)
	}
	var session apptest.RequestOption = func(*http.Request) {}
	if isMCP {
		response := post(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"` + withSessions +
			`","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}`)
		if response.StatusCode != http.StatusOK {
			return response
		}
		_, _ = io.Copy(io.Discard, response.Body)
		session = apptest.Header("Mcp-Session-Id", response.Header.Get("Mcp-Session-Id"))
	}
	return post(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"work","arguments":{},"_meta":{"progressToken":"p"}}}`,
		session, apptest.Header("Mcp-Protocol-Version", withSessions))
}

// tryStream compares a stream that is adopted with what its handler sends bare: each
// part arrives when it is sent, comments stand between events, and a stop ends it
// at once.
func tryStream(t *testing.T, row adoptedRow, protocol apptest.Option, host *apptest.Host, within func(http.Handler) http.Handler) {
	handler := row.handler(t)
	if within != nil {
		handler = within(handler)
	}
	bare := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { r.Mount("/stream", handler) })
	}, protocol)
	want, _ := arrivals(t, row, bare, false)
	got, encoded := arrivals(t, row, host, within == nil)
	found := 0
	var parts []string
	for _, part := range got {
		found += strings.Count(part, adoptedBeat)
		if _, text, _ := strings.Cut(part, ": "); strings.ReplaceAll(text, adoptedBeat, "") != "" {
			parts = append(parts, strings.ReplaceAll(part, adoptedBeat, ""))
		}
	}
	assert.Equal(t, want, parts, "what the handler sends, when it sends it")
	switch {
	case within == nil:
		assert.GreaterOrEqual(t, found, 2)
	case encoded:
		assert.Zero(t, found, "a stream that is encoded below is left alone")
	}
}

// arrivals returns what of a stream has arrived after each of 65 s, and then has the
// host stop.
func arrivals(t *testing.T, row adoptedRow, host *apptest.Host, clean bool) (parts []string, encoded bool) {
	response := askAdopted(host, row.isMCP())
	require.Equal(t, http.StatusOK, response.StatusCode)
	chunks, ended := make(chan string, 1000), make(chan error, 1)
	go func() {
		reader, err := decoded(response)
		buffer := make([]byte, 4096)
		for err == nil {
			var n int
			if n, err = reader.Read(buffer); n > 0 {
				chunks <- string(buffer[:n])
			}
		}
		ended <- err
	}()
	for second := range 65 {
		synctest.Wait()
		part := ""
		for len(chunks) > 0 {
			part += <-chunks
		}
		if part != "" {
			parts = append(parts, fmt.Sprintf("%d: %s", second, part))
		}
		pause(nil, 1)
	}
	began := time.Now()
	host.Stop()
	err := <-ended
	if clean {
		assert.Zero(t, time.Since(began))
		assert.ErrorIs(t, err, io.EOF)
	}
	pause(nil, 30) // until the tool of MCP, which goes on by itself, has returned
	return parts, response.Header.Get("Content-Encoding") != ""
}

// tryAmongPlugins has a stream behind what applications install: nothing of it
// changes, and the log has its status and its length.
func tryAmongPlugins(t *testing.T, row adoptedRow, protocol apptest.Option) {
	host := startAdopted(t, row, protocol, func(a *app.Application) {
		a.Install(calllogging.Plugin)
		a.Install(sse.Plugin)
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			c.Status(http.StatusOK, func(*app.Call, int) error {
				assert.Fail(t, "a page takes the stream's place")
				return nil
			})
		}))
	}, func(r *routing.Route) {
		r.Install(timeouts.Plugin.With(func(c *timeouts.Config) { c.WriteTimeout = time.Second }))
		r.Use(middleware.Maybe(middleware.BasicAuth("staff", nil), func(*http.Request) bool { return false }))
	}, nil)
	tryStream(t, row, protocol, host, nil)
	lines := host.Log().Find("the call ended")
	require.NotEmpty(t, lines)
	last := lines[len(lines)-1]
	assert.EqualValues(t, http.StatusOK, last.Attrs["status"])
	ends := host.Log().Find("the event stream ended")
	require.NotEmpty(t, ends)
	assert.Equal(t, last.Attrs["bytes"], ends[len(ends)-1].Attrs["bytes"])
}
