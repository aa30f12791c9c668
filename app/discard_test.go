package app_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestErrorTakesBackAnAnswer: until the commit a response is a value, and an
// error replaces it together with the headers that described it.
func TestErrorTakesBackAnAnswer(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(c *app.Call) error{
		"text":          func(c *app.Call) error { return c.RespondText("an answer") },
		"long text":     func(c *app.Call) error { return c.RespondText(strings.Repeat("x", 500)) },
		"bytes":         func(c *app.Call) error { return c.RespondBytes([]byte("an answer")) },
		"status":        func(c *app.Call) error { return c.RespondStatus(http.StatusCreated) },
		"status set":    func(c *app.Call) error { c.SetStatus(http.StatusCreated); return nil },
		"held bytes":    func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "an answer"); return err },
		"short reader":  func(c *app.Call) error { return c.Respond(strings.NewReader("an answer")) },
		"head recorded": func(c *app.Call) error { c.Writer().WriteHeader(http.StatusCreated); return nil },
		"short stream": func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				_, err := io.WriteString(w, "an answer")
				return err
			}))
		},
		"nothing": func(*app.Call) error { return nil },
	} {
		for _, wrapped := range []bool{false, true} {
			t.Run(map[bool]string{false: name, true: name + ", through a middleware's writer"}[wrapped], func(t *testing.T) {
				t.Parallel()
				a := start(t, func(a *app.Application) {
					if wrapped {
						a.Use(wrappingWriter)
					}
				}, answering(func(c *app.Call) error {
					for _, header := range []string{
						"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location",
						"Content-Range", "Accept-Ranges", "Content-Disposition", "Etag", "Last-Modified",
						"Content-Digest", "Repr-Digest", "Digest", "Content-Md5", "Trailer",
						"Cache-Control", "Age", "Cdn-Cache-Control", "Surrogate-Control",
					} {
						c.Header().Set(header, "7")
					}
					c.Header().Set("Expires", "Wed, 21 Oct 2099 07:28:00 GMT")
					c.Header().Set("X-Kept", "kept")
					c.Header().Add("Set-Cookie", "a=1")
					c.Header().Add("Set-Cookie", "b=2")
					c.Header().Set("Vary", "Accept")
					require.NoError(t, begin(c))
					return app.NewError(http.StatusConflict, "sorry")
				}))
				response := get(t, a, "/")
				assert.Equal(t, http.StatusConflict, response.StatusCode)
				assert.Equal(t, "sorry", body(t, response))
				assert.Equal(t, http.Header{
					"Content-Type": {"text/plain; charset=UTF-8"},
					"X-Kept":       {"kept"},
					"Set-Cookie":   {"a=1", "b=2"},
					"Vary":         {"Accept"},
				}, response.Header)
			})
		}
	}
}

// TestErrorTakesBackALongAnswer: what was responded with is a value however
// long it is, unless a middleware's writer has it.
func TestErrorTakesBackALongAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		module app.Module
		status int
	}{
		"value":    {func(*app.Application) {}, http.StatusInternalServerError},
		"no value": {func(a *app.Application) { a.Use(wrappingWriter) }, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, test.module, answering(func(c *app.Call) error {
				require.NoError(t, c.RespondText(strings.Repeat("x", 100_000)))
				return errBroken
			}))
			assert.Equal(t, test.status, get(t, a, "/").StatusCode)
		})
	}
}

// TestErrorAfterTheCommit: an incomplete body is cut so that the client
// notices, a complete one stands.
func TestErrorAfterTheCommit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 600)
	for name, test := range map[string]struct {
		answer   app.Handler
		complete bool
	}{
		"stream":             {func(c *app.Call) error { _, _ = io.WriteString(c.Writer(), long); return errBroken }, false},
		"stream that panics": {func(c *app.Call) error { _, _ = io.WriteString(c.Writer(), long); panic("out of order") }, false},
		"flushed head": {func(c *app.Call) error {
			require.NoError(t, http.NewResponseController(c.Writer()).Flush())
			return errBroken
		}, false},
		"stream responded with": {func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error { _, _ = io.WriteString(w, long); return errBroken }))
		}, false},
		"reader that fails": {func(c *app.Call) error {
			return c.Respond(io.MultiReader(strings.NewReader(long), iotest.ErrReader(errBroken)))
		}, false},
		"declared length not met": {func(c *app.Call) error {
			c.Header().Set("Content-Length", "700")
			_, _ = io.WriteString(c.Writer(), long)
			return errBroken
		}, false},
		"declared length met": {func(c *app.Call) error {
			c.Header().Set("Content-Length", "600")
			_, _ = io.WriteString(c.Writer(), long)
			return errBroken
		}, true},
		"stream that has ended": {func(c *app.Call) error {
			_ = c.Respond(app.Stream(func(w http.ResponseWriter) error { _, err := io.WriteString(w, long); return err }))
			return errBroken
		}, true},
		"reader that has ended": {func(c *app.Call) error {
			_ = c.Respond(strings.NewReader(long))
			return errBroken
		}, true},
		"text that was flushed": {func(c *app.Call) error {
			_ = c.RespondText(long)
			require.NoError(t, http.NewResponseController(c.Writer()).Flush())
			return errBroken
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				logs := &logbook{}
				client := serve(t, start(t, logs.module, answering(test.answer)))
				response, err := client.Get("http://test/")
				var got []byte
				if err == nil {
					assert.Equal(t, http.StatusOK, response.StatusCode)
					got, err = io.ReadAll(response.Body)
				}
				if test.complete {
					require.NoError(t, err)
					assert.Equal(t, long, string(got))
				} else {
					// The head may not have left net/http's buffer.
					require.True(t, errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF), err)
				}
				require.Len(t, logs.all(), 1)
				assert.Equal(t, "the call failed", logs.all()[0].message)
				assert.Equal(t, "ERROR", logs.all()[0].level.String())
			})
		})
	}
}

