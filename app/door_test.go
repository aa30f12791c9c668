package app_test

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// hasEnded is a part of the error that a goroutine gets which comes too late.
const hasEnded = "the call has ended"

// TestWhatComesAfterTheEndDoesNothing: a goroutine that a handler has left
// behind gets an error that says so, and the next request on the connection
// nothing of it.
func TestWhatComesAfterTheEndDoesNothing(t *testing.T) {
	name := t.TempDir() + "/file"
	require.NoError(t, os.WriteFile(name, []byte("from a file"), 0o600))
	late := map[string]func(w http.ResponseWriter) error{
		"Write":       func(w http.ResponseWriter) error { _, err := w.Write([]byte("late")); return err },
		"WriteString": func(w http.ResponseWriter) error { _, err := io.WriteString(w, "late"); return err },
		"FlushError":  func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() },
		"ReadFrom": func(w http.ResponseWriter) error {
			_, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader("late"))
			return err
		},
		"ReadFrom of a file": func(w http.ResponseWriter) error {
			file, err := os.Open(name)
			require.NoError(t, err)
			defer file.Close()
			_, err = w.(io.ReaderFrom).ReadFrom(file)
			return err
		},
		"Hijack": func(w http.ResponseWriter) error { _, _, err := w.(http.Hijacker).Hijack(); return err },
		"what has no error": func(w http.ResponseWriter) error {
			w.WriteHeader(http.StatusGone)
			w.(http.Flusher).Flush()
			return errors.New(hasEnded)
		},
		"a deadline": func(w http.ResponseWriter) error {
			control := http.NewResponseController(w)
			assert.ErrorIs(t, control.SetWriteDeadline(time.Now()), http.ErrNotSupported)
			assert.ErrorIs(t, control.SetReadDeadline(time.Now()), http.ErrNotSupported)
			return errors.New(hasEnded)
		},
	}
	for protocol, option := range map[string]func(*http.Server){"HTTP/1.1": func(*http.Server) {}, "HTTP/2": http2} {
		for place, around := range map[string][]func(http.Handler) http.Handler{
			"": nil, ", wrapped": {wrappingWriter}, ", in a fork": {throughFlushingWriter}, ", in a time-out": {timeout(time.Hour)},
		} {
			for operation, operate := range late {
				t.Run(operation+", "+protocol+place, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						var kept http.ResponseWriter
						client := serve(t, start(t, using(around...), answering(func(c *app.Call) error {
							if kept == nil {
								kept = c.Writer()
								return c.RespondText("first")
							}
							time.Sleep(time.Minute)
							return c.RespondText("second")
						})), option)
						assert.Equal(t, "first", body(t, fetch(t, client, "/")))
						time.AfterFunc(30*time.Second, func() { assert.ErrorContains(t, operate(kept), hasEnded) })
						response := fetch(t, client, "/")
						assert.Equal(t, http.StatusOK, response.StatusCode)
						assert.Equal(t, "second", body(t, response))
					})
				})
			}
		}
	}
}

// TestNobodyRespondsToACallThatHasEnded, nor does a hook of what was sent.
func TestNobodyRespondsToACallThatHasEnded(t *testing.T) {
	for name, respond := range map[string]func(c *app.Call) error{
		"Respond":         func(c *app.Call) error { return c.RespondText("late") },
		"RespondRedirect": func(c *app.Call) error { return c.RespondRedirect("/") },
		"RespondHTML":     func(c *app.Call) error { return c.RespondHTML(template.Must(template.New("").Parse("late")), nil) },
		"RespondFile":     func(c *app.Call) error { return c.RespondFile(nil, "door_test.go") },
	} {
		t.Run(name, func(t *testing.T) {
			var kept *app.Call
			a := start(t, answering(func(c *app.Call) error { kept = c; return c.RespondText("x") }), func(a *app.Application) {
				a.Install(onSent("Sent", func(c *app.Call) {
					assert.ErrorContains(t, respond(c), "respond: "+hasEnded)
					_, err := io.WriteString(c.Writer(), "late")
					assert.ErrorContains(t, err, "write: "+hasEnded)
				}))
			})
			assert.Equal(t, "x", body(t, get(t, a, "/")))
			require.ErrorContains(t, respond(kept), "respond: "+hasEnded)
		})
	}
}

