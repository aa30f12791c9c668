package compression_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
	"github.com/chitor-go/chitor/routing"
)

// A way is one of the ways to read a body: value returns what the body means.
type way struct {
	contentType string
	body        string
	value       func(c *app.Call) (string, error)
}

func ways(t testing.TB) map[string]way {
	t.Helper()
	read := func(r io.Reader) (string, error) {
		data, err := io.ReadAll(r)
		return string(data), err
	}
	var files bytes.Buffer
	form := multipart.NewWriter(&files)
	file, err := form.CreateFormFile("value", "name")
	require.NoError(t, err)
	_, err = io.WriteString(file, text)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	return map[string]way{
		"text": {"text/plain", text, (*app.Call).ReceiveText},
		"bytes": {"", text, func(c *app.Call) (string, error) {
			data, err := c.ReceiveBytes()
			return string(data), err
		}},
		"reader": {"", text, func(c *app.Call) (string, error) {
			reader, err := app.Receive[io.Reader](c)
			if err != nil {
				return "", err
			}
			return read(reader)
		}},
		"form": {"application/x-www-form-urlencoded", url.Values{"value": {text}}.Encode(), func(c *app.Call) (string, error) {
			form, err := c.ReceiveForm()
			return form.Get("value"), err
		}},
		"multipart": {form.FormDataContentType(), files.String(), func(c *app.Call) (value string, err error) {
			for part, err := range c.ReceiveMultipart() {
				if err != nil {
					return "", err
				}
				if value, err = read(part); err != nil {
					return "", err
				}
			}
			return value, nil
		}},
		"JSON": {"application/json", `{"value": "` + strings.ReplaceAll(text, "\n", `\n`) + `"}`, func(c *app.Call) (string, error) {
			received, err := app.Receive[struct{ Value string }](c)
			return received.Value, err
		}},
		"the request": {"", text, func(c *app.Call) (string, error) { return read(c.Request.Body) }},
		"a mounted handler": {"application/x-www-form-urlencoded", url.Values{"value": {text}}.Encode(), func(c *app.Call) (value string, err error) {
			err = app.FromHTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { value = r.FormValue("value") }))(c)
			return value, err
		}},
	}
}

// reading is a module whose handlers answer with the length of what they have
// read, so that nothing of it is in the response. Plugins are installed in
// order.
func reading(t testing.TB, plugins ...app.Installable) app.Module {
	ways := ways(t)
	return func(a *app.Application) {
		for _, plugin := range plugins {
			a.Install(plugin)
		}
		routing.Routes(a, func(r *routing.Route) {
			for name, way := range ways {
				r.Post("/"+url.PathEscape(name), func(c *app.Call) error {
					value, err := way.value(c)
					if err != nil {
						return err
					}
					assert.Equal(t, text, value)
					assert.Empty(t, c.Request.Header.Values("Content-Encoding"))
					assert.Empty(t, c.Request.Header.Values("Content-Length"))
					assert.EqualValues(t, -1, c.Request.ContentLength)
					if c.Answered() {
						return nil
					}
					return c.RespondStatus(http.StatusAccepted)
				})
			}
		})
	}
}

func converting() app.Installable {
	return contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() })
}

func TestEveryWayToRead(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := startModule(t, reading(t, with(zstdStandard), converting()), mode)
		for name, way := range ways(t) {
			for _, test := range []struct {
				name   string
				coded  []string
				header []string
			}{
				{"gzip", []string{"gzip"}, []string{"gzip"}},
				{"x-gzip", []string{"gzip"}, []string{"x-gzip"}},
				{"X-GZip", []string{"gzip"}, []string{"X-GZip"}},
				{"deflate", []string{"deflate"}, []string{"deflate"}},
				{"deflate without zlib", []string{"raw"}, []string{"Deflate"}},
				{"zstd", []string{"zstd"}, []string{"ZSTD"}},
				{"a list", []string{"zstd", "gzip"}, []string{"zstd, gzip"}},
				{"the same twice", []string{"gzip", "gzip"}, []string{",gzip ,\t, gzip,"}},
				{"identity outside", []string{"gzip"}, []string{"gzip,identity"}},
				{"identity inside", []string{"raw"}, []string{"Identity,deflate"}},
				{"two lines", []string{"deflate", "zstd"}, []string{"deflate", "zstd"}},
			} {
				var header []string
				for _, line := range test.header {
					header = append(header, "Content-Encoding", line)
				}
				if way.contentType != "" {
					header = append(header, "Content-Type", way.contentType)
				}
				coded := encode(t, way.body, test.coded...)
				path := "/" + url.PathEscape(name)
				assert.Less(t, host.post(path, coded, header...).status, 300, "%s: %s", name, test.name)
				assert.Less(t, host.send(path, io.MultiReader(strings.NewReader(coded)), header...).status, 300, "%s: %s, chunked", name, test.name)
			}
		}
	})
}

