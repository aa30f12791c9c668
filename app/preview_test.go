package app_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/routing"
)

// previewing is a module with POST routes whose bodies look is shown first, and
// with plugins.
func previewing(look func(c *app.Call) error, plugins ...app.Installable) app.Module {
	return func(a *app.Application) {
		for _, plugin := range plugins {
			a.Install(plugin)
		}
		routing.Routes(a, func(r *routing.Route) {
			r.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					if err := c.Preview(func() error { return look(c) }); err != nil {
						return err
					}
					return next(c)
				}
			})
			r.Post("/form", showForm)
			r.Post("/text", echoing[string])
			r.Post("/raw", func(c *app.Call) error {
				body, err := io.ReadAll(c.Request.Body)
				return errors.Join(err, c.RespondBytes(body))
			})
			r.Post("/nested", func(c *app.Call) error {
				if err := c.Preview(func() error { return look(c) }); err != nil {
					return err
				}
				return echoing[string](c)
			})
		})
	}
}

const formType = "application/x-www-form-urlencoded"

// unsized is a body whose length the client does not declare.
func unsized(text string) io.Reader { return io.MultiReader(strings.NewReader(text)) }

func TestPreviewedBodiesCanBeReceived(t *testing.T) {
	t.Parallel()
	looks := map[string]func(c *app.Call) error{
		"a form": func(c *app.Call) error {
			form, err := c.ReceiveForm()
			if err == nil && form.Get("a") != "1" && len(form) > 0 {
				err = errors.New("look has seen another form")
			}
			return err
		},
		"text":     func(c *app.Call) error { _, err := c.ReceiveText(); return err },
		"a reader": func(c *app.Call) error { _, err := app.Receive[io.Reader](c); return err },
		"a bit": func(c *app.Call) error {
			body, err := app.Receive[io.Reader](c)
			_, _ = io.ReadFull(body, make([]byte, 2))
			return err
		},
		"nothing": func(*app.Call) error { return nil },
	}
	plugins := map[string][]app.Installable{
		"no plugin":         nil,
		"DoubleReceive":     {doublereceive.Plugin},
		"its values":        {doublereceive.Plugin.With(func(c *doublereceive.Config) { c.CacheRawRequest = false })},
		"Compression":       {compression.Plugin},
		"Compression first": {compression.Plugin, doublereceive.Plugin},
	}
	for look, see := range looks {
		for with, installed := range plugins {
			t.Run(look+", "+with, func(t *testing.T) {
				t.Parallel()
				host := apptest.Start(t, previewing(see, installed...))
				for _, text := range []string{"a=1&b=2", "", "a=1&long=" + strings.Repeat("x", 100_000)} {
					for _, path := range []string{"/text", "/nested"} {
						for _, body := range []io.Reader{strings.NewReader(text), unsized(text)} {
							response := host.Post(path, formType, body)
							require.Equal(t, http.StatusOK, response.StatusCode, path)
							assert.Equal(t, text, apptest.Text(t, response), path)
						}
					}
				}
				response := host.Post("/form", formType, unsized("a=1&b=2"))
				assert.Equal(t, "a=1&b=2", apptest.Text(t, response))
				if with == "no plugin" {
					assert.Equal(t, "a=1&b=2", apptest.Text(t, host.Post("/raw", formType, unsized("a=1&b=2"))))
				}
			})
		}
	}
}

// What a coding has decoded is put back decoded.
func TestPreviewOfEncodedBodies(t *testing.T) {
	t.Parallel()
	var encoded bytes.Buffer
	w := gzip.NewWriter(&encoded)
	_, err := io.WriteString(w, "a=1&b=2")
	require.NoError(t, errors.Join(err, w.Close()))
	host := apptest.Start(t, previewing(func(c *app.Call) error {
		form, err := c.ReceiveForm()
		assert.Equal(t, url.Values{"a": {"1"}, "b": {"2"}}, form)
		return err
	}, compression.Plugin))
	response := host.Post("/form", formType, &encoded, apptest.Header("Content-Encoding", "gzip"))
	assert.Equal(t, "a=1&b=2", apptest.Text(t, response))
}

func TestPreviewIsLimited(t *testing.T) {
	t.Parallel()
	host := apptest.Start(t, previewing(func(c *app.Call) error {
		if c.Request.Header.Get("Look") == "text" {
			_, err := c.ReceiveText()
			return err
		}
		body, err := app.Receive[io.Reader](c) // which has no limit of its own
		if err == nil {
			_, err = io.Copy(io.Discard, body)
		}
		return err
	}), apptest.Configure(func(c *app.Config) { c.BodyLimit = 10 }))
	for text, want := range map[string]int{"0123456789": 200, "0123456789x": 413, strings.Repeat("x", 100_000): 413} {
		for _, look := range []string{"text", "reader"} {
			response := host.Post("/text", formType, strings.NewReader(text), apptest.Header("Look", look))
			assert.Equal(t, want, response.StatusCode, "%s: %d", look, len(text))
		}
	}
}

// What is gone is not put back: what a middleware has parsed is, and nothing is
// received as if it were empty.
func TestPreviewOfBodiesThatAreGone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before func(c *app.Call) error
		form   string
	}{
		"received":          {func(c *app.Call) error { _, err := c.ReceiveText(); return err }, "request body is received already"},
		"parsed":            {func(c *app.Call) error { return c.Request.ParseForm() }, "a=1"},
		"read to its end":   {func(c *app.Call) error { _, err := io.Copy(io.Discard, c.Request.Body); return err }, "request body is received already"},
		"nobody has so far": {func(*app.Call) error { return nil }, "a=1"},
	} {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Post("/", func(c *app.Call) error {
					require.NoError(t, test.before(c))
					for range 2 {
						err := c.Preview(func() error {
							form, err := c.ReceiveForm()
							if err == nil {
								assert.Equal(t, test.form, form.Encode(), name)
							} else {
								require.ErrorIs(t, err, app.ErrReceived, name)
								require.ErrorContains(t, err, test.form, name)
							}
							return nil
						})
						require.NoError(t, err)
					}
					return c.RespondText("OK")
				})
				r.Get("/", func(c *app.Call) error { return c.Preview(func() error { return c.RespondText("no body") }) })
			})
		})
		assert.Equal(t, "OK", apptest.Text(t, host.Post("/", formType, strings.NewReader("a=1"))), name)
		assert.Equal(t, "no body", apptest.Text(t, host.Get("/")), name)
	}
}

// The error of look is Preview's, and the body is put back all the same.
func TestErrorsOfLooks(t *testing.T) {
	t.Parallel()
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				wrong := errors.New("it is wrong")
				require.ErrorIs(t, c.Preview(func() error {
					_, err := c.ReceiveText()
					return errors.Join(wrong, err)
				}), wrong)
				return echoing[string](c)
			})
		})
	})
	assert.Equal(t, "text", apptest.Text(t, host.Post("/", "text/plain", strings.NewReader("text"))))
}

// What runs in a fork, on a goroutine of its own, receives what was put back.
func TestForksReceiveWhatWasPutBack(t *testing.T) {
	t.Parallel()
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
					return func(c *app.Call) error {
						err := c.Preview(func() error { _, err := c.ReceiveForm(); return err })
						return errors.Join(err, next(c))
					}
				})
				r.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "too late") })
				r.Post("/form", showForm)
				r.Post("/text", echoing[string])
			})
		}, mode)
		for _, text := range []string{"a=1&b=2", ""} {
			for _, path := range []string{"/form", "/text"} {
				response := host.Post(path, formType, unsized(text))
				assert.Equal(t, text, apptest.Text(t, response), path)
			}
		}
	})
}