func TestErrorAfterTheCommitOfABodilessAnswer(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		_, _ = io.WriteString(c.Writer(), strings.Repeat("x", 600))
		return errBroken
	}))
	response := do(t, a, httptest.NewRequest(http.MethodHead, "/", nil))
	assert.Equal(t, http.StatusOK, response.StatusCode, "nothing of an answer to HEAD is missing")
}

// TestErrorHasExpiredIfTheSuccessHad: an Expires that is no time to come forbids
// to keep anything, as chi's NoCache says of whatever comes.
func TestErrorHasExpiredIfTheSuccessHad(t *testing.T) {
	t.Parallel()
	for value, kept := range map[string]bool{
		"Thu, 01 Jan 1970 00:00:00 GMT": true,
		"0":                             true, // no date: RFC 9111 section 5.3
		"Wed, 21 Oct 2099 07:28:00 GMT": false,
	} {
		a := start(t, answering(func(c *app.Call) error {
			c.Header().Set("Expires", value)
			return errBroken
		}))
		response := get(t, a, "/")
		assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
		assert.Equal(t, kept, response.Header.Get("Expires") == value, value)
	}
}

// TestErrorIsNotKeptForASuccess: what lets a success be kept is taken back, and
// what forbids to keep anything stays, since it may be said of whatever comes.
func TestErrorIsNotKeptForASuccess(t *testing.T) {
	t.Parallel()
	for value, kept := range map[string]bool{
		"public, max-age=31536000, immutable": false,
		"private, max-age=600":                false,
		"max-age=0":                           false,
		`no-cache="set-cookie", max-age=600`:  false,
		"no-storefront":                       false,
		"no-store":                            true,
		"private, No-Store":                   true,
		"no-cache":                            true,
		"no-cache, must-revalidate":           true,
	} {
		for name, test := range map[string]struct {
			fail   app.Handler
			module app.Module
		}{
			"error":                    {func(*app.Call) error { return errBroken }, using()},
			"error behind middlewares": {func(*app.Call) error { return errBroken }, using(wrappingWriter)},
			"panic":                    {func(*app.Call) error { panic("out of order") }, using()},
			"hook": {text("fine"), func(a *app.Application) {
				a.InterceptSend(app.SendAfter, func(*app.Call, *app.Outgoing) error { return errBroken })
			}},
		} {
			t.Run(value+" "+name, func(t *testing.T) {
				t.Parallel()
				a := start(t, test.module, answering(func(c *app.Call) error {
					c.Header().Set("Cache-Control", value)
					return test.fail(c)
				}))
				response := get(t, a, "/")
				assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
				want := ""
				if kept {
					want = value
				}
				assert.Equal(t, want, response.Header.Get("Cache-Control"))
			})
		}
	}
}

// TestAReplacedAnswerIsKeptAsItWasSaid: a page in the place of a body has other
// bytes, and the handler's word on how long it may be kept.
func TestAReplacedAnswerIsKeptAsItWasSaid(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		c.Header().Set("Cache-Control", "max-age=60")
		c.Header().Set("Repr-Digest", "sha-256=:AAAA:")
		c.SetStatus(http.StatusNotFound)
		return c.RespondText("none")
	}), func(a *app.Application) {
		a.InterceptSend(app.SendAfter, func(c *app.Call, _ *app.Outgoing) error {
			return c.Replace(func(c *app.Call, _ *app.Outgoing) error { return c.RespondText("page") })
		})
	})
	response := get(t, a, "/")
	assert.Equal(t, "page", body(t, response))
	assert.Equal(t, "max-age=60", response.Header.Get("Cache-Control"))
	assert.Empty(t, response.Header.Get("Repr-Digest"))
}