// Every order of installation does, on the application and on a route.
func TestAnyOrderOfInstallation(t *testing.T) {
	plugins := []app.Installable{
		with(zstdStandard), converting(), doublereceive.Plugin,
		requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) { c.BodyLimit(func(*app.Call) int64 { return 1000 }) }),
	}
	first := func(next app.Handler) app.Handler { // somebody looks at the body before it is routed
		return func(c *app.Call) error {
			received, err := c.ReceiveBytes()
			if err == nil {
				assert.NotContains(t, string(received), "\x1f\x8b")
			}
			return errors.Join(err, next(c))
		}
	}
	permutations(plugins, func(order []app.Installable) {
		var names []string
		for _, plugin := range order {
			names = append(names, plugin.Name())
		}
		what := strings.Join(names, ", ")
		for _, early := range []bool{false, true} {
			host := startModule(t, func(a *app.Application) {
				if early {
					a.Intercept(app.PhasePlugins, first)
				}
				reading(t, order...)(a)
			})
			for name, way := range ways(t) {
				var header []string
				if way.contentType != "" {
					header = []string{"Content-Type", way.contentType}
				}
				got := host.post("/"+url.PathEscape(name), encode(t, way.body, "gzip"), append(header, "Content-Encoding", "gzip")...)
				assert.Less(t, got.status, 300, "%s: %s", what, name)
			}
			// What arrives counts for the limit.
			got := host.send("/bytes", strings.NewReader(encode(t, string(incompressible(2000)), "gzip")), "Content-Encoding", "gzip")
			assert.Equal(t, http.StatusRequestEntityTooLarge, got.status, what)
		}
	})
}

// permutations calls yield with each order of all.
func permutations(all []app.Installable, yield func([]app.Installable)) {
	var place func(n int)
	place = func(n int) {
		if n == len(all) {
			yield(all)
			return
		}
		for i := n; i < len(all); i++ {
			all[n], all[i] = all[i], all[n]
			place(n + 1)
			all[n], all[i] = all[i], all[n]
		}
	}
	place(0)
}

// A body can be received again, and the reader of the first time may have
// stopped anywhere.
func TestReceiveTwice(t *testing.T) {
	start(t, compression.Plugin, func(r *routing.Route) {
		r.Install(doublereceive.Plugin)
		r.Post("/", func(c *app.Call) error {
			reader, err := app.Receive[io.Reader](c)
			assert.NoError(t, err)
			_, err = io.ReadFull(reader, make([]byte, 10))
			assert.NoError(t, err)
			whole, err := c.ReceiveText()
			assert.NoError(t, err)
			again, err := c.ReceiveBytes()
			assert.NoError(t, err)
			assert.Equal(t, whole, string(again))
			return c.RespondText(whole)
		})
	}).post("/", encode(t, text, "gzip"), "Content-Encoding", "gzip").is("", text)
}

// On a route the nearest installation decodes, for the calls that the route
// matches.
func TestDecodingOnRoutes(t *testing.T) {
	host := start(t, nil, func(r *routing.Route) {
		r.Route("/gzip", func(r *routing.Route) {
			r.Install(with(onlyGzip))
			echoing(r)
			r.Route("/zstd", func(r *routing.Route) {
				r.Install(with(onlyZstd))
				echoing(r)
			})
		})
		r.Route("/none", echoing)
	})
	coded := encode(t, text, "gzip")
	host.post("/gzip/", coded, "Content-Encoding", "gzip").is("", text)
	host.post("/none/", coded, "Content-Encoding", "gzip").is("", coded)
	assert.Equal(t, http.StatusUnsupportedMediaType, host.post("/gzip/zstd/", coded, "Content-Encoding", "gzip").status)
	host.post("/gzip/zstd/", encode(t, text, "zstd"), "Content-Encoding", "zstd").is("", text)
}

