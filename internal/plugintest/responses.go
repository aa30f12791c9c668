package plugintest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// seen is what a client sees of a response.
type seen struct {
	status      int
	contentType string
	body        string
}

// see sends one request to an application of handler.
func see(t *testing.T, p *probe, handler app.Handler) (got seen) {
	t.Helper()
	p.bubble(t, handler, func(t *testing.T, h *host) {
		h.ask(http.MethodGet, nil, func(response *http.Response) {
			got = seen{response.StatusCode, response.Header.Get("Content-Type"), text(t, response)}
		})
	})
	return got
}

// assertBody shows only the beginning of a body that is not as it should be: it
// may be long.
func assertBody(t *testing.T, want, got string) {
	t.Helper()
	if want != got {
		t.Errorf("the body has %d bytes and begins with %.80q; it should have %d and begin with %.80q",
			len(got), got, len(want), want)
	}
}

// checkResponses: status, type and text are the same as without the plugin.
func checkResponses(t *testing.T, p *probe) {
	for name, handler := range map[string]app.Handler{
		"text":         respondText("a text"),
		"long text":    respondText(strings.Repeat("a long text ", 10_000)),
		"bytes":        func(c *app.Call) error { return c.RespondBytes([]byte("%PDF-1.7")) },
		"status":       func(c *app.Call) error { c.SetStatus(http.StatusCreated); return c.RespondText("made") },
		"net/http":     app.FromHTTP(http.NotFoundHandler()),
		"error":        func(*app.Call) error { return app.NewError(http.StatusConflict, "it is there already") },
		"secret error": func(*app.Call) error { return errors.New("the secret") },
		"panic":        panicking,
		"error instead": func(c *app.Call) error {
			return errors.Join(c.RespondText("half a response"), errors.New("the secret"))
		},
		"nothing": func(*app.Call) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			want, got := see(t, p.without(), handler), see(t, p, handler)
			assert.Equal(t, want.status, got.status)
			assert.Equal(t, want.contentType, got.contentType)
			assertBody(t, want.body, got.body)
		})
	}
}

//nolint:forbidigo // a check looks at what becomes of the panic
func panicking(*app.Call) error { panic("the secret") }

// checkBodiless: where RFC 9110 allows no body there is none, and no header that
// describes one.
func checkBodiless(t *testing.T, p *probe) {
	for name, test := range map[string]struct {
		method  string
		handler app.Handler
		status  int
	}{
		"HEAD":        {http.MethodHead, respondText(strings.Repeat("a long text ", 1000)), http.StatusOK},
		"HEAD, error": {http.MethodHead, func(*app.Call) error { return app.NewError(http.StatusConflict, "no") }, http.StatusConflict},
		"204":         {http.MethodGet, func(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) }, http.StatusNoContent},
		"204 and text": {http.MethodGet, func(c *app.Call) error {
			c.SetStatus(http.StatusNoContent)
			return c.RespondText("text")
		}, http.StatusNoContent},
		"304": {http.MethodGet, func(c *app.Call) error {
			c.Header().Set("Etag", `"1"`)
			return c.RespondStatus(http.StatusNotModified)
		}, http.StatusNotModified},
	} {
		t.Run(name, func(t *testing.T) {
			p.bubble(t, test.handler, func(t *testing.T, h *host) {
				for range 2 { // a body would be taken for the second response
					h.ask(test.method, nil, func(response *http.Response) {
						assert.Equal(t, test.status, response.StatusCode)
						body, err := io.ReadAll(response.Body)
						require.NoError(t, err)
						assert.Empty(t, body)
						if test.status == http.StatusNoContent {
							assert.NotContains(t, response.Header, "Content-Length")
							assert.NotContains(t, response.Header, "Content-Encoding")
						}
					})
				}
			})
		})
	}
}

// checkHead: HEAD gets the headers that GET would (RFC 9110, section 9.3.2),
// except that the length of the body may be missing.
func checkHead(t *testing.T, p *probe) {
	for name, handler := range map[string]app.Handler{
		"short": respondText("a text"),
		"long":  respondText(strings.Repeat("a long text ", 1000)),
		"error": func(*app.Call) error { return app.NewError(http.StatusConflict, "no") },
	} {
		t.Run(name, func(t *testing.T) {
			var heads []http.Header
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				p.bubble(t, handler, func(t *testing.T, h *host) {
					h.ask(method, nil, func(response *http.Response) {
						_, err := io.Copy(io.Discard, response.Body)
						require.NoError(t, err)
						response.Header.Del("Content-Length")
						heads = append(heads, response.Header)
					})
				})
			}
			for _, head := range heads {
				for _, added := range p.adds {
					head.Del(added)
				}
			}
			assert.Equal(t, heads[0], heads[1])
		})
	}
}

// checkBrokenBody: a client does not take a body that an error has ended for
// whole.
func checkBrokenBody(t *testing.T, p *probe) {
	eachWriter(t, func(t *testing.T, writerOf writerOf) {
		p.bubble(t, writerOf(func(_ *app.Call, w http.ResponseWriter) error {
			_, err := io.WriteString(w, strings.Repeat("half of it ", 100))
			return errors.Join(err, http.NewResponseController(w).Flush(), errors.New("there is no more"))
		}), func(t *testing.T, h *host) {
			h.ask(http.MethodGet, nil, func(response *http.Response) {
				assert.Equal(t, http.StatusOK, response.StatusCode)
				body, err := decoded(response)
				require.NoError(t, err)
				_, err = io.ReadAll(body)
				assert.Error(t, err, "the body seems whole")
			})
		})
	})
}

// checkRequestBody: the handler receives what was sent.
func checkRequestBody(t *testing.T, p *probe) {
	for name, receive := range map[string]func(c *app.Call) (string, error){
		"text": (*app.Call).ReceiveText,
		"reader": func(c *app.Call) (string, error) {
			reader, err := app.Receive[io.Reader](c)
			if err != nil {
				return "", err
			}
			body, err := io.ReadAll(reader)
			return string(body), err
		},
		"net/http": func(c *app.Call) (string, error) {
			body, err := io.ReadAll(c.Request.Body)
			return string(body), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			p.bubble(t, func(c *app.Call) error {
				body, err := receive(c)
				if err != nil {
					return err
				}
				return c.RespondText(body)
			}, func(t *testing.T, h *host) {
				body := strings.Repeat("what was sent ", 1000)
				h.ask(http.MethodPost, strings.NewReader(body), func(response *http.Response) {
					assert.Equal(t, http.StatusOK, response.StatusCode)
					assertBody(t, body, text(t, response))
				})
			})
		})
	}
}

// checkManyCalls: concurrent calls do not disturb one another.
func checkManyCalls(t *testing.T, p *probe) {
	p.bubble(t, func(c *app.Call) error {
		body, err := c.ReceiveText()
		if err != nil {
			return err
		}
		return c.RespondText(body)
	}, func(t *testing.T, h *host) {
		var calls sync.WaitGroup
		for i := range 16 {
			calls.Go(func() {
				body := strings.Repeat(string(rune('a'+i)), 1000)
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+path, strings.NewReader(body))
				if !assert.NoError(t, err) {
					return
				}
				for _, change := range h.request {
					change(request)
				}
				response, err := h.Client().Do(request)
				if !assert.NoError(t, err) {
					return
				}
				defer func() { _ = response.Body.Close() }()
				reader, err := decoded(response)
				if !assert.NoError(t, err) {
					return
				}
				got, err := io.ReadAll(reader)
				assert.NoError(t, err)
				assertBody(t, body, string(got))
			})
		}
		calls.Wait()
	})
}
