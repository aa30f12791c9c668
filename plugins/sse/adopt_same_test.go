package sse_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// An answerStep is something that a handler does to answer.
type answerStep struct {
	name string
	do   func(c *app.Call) error
}

var (
	errOfHandler = errors.New("out of order")
	errDone      = errors.New("done") // nobody writes behind a response
)

// answerSteps are what handlers do, but for what makes an event stream.
func answerSteps() []answerStep {
	set := func(name, value string) answerStep {
		return answerStep{name + ": " + value, func(c *app.Call) error {
			c.Writer().Header().Set(name, value)
			return nil
		}}
	}
	status := func(status int) answerStep {
		return answerStep{fmt.Sprint(status), func(c *app.Call) error {
			c.Writer().WriteHeader(status)
			return nil
		}}
	}
	write := func(text string) answerStep {
		return answerStep{fmt.Sprintf("write %.9q", text), func(c *app.Call) error {
			_, _ = io.WriteString(c.Writer(), text)
			return nil
		}}
	}
	return []answerStep{
		set("Content-Type", "application/json"), set("Content-Type", "text/html"), set("Content-Length", "9"), set("Etag", `"1"`),
		set("X-Accel-Buffering", "yes"), set("Cache-Control", "max-age=9"), set("Trailer", "X-End"), set("X-End", "1"),
		set("Content-Encoding", "identity"),
		status(http.StatusOK), status(http.StatusAccepted), status(http.StatusNoContent), status(http.StatusNotFound),
		status(http.StatusNotModified), status(http.StatusEarlyHints), status(http.StatusInternalServerError),
		write(""), write("<html>abc"), write("data: a\n\n"), write(strings.Repeat("long ", 500)),
		{"flush", func(c *app.Call) error { return http.NewResponseController(c.Writer()).Flush() }},
		{"copy", func(c *app.Call) error {
			_, _ = io.Copy(c.Writer(), strings.NewReader("<html>def"))
			return nil
		}},
		{"copy nothing", func(c *app.Call) error {
			_, _ = io.Copy(c.Writer(), strings.NewReader(""))
			return nil
		}},
		{"respond", func(c *app.Call) error { return errors.Join(c.RespondText("hello"), errDone) }},
		{"set a status", func(c *app.Call) error { c.SetStatus(http.StatusCreated); return nil }},
		{"error", func(*app.Call) error { return app.NewError(http.StatusConflict, "taken") }},
		{"bug", func(*app.Call) error { return errOfHandler }},
		{"abort", func(*app.Call) error { panic(http.ErrAbortHandler) }},
		status(http.StatusSwitchingProtocols),
	}
}

// FuzzAdoptLeavesOtherAnswersAlone: whatever a handler does, as long as it is no
// event stream, a client and the hooks see the same with Adopt and without.
func FuzzAdoptLeavesOtherAnswersAlone(f *testing.F) {
	steps := answerSteps()
	for first := range steps {
		f.Add([]byte{byte(first)}, false)
		f.Add([]byte{byte(first), 18}, false)
		f.Add([]byte{0, byte(first), 17, 20, 18}, false)
	}
	f.Add([]byte{17, 20, 18}, true)
	f.Fuzz(func(t *testing.T, program []byte, head bool) {
		if len(program) > 8 {
			return
		}
		method := map[bool]string{false: http.MethodGet, true: http.MethodHead}[head]
		var names []string
		for _, step := range program {
			names = append(names, steps[int(step)%len(steps)].name)
		}
		synctest.Test(t, func(t *testing.T) {
			plain := seenOf(t, method, program, func(*routing.Route) {})
			with := seenOf(t, method, program, func(r *routing.Route) { r.Install(sse.Adopt) })
			require.Equal(t, plain, with, "%s: %q", method, names)
		})
	})
}

// seenOf returns what a client sees of an answer, byte for byte, and then what hooks
// and the log do.
func seenOf(t *testing.T, method string, program []byte, configure func(*routing.Route)) []string {
	t.Helper()
	var seen []string
	steps := answerSteps()
	h := startModule(t, "HTTP/1.1", func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(compression.Plugin.With(func(c *compression.Config) { c.Gzip() }))
		a.Install(conditionalheaders.Plugin)
		a.Install(app.NewPlugin("Watch", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
			b.OnCallRespond(func(_ *app.Call, out *app.Outgoing) error {
				seen = append(seen, fmt.Sprint("respond ", out.Status, out.Header))
				return nil
			})
			b.OnBodyReady(func(_ *app.Call, out *app.Outgoing) error {
				seen = append(seen, fmt.Sprint("ready ", out.Status, out.Header.Get("Content-Type")))
				return nil
			})
			b.OnCallFailed(func(_ *app.Call, err error) error {
				seen = append(seen, fmt.Sprint("failed ", err))
				return err
			})
			b.OnResponseSent(func(c *app.Call) { seen = append(seen, fmt.Sprint("sent ", c.Status())) })
			return nil
		}))
		routing.Routes(a, func(r *routing.Route) {
			configure(r)
			r.Handle("/answer", func(c *app.Call) error {
				for _, step := range program {
					if err := steps[int(step)%len(steps)].do(c); errors.Is(err, errDone) {
						return nil
					} else if err != nil {
						return err
					}
				}
				return nil
			})
		})
	})
	conn, _ := h.dial()
	request(t, conn, method+" /answer HTTP/1.1", "Host: test", "Accept-Encoding: gzip", `If-None-Match: "2"`)
	return append(append(seen, arrived(t, conn)), h.log.take("level=ERROR")...)
}
