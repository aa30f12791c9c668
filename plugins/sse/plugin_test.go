package sse_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestPluginMistakes(t *testing.T) {
	t.Parallel()
	negative := sse.Plugin.With(func(c *sse.Config) { c.LastEventIDLimit = -1 })
	for name, test := range map[string]struct {
		module app.Module
		want   string
	}{
		"twice":          {func(a *app.Application) { a.Install(sse.Plugin); a.Install(sse.Plugin) }, "install SSE: it is already installed"},
		"negative limit": {func(a *app.Application) { a.Install(negative) }, "install SSE: LastEventIDLimit is negative"},
		"on a route": {func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) { r.Install(sse.Plugin) })
		}, "install SSE: it can be installed on the application only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := app.New(test.module).Start(t.Context())
			require.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "plugin_test.go:")
		})
	}
}

func TestPluginMayBeInstalledAfterTheRoutes(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startModule(t, protocol, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) { r.SSE("/events", greet) })
			a.Install(sse.Plugin)
		})
		_, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, "data: hello\r\n\r\n", body)
	})
}

func TestSessionsAreGivenOutByEveryScope(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var ofACall *sse.Sessions
		h := start(t, "HTTP/1.1", func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				ofACall, _ = sse.SessionsOf(c.Scope())
				return c.RespondText("")
			})
		})
		h.text(http.MethodGet, "/")
		ofTheApplication, installed := sse.SessionsOf(h.application)
		require.True(t, installed)
		assert.Same(t, ofTheApplication, ofACall)
		config, installed := sse.Plugin.In(h.application)
		require.True(t, installed)
		assert.Same(t, ofTheApplication, config.Sessions(), "the configuration knows them too")

		without := app.New()
		require.NoError(t, without.Start(t.Context()))
		sessions, installed := sse.SessionsOf(without)
		assert.False(t, installed)
		assert.Nil(t, sessions)
		assert.NoError(t, without.Stop(context.WithoutCancel(t.Context())))
	})
}

// What runs has a copy of the configuration.
func TestConfigIsReadAtInstallation(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error { return s.Delay(time.Hour) })
		})
		config, installed := sse.Plugin.In(h.application)
		require.True(t, installed)
		config.MaxSessions = 1
		h.get("/events")
		assert.Equal(t, http.StatusOK, h.get("/events").StatusCode)
	})
}

func TestConfigMayBeReplacedAsAWhole(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := startModule(t, protocol, func(a *app.Application) {
			a.Install(sse.Plugin.With(func(c *sse.Config) { *c = sse.Config{Serializer: sse.JSON} }))
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error { return errors.Join(s.SendValue(s.LastEventID()), untilItEnds(ends)(s)) })
			})
		})
		long := strings.Repeat("x", 300)
		response := h.get("/events", "Last-Event-ID", long)
		settle()
		assert.Zero(t, h.stop())
		assert.Equal(t, sse.ErrStopping, (<-ends).cause)
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Equal(t, "data: \""+long+"\"\r\n\r\ndata: hello\r\n\r\ndata: late\r\n\r\n", body, "0 accepts any length")
	})
}

func TestSessionsOfTwoApplicationsAreApart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ends := make(chan ended, 2)
		declare := func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) }
		first, second := start(t, "HTTP/1.1", declare), start(t, "HTTP/1.1", declare)
		first.get("/events")
		second.get("/events")
		first.stop()
		assert.Equal(t, sse.ErrStopping, (<-ends).cause)
		settle()
		assert.Empty(t, ends, "the other application runs on")
		second.stop()
		assert.Equal(t, sse.ErrStopping, (<-ends).cause)
	})
}

// shout is a serializer for strings.
func shout(value any) ([]byte, error) {
	text, ok := value.(string)
	if !ok {
		return nil, errors.New("not a text")
	}
	return []byte(text + "!"), nil
}

func TestSerializers(t *testing.T) {
	sendValue := func(s *sse.Session) error { return s.SendValue("a") }
	for name, test := range map[string]struct {
		plugin  app.Installable
		options []sse.Option
		want    string
	}{
		"none":              {sse.Plugin, nil, "data: send value: the stream has no serializer: pass sse.Serialize(sse.JSON), or configure one for the plugin\r\n\r\n"},
		"plugin":            {sse.Plugin.With(func(c *sse.Config) { c.Serializer = shout }), nil, "data: a!\r\n\r\n"},
		"stream":            {sse.Plugin, []sse.Option{sse.Serialize(shout)}, "data: a!\r\n\r\n"},
		"stream and plugin": {sse.Plugin.With(func(c *sse.Config) { c.Serializer = shout }), []sse.Option{sse.Serialize(sse.JSON)}, "data: \"a\"\r\n\r\n"},
		"the last one":      {sse.Plugin, []sse.Option{sse.Serialize(shout), sse.Serialize(sse.JSON)}, "data: \"a\"\r\n\r\n"},
		"taken away": {
			sse.Plugin.With(func(c *sse.Config) { c.Serializer = shout }), []sse.Option{sse.Serialize(nil)},
			"data: send value: the stream has no serializer: pass sse.Serialize(sse.JSON), or configure one for the plugin\r\n\r\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				serve := func(s *sse.Session) error {
					if err := sendValue(s); err != nil {
						return s.SendText(err.Error()) // the session is as good as before
					}
					return nil
				}
				h := startModule(t, "HTTP/1.1", func(a *app.Application) {
					a.Install(test.plugin)
					routing.Routes(a, func(r *routing.Route) {
						r.SSE("/route", serve, test.options...)
						r.Get("/respond", func(c *app.Call) error { return sse.Respond(c, serve, test.options...) })
					})
				})
				for _, path := range []string{"/route", "/respond"} {
					_, body := h.text(http.MethodGet, path)
					assert.Equal(t, test.want, body, path)
				}
			})
		})
	}
}

func TestSerializerThatFails(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				assert.EqualError(t, s.SendValue(7), "send value: serialize int: not a text")
				return s.SendValue("still here")
			}, sse.Serialize(shout))
		})
		_, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, "data: still here!\r\n\r\n", body)
	})
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		`null`:                          nil,
		`"<b>&amp;</b>"`:                "<b>&amp;</b>",
		`"two\nlines\r\n"`:              "two\nlines\r\n",
		`"größe 豆"`:                     "größe 豆",
		`{"id":0,"prices":[100,200]}`:   Product{0, []int{100, 200}},
		`{"a":"<","b":{"c":[">","&"]}}`: map[string]any{"b": map[string][]string{"c": {">", "&"}}, "a": "<"},
	} {
		data, err := sse.JSON(value)
		require.NoError(t, err)
		assert.Equal(t, want, string(data))
	}
	data, err := sse.JSON(make(chan int))
	assert.EqualError(t, err, "json: unsupported type: chan int")
	assert.Nil(t, data)
}

func TestStartAfterAMistakeServesNothing(t *testing.T) {
	t.Parallel()
	a := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { r.SSE("/events", greet) })
	})
	assert.ErrorContains(t, a.Start(t.Context()), "the plugin SSE is not installed: call a.Install(sse.Plugin)")
	assert.NoError(t, a.Stop(context.WithoutCancel(t.Context())))
}
