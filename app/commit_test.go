package app_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// commitCounts says how often each hook has run for a call.
type commitCounts struct {
	encoding, transfer, after, sent atomic.Int32
	status                          atomic.Int32 // as the after hook saw it
}

// what a way to answer is asked to do.
type commitCase struct {
	status int
	early  bool // 103 first
	flush  bool
	failAt int // write that many bytes, then fail; -1 does not fail
	hijack bool
	length int
}

var errCommitCase = errors.New("the handler fails")

// write does what the case asks for with a net/http writer.
func (test commitCase) write(w http.ResponseWriter) error {
	controller := http.NewResponseController(w)
	if test.hijack {
		conn, buffered, err := controller.Hijack()
		if err != nil {
			return err
		}
		_, _ = buffered.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nhijacked")
		_ = buffered.Flush()
		return conn.Close()
	}
	if test.early {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
	}
	if test.status != http.StatusOK {
		w.WriteHeader(test.status)
	}
	if test.flush {
		if err := controller.Flush(); err != nil {
			return err
		}
	}
	length := test.length
	if test.failAt >= 0 {
		length = test.failAt
	}
	if _, err := io.WriteString(w, strings.Repeat("x", length)); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		return err
	}
	if test.failAt >= 0 {
		return errCommitCase
	}
	return nil
}

// handler is write as a net/http handler, which can only panic.
func (test commitCase) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := test.write(w); err != nil {
			panic(err)
		}
	})
}

// plainWriter is a middleware's writer as most are: it counts, and unwraps.
type plainWriter struct {
	http.ResponseWriter
	written int
}

func (w *plainWriter) Write(p []byte) (int, error) {
	w.written += len(p)
	return w.ResponseWriter.Write(p)
}

func (w *plainWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// commitWays are the ways to answer a call. Each declares GET and HEAD /.
var commitWays = map[string]func(r *routing.Route, test commitCase){
	"respond": func(r *routing.Route, test commitCase) {
		both(r, func(c *app.Call) error {
			// A value cannot do these: a stream does.
			if test.hijack || test.early || test.flush || test.failAt >= 0 {
				return c.Respond(app.Stream(test.write))
			}
			c.SetStatus(test.status)
			return c.RespondText(strings.Repeat("x", test.length))
		})
	},
	"writer": func(r *routing.Route, test commitCase) {
		both(r, func(c *app.Call) error { return test.write(c.Writer()) })
	},
	"mounted handler": func(r *routing.Route, test commitCase) { r.Mount("/", test.handler()) },
	"event stream": func(r *routing.Route, test commitCase) {
		both(r, func(c *app.Call) error {
			if test.status == http.StatusNoContent || test.status == http.StatusNotModified {
				return c.RespondStatus(test.status) // how a handler refuses a stream
			}
			if test.hijack {
				return test.write(c.Writer())
			}
			if test.early {
				c.Header().Set("Link", "</style.css>; rel=preload")
				c.Writer().WriteHeader(http.StatusEarlyHints)
			}
			if test.failAt >= 0 && test.failAt < 512 { // before the head
				return errCommitCase
			}
			return sse.Respond(c, func(s *sse.Session) error {
				if err := s.SendText(strings.Repeat("x", max(test.length, test.failAt))); err != nil {
					return err
				}
				if test.failAt >= 0 {
					return errCommitCase
				}
				return nil
			})
		})
	},
	"answering middleware": func(r *routing.Route, test commitCase) {
		r.Route("/", func(r *routing.Route) {
			r.Use(func(http.Handler) http.Handler { return test.handler() })
			both(r, func(*app.Call) error { return errors.New("the handler must not run") })
		})
	},
	"wrapping middleware": func(r *routing.Route, test commitCase) {
		r.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(&plainWriter{ResponseWriter: w}, r)
			})
		})
		both(r, func(c *app.Call) error { return test.write(c.Writer()) })
	},
}

func both(r *routing.Route, handler app.Handler) {
	path := ""
	if r.String() == "/" {
		path = "/"
	}
	r.Get(path, handler)
	r.Head(path, handler)
}

// commitCases are what each way is asked to do.
var commitCases = map[string]commitCase{
	"GET":                    {status: 200, failAt: -1, length: 5},
	"GET of 4 KiB":           {status: 200, failAt: -1, length: 4096},
	"HEAD":                   {status: 200, failAt: -1, length: 5},
	"204":                    {status: 204, failAt: -1},
	"304":                    {status: 304, failAt: -1},
	"103 first":              {status: 200, failAt: -1, early: true, length: 5},
	"flush first":            {status: 200, failAt: -1, flush: true, length: 5},
	"error before 512 bytes": {status: 200, failAt: 100},
	"error after 512 bytes":  {status: 200, failAt: 4096},
	"hijack":                 {status: 200, failAt: -1, hijack: true},
}

