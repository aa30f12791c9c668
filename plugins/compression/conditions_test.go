package compression_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

func TestMinimumSize(t *testing.T) {
	for _, test := range []struct {
		length int
		want   string
	}{{1, ""}, {199, ""}, {200, "gzip"}, {511, "gzip"}, {512, "gzip"}, {100_000, "gzip"}} {
		t.Run(strconv.Itoa(test.length), func(t *testing.T) {
			body := strings.Repeat("x", test.length)
			host := start(t, compression.Plugin, func(r *routing.Route) {
				r.Get("/respond", sending("text/plain", body))
				r.Get("/write", byHTTP(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
			})
			host.accepting("gzip", "/respond").is(test.want, body)
			host.accepting("gzip", "/write").is(test.want, body)
		})
	}
}

func TestTypeIsFoundOutFirst(t *testing.T) {
	png := "\x89PNG\x0d\x0a\x1a\x0a" + text
	html := "<!DOCTYPE html>" + text
	for _, test := range []struct{ name, body, want, contentType string }{
		{"png", png, "", "image/png"},
		{"html", html, "gzip", "text/html; charset=utf-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			host := start(t, compression.Plugin, func(r *routing.Route) {
				r.Get("/bytes", func(c *app.Call) error { return c.RespondBytes([]byte(test.body)) })
				r.Get("/write", byHTTP(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, test.body) }))
				r.Get("/reader", func(c *app.Call) error { return c.Respond(strings.NewReader(test.body)) })
			})
			for _, path := range []string{"/bytes", "/write", "/reader"} {
				got := host.accepting("gzip", path)
				got.is(test.want, test.body)
				assert.Equal(t, test.contentType, got.header.Get("Content-Type"), path)
			}
		})
	}
}

func TestContentTypePatterns(t *testing.T) {
	for _, test := range []struct {
		pattern, contentType string
		matches              bool
	}{
		{"text/plain", "text/plain", true},
		{"text/plain", "TEXT/Plain", true},
		{"Text/*", "text/plain", true},
		{"*/*", "a/b", true},
		{"*/plain", "text/plain", true},
		{"*/plain", "text/html", false},
		{"text/*", "texts/plain", false},
		{"text/*", "text/plain; charset=utf-8", true},
		{"text/plain", "text/plain ;charset=utf-8", true},
		{"text/plain; charset=UTF-8", "text/plain; charset=utf-8", true},
		{"text/plain; charset=utf-8", "text/plain; x=y; charset=\"utf-8\"", true},
		{"text/plain; charset=utf-8", "text/plain; charset=latin1", false},
		{"text/plain; charset=utf-8", "text/plain", false},
		{"text/plain; charset=*", "text/plain; charset=latin1", true},
		{"text/plain; charset=*", "text/plain; x=y", false},
		{"text/plain; charset=*", "text/plain; charset=\"", false},
		{"application/json", "application/json5", false},
		{"*/*", "nonsense", true},
	} {
		t.Run(test.pattern+" and "+test.contentType, func(t *testing.T) {
			route := func(r *routing.Route) { r.Get("/", sending(test.contentType, text)) }
			match := start(t, with(func(c *compression.Config) { c.MatchContentType("x/y", test.pattern) }), route)
			exclude := start(t, with(func(c *compression.Config) { c.ExcludeContentType("x/y", test.pattern) }), route)
			matched, excluded := "", "gzip"
			if test.matches {
				matched, excluded = "gzip", ""
			}
			match.accepting("gzip", "/").is(matched, text)
			exclude.accepting("gzip", "/").is(excluded, text)
		})
	}
}

// TestUnreadableContentTypes: what is no media type has the parts that it seems
// to have. Without a type before the slash it is like no Content-Type at all.
// Parameters that cannot be read are none.
func TestUnreadableContentTypes(t *testing.T) {
	matching := func(patterns ...string) func(*compression.Config) {
		return func(c *compression.Config) { c.MatchContentType(patterns...) }
	}
	excluding := func(patterns ...string) func(*compression.Config) {
		return func(c *compression.Config) { c.ExcludeContentType(patterns...) }
	}
	for _, test := range []struct {
		name        string
		configure   func(*compression.Config)
		contentType string
		want        string
	}{
		{"no slash, its type is excluded by default", asItIs, "video", ""},
		{"no slash, by default", asItIs, "nonsense", "gzip"},
		{"no slash, its type matches", matching("text/*"), "text", "gzip"},
		{"no slash, a whole type does not match", matching("text/plain"), "text", ""},
		{"no slash, its type is excluded", excluding("text/*"), "text", ""},
		{"no type, everything does not match", matching("*/*"), "/plain", ""},
		{"no type, everything is not excluded", excluding("*/*"), "/plain", "gzip"},
		{"nothing but parameters, everything does not match", matching("*/*"), "; charset=utf-8", ""},
		{"two slashes", matching("text/plain"), "text/plain/x", ""},
		{"broken parameters, none is asked for", matching("text/plain"), "text/plain; charset", "gzip"},
		{"broken parameters, any is asked for", matching("text/plain; charset=*"), "text/plain; charset", ""},
		{"broken parameters, any is excluded", excluding("text/plain; charset=*"), "text/plain; charset", "gzip"},
		{"a parameter twice", matching("text/plain; charset=utf-8"), "text/plain; charset=utf-8; charset=latin1", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			start(t, with(test.configure), func(r *routing.Route) {
				r.Get("/", sending(test.contentType, text))
			}).accepting("gzip", "/").is(test.want, text)
		})
	}
}

// A response without a type fails a match and passes an exclusion, as in Ktor.
func TestNoContentType(t *testing.T) {
	for _, test := range []struct {
		name      string
		configure func(*compression.Config)
		want      string
	}{
		{"match", func(c *compression.Config) { c.MatchContentType("*/*") }, ""},
		{"exclude", func(c *compression.Config) { c.ExcludeContentType("*/*") }, "gzip"},
	} {
		t.Run(test.name, func(t *testing.T) {
			host := start(t, with(test.configure), func(r *routing.Route) {
				r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
					w.Header()["Content-Type"] = nil
					io.WriteString(w, text)
				}))
			})
			host.accepting("gzip", "/").is(test.want, text)
		})
	}
}

func TestConditionSeesTheResponse(t *testing.T) {
	host := start(t, with(func(c *compression.Config) {
		c.Condition(func(c *app.Call, out *app.Outgoing) bool {
			return c.QueryParam("e") == "1" && out.Status == http.StatusTeapot && out.Header.Get("X-Test") == "y" && out.Length() == int64(len(text))
		})
	}), func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			c.Header().Set("X-Test", "y")
			c.SetStatus(http.StatusTeapot)
			return c.RespondText(text)
		})
	})
	host.accepting("gzip", "/?e=1").is("gzip", text)
	host.accepting("gzip", "/?e=2").is("", text)
}

// A condition of one's own drops the default ones, exclusions included; a
// global one does so for every encoder.
func TestDefaultConditionsAreDropped(t *testing.T) {
	jpeg := func(r *routing.Route) { r.Get("/", sending("image/jpeg", text)) }
	own := func(c *compression.Config) {
		c.Gzip(func(e *compression.EncoderConfig) { e.MinimumSize(1) })
		c.Deflate()
	}
	global := func(c *compression.Config) {
		c.Deflate()
		c.MinimumSize(1)
	}
	host := start(t, with(own), jpeg)
	host.accepting("gzip", "/").is("gzip", text)
	host.accepting("deflate", "/").is("", text)
	start(t, with(global), jpeg).accepting("deflate", "/").is("deflate", text)
}
