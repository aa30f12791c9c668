package app_test

import (
	"bytes"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/routing"
)

// readingForms are what net/http middlewares do to a body before they pass the
// call on.
var readingForms = map[string]func(r *http.Request) *http.Request{
	"PostFormValue":      func(r *http.Request) *http.Request { _ = r.PostFormValue("token"); return r },
	"ParseForm":          func(r *http.Request) *http.Request { _ = r.ParseForm(); return r },
	"ParseMultipartForm": func(r *http.Request) *http.Request { _ = r.ParseMultipartForm(1 << 20); return r },
	"of a clone":         func(r *http.Request) *http.Request { _ = r.Clone(r.Context()).PostFormValue("token"); return r },
	"read to its end":    func(r *http.Request) *http.Request { _, _ = io.Copy(io.Discard, r.Body); return r },
	"nothing":            func(r *http.Request) *http.Request { return r },
	"put back": func(r *http.Request) *http.Request {
		data, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(data))
		return r
	},
	"another put there": func(r *http.Request) *http.Request {
		_, _ = io.Copy(io.Discard, r.Body)
		changed := *r
		changed.Body = http.NoBody
		return &changed
	},
}

// TestBodyThatAMiddlewareHasReadIsNeverReceivedAsEmpty: it is what the
// middleware has parsed or put back, or an error of the server's own that says
// what to do. A client has done nothing wrong.
func TestBodyThatAMiddlewareHasReadIsNeverReceivedAsEmpty(t *testing.T) {
	t.Parallel()
	const (
		gone   = "Internal Server Error"
		parsed = "a=1&a=3&b=2"
	)
	handlers := map[string]app.Handler{
		"form": showForm,
		"text": echoing[string],
		"reader": func(c *app.Call) error {
			body, err := app.Receive[io.Reader](c)
			if err != nil {
				return err
			}
			return c.Respond(body)
		},
	}
	bodies := map[string]struct{ contentType, sent string }{
		"URL-encoded": {urlEncoded, "a=1&b=2&a=3"},
		"multipart":   {formData, form(`name="a"`, "1", `name="b"`, "2", `name="a"`, "3", `name="file"; filename="x"`, "content")},
	}
	for read, middleware := range readingForms {
		for kind, body := range bodies {
			for way, handler := range handlers {
				for _, plugins := range [][]app.Installable{nil, {doublereceive.Plugin}} {
					t.Run(strings.Join([]string{read, kind, way}, ", "), func(t *testing.T) {
						t.Parallel()
						for _, forked := range []bool{false, true} {
							logs := &logbook{}
							a := start(t, logs.module, func(a *app.Application) {
								for _, plugin := range plugins {
									a.Install(plugin)
								}
								a.Use(func(next http.Handler) http.Handler {
									rest := next
									if forked {
										rest = http.TimeoutHandler(next, time.Minute, "")
									}
									return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { rest.ServeHTTP(w, middleware(r)) })
								})
							}, answering(handler))
							response := post(t, a, body.sent, "Content-Type", body.contentType)
							got := [2]any{response.StatusCode, apptest.Text(t, response)}
							whole := read == "nothing" || read == "put back"
							kept := way == "form" && (read == "PostFormValue" || read == "ParseMultipartForm" || read == "ParseForm" && kind == "URL-encoded")
							if read == "ParseForm" && kind == "multipart" { // which leaves it alone
								whole = true
							}
							switch {
							case way == "form" && (whole || kept):
								assert.Equal(t, [2]any{200, parsed}, got)
							case whole:
								assert.Equal(t, [2]any{200, body.sent}, got)
							case read == "another put there" && way == "form" && kind == "multipart":
								assert.Equal(t, [2]any{400, "the multipart body cannot be read"}, got)
							case read == "another put there":
								assert.Equal(t, [2]any{200, ""}, got)
							default:
								assert.Equal(t, [2]any{500, gone}, got)
								require.Len(t, logs.at(slog.LevelError), 1)
								assert.Contains(t, logs.at(slog.LevelError)[0].attributes["error"],
									"request body is received already: a middleware or handler has read Request.Body: let it put a body back")
							}
						}
					})
				}
			}
		}
	}
}

// TestEmptyBodyStaysEmpty, also if somebody has looked.
func TestEmptyBodyStaysEmpty(t *testing.T) {
	t.Parallel()
	for name, middleware := range readingForms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := apptest.Start(t, routed(func(r *routing.Route) {
				r.Post("/", echoing[string]).Use(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, middleware(r)) })
				})
			}))
			for _, body := range []io.Reader{nil, strings.NewReader(""), io.MultiReader(strings.NewReader(""))} {
				expect(t, host.Post("/", urlEncoded, body), 200, "")
			}
		})
	}
}

// TestParsedFormIsReceivedAsACopy: what the handler changes is its own.
func TestParsedFormIsReceivedAsACopy(t *testing.T) {
	for contentType, sent := range map[string]string{urlEncoded: "a=1", formData: form(`name="a"`, "1")} {
		a := start(t, answering(func(c *app.Call) error {
			_ = c.Request.PostFormValue("a")
			first, err := c.ReceiveForm()
			require.NoError(t, err)
			before := maps.Clone(first)
			first["a"][0], first["b"] = "changed", nil
			second, err := c.ReceiveForm()
			require.NoError(t, err)
			assert.Len(t, before, len(second))
			assert.Equal(t, "1", second.Get("a"))
			return c.RespondText("")
		}))
		assert.Equal(t, http.StatusOK, post(t, a, sent, "Content-Type", contentType).StatusCode)
	}
}

// TestSecondReceiveSaysWhatToDo: which plugin lets a body be received again.
func TestSecondReceiveSaysWhatToDo(t *testing.T) {
	a := start(t, answering(func(c *app.Call) error {
		_, err := c.ReceiveText()
		require.NoError(t, err)
		for way, receive := range readers {
			if way != "request" && way != "read once more" && way != "discarded" && way != "proxy" {
				c.Request.Header.Set("Content-Type", map[string]string{"form": urlEncoded, "multipart": formData}[way])
				err := receive(c)
				require.ErrorIs(t, err, app.ErrReceived, way)
				assert.ErrorContains(t, err, "receive: request body is received already: to receive it several times, install plugins/doublereceive")
			}
		}
		return c.RespondText("")
	}))
	assert.Equal(t, http.StatusOK, post(t, a, "a=1", "Content-Type", urlEncoded).StatusCode)
}