// TestEveryWayToAnswerCommitsOnce crosses every way to answer with everything
// that can happen to a response, over both protocols: the hooks of the commit
// run exactly once each.
func TestEveryWayToAnswerCommitsOnce(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		for wayName, way := range commitWays {
			for caseName, test := range commitCases {
				t.Run(wayName+"/"+caseName, func(t *testing.T) {
					http2 := strings.Contains(t.Name(), "h2c")
					if test.hijack && http2 {
						test = commitCase{status: 200, failAt: -1, hijack: true}
					}
					testCommit(t, mode, http2, wayName, caseName, way, test)
				})
			}
		}
	})
}

func testCommit(t *testing.T, mode apptest.Option, http2 bool, wayName, caseName string, way func(*routing.Route, commitCase), test commitCase) {
	counts := &commitCounts{}
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(counts.plugin())
		routing.Routes(a, func(r *routing.Route) { way(r, test) })
	}, mode, apptest.Engine(engine.Logger(slog.New(slog.DiscardHandler))))

	early := 0
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
		early = code
		return nil
	}}
	method := http.MethodGet
	if caseName == "HEAD" {
		method = http.MethodHead
	}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), method, host.URL+"/", nil)
	require.NoError(t, err)
	response, err := host.Client().Do(request)
	var body []byte
	if err == nil {
		defer response.Body.Close()
		body, err = io.ReadAll(response.Body)
	}
	host.Stop() // the call is over

	want := int32(1)
	stream := wayName == "event stream"
	switch {
	case test.hijack && !http2:
		require.NoError(t, err)
		assert.Equal(t, "hijacked", string(body))
		want = 0 // hijacking answers the call and skips the hooks
	case test.hijack:
		require.NoError(t, err)
		assert.Equal(t, http.StatusInternalServerError, response.StatusCode, "HTTP/2 has nothing to hijack")
	case test.failAt >= 512:
		require.Error(t, err, "the body is cut")
	case test.failAt >= 0:
		require.NoError(t, err)
		assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
		assert.Equal(t, "Internal Server Error", string(body), "the error takes the place of what was held")
	default:
		require.NoError(t, err)
		assert.Equal(t, test.status, response.StatusCode)
		assert.Equal(t, int32(test.status), counts.status.Load(), "the hook sees the real status")
		switch {
		case method == http.MethodHead || test.status == 204 || test.status == 304:
			assert.Empty(t, body)
		case stream:
			assert.Equal(t, "data: "+strings.Repeat("x", test.length)+"\r\n\r\n", string(body))
		default:
			assert.Equal(t, strings.Repeat("x", test.length), string(body))
		}
		if method == http.MethodHead && !stream {
			assert.Equal(t, strconv.Itoa(test.length), response.Header.Get("Content-Length"))
		}
		if test.early {
			assert.Equal(t, http.StatusEarlyHints, early)
		}
	}
	assert.Equal(t, want, counts.encoding.Load(), "content encoding")
	assert.Equal(t, want, counts.transfer.Load(), "transfer encoding")
	assert.Equal(t, want, counts.after.Load(), "after")
	assert.Equal(t, int32(1), counts.sent.Load(), "response sent")
}

// plugin counts the hooks of a call.
func (n *commitCounts) plugin() app.Installable {
	return app.NewPlugin("Counts", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		count := func(counter *atomic.Int32) app.SendHook {
			return func(_ *app.Call, out *app.Outgoing) error {
				counter.Add(1)
				n.status.Store(int32(out.Status))
				if out.Status < 200 {
					return fmt.Errorf("the hook was given the status %d", out.Status)
				}
				return nil
			}
		}
		b.InterceptSend(app.SendContentEncoding, count(&n.encoding))
		b.InterceptSend(app.SendTransferEncoding, count(&n.transfer))
		b.InterceptSend(app.SendAfter, count(&n.after))
		b.OnResponseSent(func(*app.Call) { n.sent.Add(1) })
		return nil
	})
}

// TestASendHookCannotWrite to the response that is being committed: the commit
// would begin anew, without an end.
func TestASendHookCannotWrite(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]app.Handler{
		"a little": writes("x"),
		"much":     writes(strings.Repeat("x", 600)),
		"flush":    flushing,
		"a reader": func(c *app.Call) error { _, err := io.Copy(c.Writer(), strings.NewReader("x")); return err },
	} {
		for committed, handler := range map[string]app.Handler{
			"text": text("text"), "held bytes": writes("text"), "flush": func(c *app.Call) error {
				return errors.Join(writes("text")(c), flushing(c))
			},
		} {
			t.Run(name+" at "+committed, func(t *testing.T) {
				t.Parallel()
				a := start(t, onAfter(func(c *app.Call, _ *app.Outgoing) error {
					assert.ErrorIs(t, write(c), app.ErrAnswered)
					return nil
				}), answering(handler))
				assert.Equal(t, "text", body(t, get(t, a, "/")))
			})
		}
	}
}
