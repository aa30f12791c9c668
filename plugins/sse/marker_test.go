package sse_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// steps are the places in which a hook may ask for the mark, in the order they
// come.
var steps = []app.SendStep{app.SendTransform, app.SendRender, app.SendContentEncoding, app.SendTransferEncoding, app.SendAfter}

func TestStreamIsMarkedBeforeTheCommit(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		var seen []bool
		h := startModule(t, protocol, func(a *app.Application) {
			a.Install(sse.Plugin)
			for _, step := range steps {
				a.InterceptSend(step, func(c *app.Call, _ *app.Outgoing) error {
					seen = append(seen, sse.IsEventStream(c))
					return nil
				})
			}
			a.Install(app.NewPlugin("Watch", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
				b.OnResponseSent(func(c *app.Call) { seen = append(seen, sse.IsEventStream(c)) })
				return nil
			}))
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", greet)
				r.Post("/answer", func(c *app.Call) error { return sse.Respond(c, greet) })
				r.Get("/text", func(c *app.Call) error { return c.RespondText("hello") })
				r.Get("/by-hand", func(c *app.Call) error {
					c.Header().Set("Content-Type", "text/event-stream")
					return c.RespondText("data: hello\n\n")
				})
			})
		})
		for path, want := range map[string]bool{"/events": true, "/answer": true, "/text": false, "/by-hand": false, "/nowhere": false} {
			method := http.MethodGet
			if path == "/answer" {
				method = http.MethodPost
			}
			seen = nil
			h.text(method, path)
			settle()
			require.Len(t, seen, len(steps)+1, path)
			for _, marked := range seen {
				assert.Equal(t, want, marked, path)
			}
		}
		seen = nil
		h.text(http.MethodHead, "/events")
		settle()
		assert.Equal(t, []bool{true, true, true, true, true, true}, seen)
	})
}

func TestMarkerIsTakenBackWhenTheStreamIsRefused(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		var marked []bool
		h := startModule(t, protocol, func(a *app.Application) {
			a.Install(sse.Plugin)
			a.InterceptSend(app.SendTransform, func(c *app.Call, out *app.Outgoing) error {
				if _, stream := out.Value.(app.Stream); !stream {
					return nil
				}
				switch c.Route() {
				case "/refused":
					return errors.New("refused")
				case "/replaced":
					out.Value = "replaced"
				}
				return nil
			})
			a.InterceptSend(app.SendContentEncoding, func(c *app.Call, _ *app.Outgoing) error {
				marked = append(marked, sse.IsEventStream(c))
				return nil
			})
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/refused", unreachable(t))
				r.SSE("/replaced", unreachable(t))
				r.SSE("/too-long", unreachable(t))
			})
		})
		status, body := h.text(http.MethodGet, "/refused")
		assert.Equal(t, http.StatusInternalServerError, status)
		assert.Equal(t, "Internal Server Error", body)
		assert.Len(t, h.log.take("level=ERROR"), 1)
		status, body = h.text(http.MethodGet, "/replaced")
		assert.Equal(t, http.StatusOK, status)
		assert.Equal(t, "replaced", body)
		status, _ = h.text(http.MethodGet, "/too-long", "Last-Event-ID", strings.Repeat("x", 257))
		assert.Equal(t, http.StatusBadRequest, status)
		assert.Equal(t, []bool{false, false, false}, marked)
	})
}

func TestHookThatFailsOnTheHeadIsACleanResponse(t *testing.T) {
	for _, step := range steps[2:] {
		overEach(t, func(t *testing.T, protocol string) {
			h := startModule(t, protocol, func(a *app.Application) {
				a.Install(sse.Plugin)
				a.InterceptSend(step, func(*app.Call, *app.Outgoing) error { return app.NewError(http.StatusTeapot, "no") })
				routing.Routes(a, func(r *routing.Route) { r.SSE("/events", replaced(t)) })
			})
			response := h.get("/events")
			assert.Equal(t, http.StatusTeapot, response.StatusCode)
			assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
			body, err := rest(response)
			assert.NoError(t, err)
			assert.Equal(t, "no", body)
		})
	}
}

func TestHookThatReplacesTheStream(t *testing.T) {
	for _, contentType := range []string{"text/plain", "text/event-streamfoo"} {
		for _, step := range steps[2:] {
			overEach(t, func(t *testing.T, protocol string) {
				h := startModule(t, protocol, func(a *app.Application) {
					a.Install(sse.Plugin)
					a.InterceptSend(step, func(_ *app.Call, out *app.Outgoing) error {
						out.Status = http.StatusGone
						out.Header.Set("Content-Type", contentType)
						out.SetText("it has moved")
						return nil
					})
					routing.Routes(a, func(r *routing.Route) { r.SSE("/events", replaced(t)) })
				})
				status, body := h.text(http.MethodGet, "/events")
				assert.Equal(t, http.StatusGone, status)
				assert.Equal(t, "it has moved", body)
			})
		}
	}
}
