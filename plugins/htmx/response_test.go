package htmx_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/htmx"
	"github.com/chitor-go/chitor/routing"
)

// answer returns the HX headers of a response in which set has set some.
func answer(t *testing.T, mode apptest.Option, set func(h htmx.ResponseHeaders) error) (found map[string]string, err error) {
	t.Helper()
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				err = set(htmx.Response(c))
				return c.RespondText("")
			})
		})
	}, mode)
	found = map[string]string{}
	for name, values := range host.Get("/").Header {
		if strings.HasPrefix(name, "Hx-") {
			require.Len(t, values, 1)
			found[name] = values[0]
		}
	}
	return found, err
}

func TestResponse(t *testing.T) {
	t.Parallel()
	type header = map[string]string
	for name, test := range map[string]struct {
		set  func(h htmx.ResponseHeaders) error
		want header
	}{
		"location": {
			func(h htmx.ResponseHeaders) error { return h.Location(htmx.Destination{Path: "/a b?c=ł"}) },
			header{"Hx-Location": `{"path":"/a%20b?c=%C5%82"}`},
		},
		"location with all": {
			func(h htmx.ResponseHeaders) error {
				return h.Location(htmx.Destination{
					Path: "/a", Target: "#ł", Select: "p", Swap: htmx.OuterHTML,
					Values: map[string]any{"n": 1}, Headers: map[string]string{"X-A": "b\r\nc"},
				})
			},
			header{"Hx-Location": `{"path":"/a","target":"#\u0142","select":"p","swap":"outerHTML","values":{"n":1},"headers":{"X-A":"b\r\nc"}}`},
		},
		"a path that is an instruction": {
			func(h htmx.ResponseHeaders) error {
				return h.Location(htmx.Destination{Path: `{"a"}`, Target: "path:/y"})
			},
			header{"Hx-Location": `{"path":"{\"a\"}","target":"path:/y"}`},
		},
		"push":     {func(h htmx.ResponseHeaders) error { return h.PushURL("/a?b#c") }, header{"Hx-Push-Url": "/a?b#c"}},
		"no push":  {func(h htmx.ResponseHeaders) error { return h.PushURL("false") }, header{"Hx-Push-Url": "false"}},
		"replace":  {func(h htmx.ResponseHeaders) error { return h.ReplaceURL("?page=2") }, header{"Hx-Replace-Url": "?page=2"}},
		"redirect": {func(h htmx.ResponseHeaders) error { return h.Redirect("HTTPS://example.com/ł") }, header{"Hx-Redirect": "HTTPS://example.com/%C5%82"}},
		"refresh":  {func(h htmx.ResponseHeaders) error { h.Refresh(); return nil }, header{"Hx-Refresh": "true"}},
		"swap":     {func(h htmx.ResponseHeaders) error { return h.Reswap("innerHTML show:top") }, header{"Hx-Reswap": "innerHTML show:top"}},
		"target":   {func(h htmx.ResponseHeaders) error { return h.Retarget(` #ł > [a="b ć"]`) }, header{"Hx-Retarget": `#\142  > [a="b \107 "]`}},
		"select":   {func(h htmx.ResponseHeaders) error { return h.Reselect("#😀") }, header{"Hx-Reselect": `#\1f600`}},
		"events": {
			func(h htmx.ResponseHeaders) error {
				if err := h.Trigger("a", nil); err != nil {
					return err
				}
				if err := h.Trigger("ł\r\n,", map[string]any{"text": "😀</script>\u2028\x7f", "n": []int{1}}); err != nil {
					return err
				}
				return h.TriggerAfterSwap("b", 7)
			},
			header{
				"Hx-Trigger":            `{"a":null,"\u0142\r\n,":{"n":[1],"text":"\ud83d\ude00\u003c/script\u003e\u2028\u007f"}}`,
				"Hx-Trigger-After-Swap": `{"b":7}`,
			},
		},
		"an event later": {func(h htmx.ResponseHeaders) error { return h.TriggerAfterSettle("b", true) }, header{"Hx-Trigger-After-Settle": `{"b":true}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				got, err := answer(t, mode, test.set)
				require.NoError(t, err)
				assert.Equal(t, test.want, got)
			})
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(h htmx.ResponseHeaders) error{
		"no location":          func(h htmx.ResponseHeaders) error { return h.Location(htmx.Destination{}) },
		"a script as location": func(h htmx.ResponseHeaders) error { return h.Location(htmx.Destination{Path: "javascript:a()"}) },
		"values that are none": func(h htmx.ResponseHeaders) error {
			return h.Location(htmx.Destination{Path: "/", Values: map[string]any{"f": func() {}}})
		},
		"a script to load":      func(h htmx.ResponseHeaders) error { return h.Redirect("JavaScript:a()") },
		"a script behind space": func(h htmx.ResponseHeaders) error { return h.Redirect(" javascript:a()") },
		"a script with a line":  func(h htmx.ResponseHeaders) error { return h.Redirect("java\nscript:a()") },
		"another header":        func(h htmx.ResponseHeaders) error { return h.PushURL("/\r\nHX-Redirect: /") },
		"data":                  func(h htmx.ResponseHeaders) error { return h.ReplaceURL("data:text/html,a") },
		"no URL":                func(h htmx.ResponseHeaders) error { return h.PushURL("") },
		"no swap":               func(h htmx.ResponseHeaders) error { return h.Reswap(" ") },
		"a line in a selector":  func(h htmx.ResponseHeaders) error { return h.Retarget("#a\r\nHX-Redirect: /") },
		"a control character":   func(h htmx.ResponseHeaders) error { return h.Reselect("a\x7fb") },
		"no selector":           func(h htmx.ResponseHeaders) error { return h.Reselect("") },
		"no event":              func(h htmx.ResponseHeaders) error { return h.Trigger("", 1) },
		"a detail that is none": func(h htmx.ResponseHeaders) error { return h.TriggerAfterSwap("a", func() {}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := answer(t, apptest.HTTP1(), set)
			require.ErrorIs(t, err, htmx.ErrInvalid)
			assert.Empty(t, got)
		})
	}
}

func TestTriggerByOtherMeansIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, known := range []string{"a, b", "{", "a}"} {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					c.Header().Set("HX-Trigger", known)
					assert.ErrorIs(t, htmx.Response(c).Trigger("c", nil), htmx.ErrInvalid)
					return c.RespondText("")
				})
			})
		})
		assert.Equal(t, known, host.Get("/").Header.Get("HX-Trigger"))
	}
}

// FuzzTrigger checks that what an event tells is what the page reads, in ASCII.
func FuzzTrigger(f *testing.F) {
	f.Add("a", "b")
	f.Add("ł\r\nX: y", "😀\x00\x7f\u2028</script>\xff")
	f.Add(`"}`, `{"a":1}`)
	var set func(h htmx.ResponseHeaders)
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				set(htmx.Response(c))
				return c.RespondText("")
			})
		})
	})
	require.NoError(f, application.Start(f.Context()))
	f.Cleanup(func() { require.NoError(f, application.Stop(context.Background())) })
	f.Fuzz(func(t *testing.T, name, detail string) {
		var first, second error
		set = func(h htmx.ResponseHeaders) {
			first, second = h.Trigger("first", detail), h.Trigger(name, detail)
		}
		response := httptest.NewRecorder()
		application.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		require.NoError(t, first)
		if name == "" {
			require.ErrorIs(t, second, htmx.ErrInvalid)
			return
		}
		require.NoError(t, second)
		text := response.Header().Get("HX-Trigger")
		for _, char := range []byte(text) {
			require.True(t, char >= ' ' && char < 0x7f, "%q", text)
		}
		var got map[string]string
		require.NoError(t, json.Unmarshal([]byte(text), &got))
		assert.Equal(t, string([]rune(detail)), got["first"])
		assert.Equal(t, string([]rune(detail)), got[string([]rune(name))])
	})
}
