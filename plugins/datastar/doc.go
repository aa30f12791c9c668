// Package datastar answers the actions of Datastar (https://data-star.dev), the
// hypermedia library for browsers, through event streams of plugins/sse.
//
//	a.Install(sse.Plugin)
//	routing.Routes(a, func(r *routing.Route) {
//		r.Post("/greet", func(c *app.Call) error { // data-on:click="@post('/greet')"
//			signals, err := datastar.ReadSignals[struct{ Name string }](c)
//			if err != nil {
//				return err
//			}
//			return sse.Respond(c, func(s *sse.Session) error {
//				if err := datastar.PatchTemplate(s, greeting, signals.Name); err != nil {
//					return err
//				}
//				return datastar.PatchSignals(s, map[string]any{"name": ""})
//			})
//		})
//		r.SSE("/clock", func(s *sse.Session) error { // data-init="@get('/clock')"
//			for {
//				text := time.Now().Format(time.TimeOnly)
//				if err := datastar.PatchSignals(s, map[string]any{"now": text}); err != nil {
//					return err
//				}
//				if err := s.Delay(time.Second); err != nil {
//					return err
//				}
//			}
//		})
//	})
//
// The stream is an [sse.Session] like any other, so that heartbeats, limits, the
// stop and the list of open sessions hold for it. A [Sender] may be a session, or
// the topic of a hub, by [Topic]: then all who have joined it get the same patch.
//
// # What the server sends
//
// Two kinds of events: "datastar-patch-elements" carries HTML and where it goes,
// "datastar-patch-signals" a JSON object that is merged into the page's signals
// (RFC 7396). A script is an element that is appended to the body. The lines of an
// event are those of Datastar's own SDK for Go. The frame around them is that of
// plugins/sse: CRLF, and the fields in the order event, data, id, retry.
//
// No value can become another line or another event: LF, CR and CRLF in HTML,
// selectors, signals and scripts end a line and begin one of the same name, and
// arrive as LF. What cannot be sent as it was meant, such as a mode that Datastar
// does not know or a script that would end its own element, is refused with
// [ErrInvalid], and nothing is sent. The HTML itself is the caller's: escape what
// is put into it, as html/template does for [PatchTemplate] and templ for
// [PatchComponent].
//
// # What the client does at the end of a stream
//
// Datastar 1 does not come back after a clean end, which is what the stop of an
// application and MaxAge are, unless the action says so: @get('/clock', {retry:
// 'always'}). It stops a stream of @get while its page is hidden and opens it
// again afterwards, unless openWhenHidden is set. It sends the ID of the last
// event that had one as Last-Event-ID.
//
// Ktor has nothing of the kind.
package datastar