// TestAWriteThatIsUnderWayIsWaitedFor: the connection is nobody else's before.
func TestAWriteThatIsUnderWayIsWaitedFor(t *testing.T) {
	for protocol, option := range map[string]func(*http.Server){"HTTP/1.1": func(*http.Server) {}, "HTTP/2": http2} {
		for name, around := range map[string]func(http.Handler) http.Handler{
			"": func(next http.Handler) http.Handler { return next }, ", wrapped": wrappingWriter, ", in a fork": throughFlushingWriter,
		} {
			t.Run(protocol+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const length = 8 << 20 // more than fits on the way
					var ended atomic.Bool
					client := serve(t, start(t, using(around), answering(func(c *app.Call) error {
						flush(c)
						w := c.Writer()
						go func() {
							n, err := w.Write(bytes.Repeat([]byte("x"), length))
							assert.Equal(t, length, n)
							assert.NoError(t, err)
						}()
						time.Sleep(time.Second)
						return nil
					}), func(a *app.Application) {
						a.Install(onSent("Sent", func(*app.Call) { ended.Store(true) }))
					}), option)
					response := fetch(t, client, "/")
					time.Sleep(5 * time.Second)
					assert.False(t, ended.Load())
					assert.Len(t, body(t, response), length)
				})
			})
		}
	}
}

// TestAReaderThatIsWaitedForHoldsUpNothing: only a write is waited for.
func TestAReaderThatIsWaitedForHoldsUpNothing(t *testing.T) {
	for name, around := range map[string]func(http.Handler) http.Handler{
		"at once": func(next http.Handler) http.Handler { return next }, "wrapped": wrappingWriter,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reader, writer := io.Pipe()
				copied := make(chan error)
				client := serve(t, start(t, using(around), answering(func(c *app.Call) error {
					w := c.Writer()
					go func() {
						_, err := io.Copy(w, reader)
						copied <- err
					}()
					_, err := io.WriteString(writer, "in time")
					time.Sleep(time.Second)
					return err
				})))
				assert.Equal(t, "in time", body(t, fetch(t, client, "/")))
				_, err := io.WriteString(writer, "late")
				require.NoError(t, err)
				require.ErrorContains(t, <-copied, hasEnded)
				require.NoError(t, reader.Close())
			})
		})
	}
}

// TestAGoroutineThatWritesOnReachesNobodyElse: some of what it writes until its
// handler has returned may come to its own client, and nothing to another.
func TestAGoroutineThatWritesOnReachesNobodyElse(t *testing.T) {
	for protocol, option := range map[string]func(*http.Server){"HTTP/1.1": func(*http.Server) {}, "HTTP/2": http2} {
		t.Run(protocol, func(t *testing.T) {
			done := make(chan struct{})
			defer func() { <-done }()
			stop := make(chan struct{})
			defer close(stop)
			client := serve(t, start(t, answering(func(c *app.Call) error {
				if c.Request.URL.Path != "/bug" {
					for range 3 {
						_, _ = io.WriteString(c.Writer(), strings.Repeat("v", 700))
						runtime.Gosched()
					}
					return nil
				}
				w := c.Writer()
				write(c, 600)
				flush(c)
				begun := make(chan struct{})
				go func() {
					defer close(done)
					for i := 0; ; i++ {
						select {
						case <-stop:
							return
						default:
						}
						_, _ = io.WriteString(w, "SECRET")
						_ = http.NewResponseController(w).Flush()
						if i == 0 {
							close(begun)
						}
						runtime.Gosched()
					}
				}()
				<-begun
				return nil
			})), option)
			body(t, fetch(t, client, "/bug"))
			for range 100 {
				assert.Equal(t, strings.Repeat("v", 2100), body(t, fetch(t, client, "/victim")))
			}
		})
	}
}

// TestWhatTheCallRunsItselfStillWrites: a hook that answers an error when the
// handlers have returned has a writer, as does one that replaces an answer.
func TestWhatTheCallRunsItselfStillWrites(t *testing.T) {
	page := app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, err := io.WriteString(w, "a page")
		assert.NoError(t, err)
	}))
	for name, module := range map[string]app.Module{
		"an error": func(a *app.Application) {
			answering(func(*app.Call) error { return errBroken })(a)
			a.Install(onFailed("Page", func(c *app.Call, _ error) error { return page(c) }))
		},
		"a replaced answer": func(a *app.Application) {
			answering(text("x"))(a)
			a.InterceptSend(app.SendAfter, func(c *app.Call, _ *app.Outgoing) error {
				return c.Replace(func(c *app.Call, _ *app.Outgoing) error { return page(c) })
			})
		},
		"a stream": func(a *app.Application) {
			answering(func(*app.Call) error { return errBroken })(a)
			a.Install(onFailed("Page", func(c *app.Call, _ error) error {
				c.SetStatus(http.StatusTeapot)
				return c.Respond(app.Stream(func(w http.ResponseWriter) error { _, err := io.WriteString(w, "a page"); return err }))
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			response := get(t, start(t, module), "/")
			assert.Equal(t, http.StatusTeapot, response.StatusCode)
			assert.Equal(t, "a page", body(t, response))
		})
	}
}