// The limit of a route counts what the application has decoded.
func TestLimitOnRoutes(t *testing.T) {
	host := start(t, compression.Plugin, func(r *routing.Route) {
		r.Install(requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
			c.BodyLimit(func(*app.Call) int64 { return 1000 })
		}))
		echoing(r)
	})
	assert.Equal(t, http.StatusRequestEntityTooLarge, host.post("/", encode(t, text, "gzip"), "Content-Encoding", "gzip").status)
	host.post("/", encode(t, text[:1000], "gzip"), "Content-Encoding", "gzip").is("", text[:1000])
}

// Middlewares see the decoded request, wherever they stand, and may wrap it;
// the server's own request stays as it is.
func TestDecodingAndMiddlewares(t *testing.T) {
	seen := 0
	middleware := func(next http.Handler) http.Handler {
		return http.MaxBytesHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen++
			assert.Empty(t, r.Header.Values("Content-Encoding"))
			assert.EqualValues(t, -1, r.ContentLength)
			next.ServeHTTP(w, r)
		}), int64(len(text)))
	}
	host := startModule(t, func(a *app.Application) {
		a.Use(middleware)
		a.Install(compression.Plugin)
		a.Use(middleware)
		routing.Routes(a, func(r *routing.Route) {
			r.Use(middleware)
			r.Post("/", func(c *app.Call) error {
				assert.Equal(t, []string{"gzip"}, c.Arrived().Header.Values("Content-Encoding"))
				assert.Positive(t, c.Arrived().ContentLength)
				received, err := c.ReceiveText()
				if err != nil {
					return err
				}
				return c.RespondText(received)
			})
			r.Post("/plain", func(c *app.Call) error {
				compression.SuppressDecompression(c)
				assert.Equal(t, []string{"gzip"}, c.Request.Header.Values("Content-Encoding"))
				received, err := c.ReceiveText()
				if err != nil {
					return err
				}
				return c.RespondText(received)
			})
		})
	})
	coded := encode(t, text, "gzip")
	host.post("/", coded, "Content-Encoding", "gzip").is("", text)
	assert.Equal(t, http.StatusRequestEntityTooLarge, host.post("/", encode(t, text+"x", "gzip"), "Content-Encoding", "gzip").status)
	host.post("/plain", coded, "Content-Encoding", "gzip").is("", coded)
	assert.Equal(t, 9, seen)
}

// A request without a body has no coding to take off, whatever it says.
func TestDecodingOfNothing(t *testing.T) {
	host := start(t, compression.Plugin, func(r *routing.Route) {
		r.Post("/", func(c *app.Call) error {
			received, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText("received " + received)
		})
	})
	for _, coding := range []string{"gzip", "deflate", "gzip, deflate"} {
		host.post("/", "", "Content-Encoding", coding).is("", "received ")
		host.send("/", io.MultiReader(strings.NewReader("")), "Content-Encoding", coding).is("", "received ")
	}
	host.post("/", "plain", "Content-Encoding", "").is("", "received plain")
	host.post("/", "plain", "Content-Encoding", "identity, identity").is("", "received plain")
}

// Members and frames that follow each other are one body.
func TestDecodingOfMembers(t *testing.T) {
	host := start(t, with(zstdStandard), echoing)
	var named bytes.Buffer
	writer, err := gzip.NewWriterLevel(&named, gzip.BestSpeed)
	require.NoError(t, err)
	writer.Name, writer.Comment, writer.Extra = "name", "comment", []byte("extra")
	_, err = writer.Write([]byte(text))
	require.NoError(t, errors.Join(err, writer.Close()))
	empty := encode(t, "", "gzip")
	host.post("/", empty+named.String()+empty+empty+named.String()+empty, "Content-Encoding", "gzip").is("", text+text)
	skippable := "\x52\x2a\x4d\x18\x03\x00\x00\x00abc"
	host.post("/", skippable+encode(t, text, "zstd")+skippable+encode(t, text, "zstd"), "Content-Encoding", "zstd").is("", text+text)
}
