package main

import (
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/datastar"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// hypermedia declares what the page of Datastar asks for: a stream that sends all
// that there is, with comments between, and an action that leads to another page.
func hypermedia(r *routing.Route) {
	r.SSE("/datastar/all", func(s *sse.Session) error {
		s.Heartbeat(func(h *sse.HeartbeatConfig) { h.Period = 20 * time.Millisecond })
		for _, send := range everything() {
			if err := send(s); err != nil {
				return err
			}
			if err := s.Delay(50 * time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	})
	r.Delete("/datastar/page", func(c *app.Call) error {
		signals, err := datastar.ReadSignals[struct{ Kept string }](c)
		if err != nil {
			return err
		}
		return sse.Respond(c, func(s *sse.Session) error { return datastar.Redirect(s, "/datastar-after?"+signals.Kept) })
	})
}

// everything is what a page is sent, one after the other.
func everything() []func(s *sse.Session) error {
	return []func(s *sse.Session) error{
		func(s *sse.Session) error {
			return datastar.PatchElements(s, "<pre id=\"morphed\">one\rtwo\r\nid: 3\n\nselector body</pre>")
		},
		func(s *sse.Session) error {
			return datastar.PatchElements(s, "<i>both</i>", datastar.Selector("#a,\r\n#b"), datastar.Inner)
		},
		func(s *sse.Session) error {
			return datastar.PatchElements(s, `<circle id="circle" r="5"/>`, datastar.SVG, datastar.Selector("#drawing"), datastar.Append)
		},
		func(s *sse.Session) error {
			return datastar.PatchElements(s, "<b>first</b>", datastar.Selector("#a"), datastar.Before, datastar.ViewTransition())
		},
		func(s *sse.Session) error { return datastar.RemoveElements(s, "#old") },
		func(s *sse.Session) error {
			return datastar.PatchSignals(s, map[string]any{"text": "<b>&\r\n\u2028</b>", "user": map[string]any{"name": "Ann", "age": 7}})
		},
		func(s *sse.Session) error { return datastar.RemoveSignals(s, []string{"user.age"}) },
		func(s *sse.Session) error {
			return datastar.PatchSignals(s, map[string]any{"kept": "new", "added": 1}, datastar.OnlyIfMissing())
		},
		func(s *sse.Session) error {
			return datastar.ExecuteScript(s, "const title = `a\r\nb`\ndocument.title = title.length + ' ran'", datastar.Attribute("class", `"'&`))
		},
		func(s *sse.Session) error { return datastar.ConsoleLog(s, "it's \"here\" </script> \u2028") },
		func(s *sse.Session) error { return datastar.ConsoleError(s, "no such room") },
		func(s *sse.Session) error { return datastar.PatchElements(s, `<p id="end">all</p>`) },
	}
}
