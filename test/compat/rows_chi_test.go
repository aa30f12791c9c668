package compat_test

import (
	"log"
	"net/http"
	"strings"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
)

// chiRows are chi's own middlewares, but those that look at the path.
func chiRows() []middlewareRow {
	fromBrowser := func(kind string) func(*http.Request) { return header("Content-Type", kind) }
	return []middlewareRow{
		{
			name: "chi Throttle", module: chiModule,
			make: fresh(func() func(http.Handler) http.Handler { return middleware.Throttle(1) }),
			acts: []probe{{"a second call at once", atOnce(2), "status 429"}},
		},
		{
			name: "chi ThrottleBacklog", module: chiModule,
			make: fresh(func() func(http.Handler) http.Handler {
				return middleware.ThrottleBacklog(1, 1, time.Minute)
			}),
			acts: []probe{{"three calls at once", atOnce(3), "status 429"}},
		},
		{
			name: "chi Timeout", module: chiModule, wraps: true,
			make: plain(middleware.Timeout(time.Minute)),
			acts: []probe{
				act("a handler that returns its error", "status 504", "/late"),
				act("a handler that returns nothing", "status 504", "/silent"),
				{"a stream at the deadline", (*side).unattended, `event "two" after 1m0s`},
			},
			differs: map[string]difference{"a handler that returns nothing": {
				mark: markDeadline, chitor: answer{"Content-Type: " + textType, `body: "Gateway Timeout"`},
			}},
		},
		{
			name: "chi RequestID", module: chiModule,
			make: seen(middleware.RequestID, func(r *http.Request) string {
				return " id=" + middleware.GetReqID(r.Context())
			}),
			prepare: header("X-Request-Id", "abc"),
			acts:    []probe{act("the id in a handler", `body: " id=abc"`, "/seen")},
		},
		{
			name: "chi RealIP", module: chiModule,
			make:    seen(realIP, func(r *http.Request) string { return " from=" + r.RemoteAddr }),
			prepare: header("X-Real-Ip", "198.51.100.7"),
			acts:    []probe{act("the address in a handler", `body: " from=198.51.100.7"`, "/seen")},
		},
		{
			name: "chi ClientIPFromHeader", module: chiModule,
			make: seen(middleware.ClientIPFromHeader("X-Real-Ip"), func(r *http.Request) string {
				return " from=" + middleware.GetClientIP(r.Context())
			}),
			prepare: header("X-Real-Ip", "198.51.100.7"),
			acts:    []probe{act("the address in a handler", `body: " from=198.51.100.7"`, "/seen")},
		},
		{
			name: "chi Recoverer", module: chiModule,
			make: plain(quiet(middleware.Recoverer)),
			differs: map[string]difference{"panic": {
				mark:   markPanic,
				chi:    answer{"a panic: status 500"},
				chitor: answer{"a panic: the same"},
			}},
		},
		{
			name: "chi Logger", module: chiModule, wraps: true,
			make: func(routesOf) subject {
				lines := &journal{}
				return subject{
					wrap:   middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: log.New(lines, "", 0), NoColor: true}),
					report: func() []string { return withoutAddress(lines.lines()) },
				}
			},
			differs: map[string]difference{
				"panic": panics(
					answer{`noted: "GET http://localhost/panic HTTP/1.1" 000 0B`},
					answer{`noted: "GET http://localhost/panic HTTP/1.1" 500 21B`},
				),
				"404" + atAll: bodiless(
					`noted: "GET http://localhost/missing HTTP/1.1" 404 19B`,
					`noted: "GET http://localhost/missing HTTP/1.1" 404 0B`,
				),
			},
		},
		{
			name: "chi Compress", module: chiModule, wraps: true,
			make: plain(middleware.Compress(5, "text/plain", "text/event-stream")),
		},
		{
			name: "chi AllowContentType", module: chiModule,
			make: plain(middleware.AllowContentType("text/plain")),
			acts: []probe{post("another type", "status 415", "hello", fromBrowser("application/json"))},
		},
		{
			name: "chi AllowContentEncoding", module: chiModule,
			make: plain(middleware.AllowContentEncoding("gzip")),
			acts: []probe{post("another encoding", "status 415", "hello", header("Content-Encoding", "br"))},
		},
		{
			name: "chi ContentCharset", module: chiModule,
			make:    plain(middleware.ContentCharset("utf-8")),
			prepare: fromBrowser("text/plain; charset=utf-8"),
			acts:    []probe{post("another charset", "status 415", "hello", fromBrowser("text/plain; charset=latin1"))},
		},
		{
			name: "chi BasicAuth", module: chiModule,
			make: seen(middleware.BasicAuth("site", map[string]string{"ann": "secret"}), func(r *http.Request) string {
				user, _, _ := r.BasicAuth()
				return " user=" + user
			}),
			prepare: func(r *http.Request) { r.SetBasicAuth("ann", "secret") },
			acts: []probe{
				act("a wrong password", "status 401", "/text", func(r *http.Request) { r.SetBasicAuth("ann", "guess") }),
				act("the user in a handler", `body: " user=ann"`, "/seen"),
			},
		},
		{
			name: "chi Maybe", module: chiModule,
			make: plain(middleware.Maybe(middleware.SetHeader("X-Maybe", "yes"), func(r *http.Request) bool {
				return r.URL.RawQuery == ""
			})),
			acts: []probe{act("not this time", "status 200", "/text?no")},
		},
		{name: "chi NoCache", module: chiModule, make: plain(middleware.NoCache)},
		{
			name: "chi RouteHeaders", module: chiModule,
			make: plain(middleware.RouteHeaders().
				Route("X-Color", "red*", middleware.SetHeader("X-Painted", "red")).Handler),
			prepare: header("X-Color", "reddish"),
			acts:    []probe{act("another color", "status 200", "/text", header("X-Color", "blue"))},
		},
		{name: "chi SetHeader", module: chiModule, make: plain(middleware.SetHeader("X-Set", "yes"))},
		{
			name: "chi WithValue", module: chiModule,
			make: seen(middleware.WithValue(valueKey{}, "kept"), func(r *http.Request) string {
				value, _ := r.Context().Value(valueKey{}).(string)
				return " value=" + value
			}),
			acts: []probe{act("the value in a handler", `body: " value=kept"`, "/seen")},
		},
		{name: "chi Sunset", module: chiModule, make: plain(middleware.Sunset(time.Unix(4e9, 0), "https://example.com/new"))},
		{name: "chi Deprecation", module: chiModule, make: plain(middleware.Deprecation(time.Unix(1e9, 0), "https://example.com/why"))},
		{
			name: "chi RequestSize", module: chiModule,
			make: plain(middleware.RequestSize(1024)),
			acts: []probe{post("a larger body", "status 413", strings.Repeat("x", 2000))},
		},
	}
}

type valueKey struct{}

// realIP is deprecated, for it trusts any client, and widely used.
func realIP(next http.Handler) http.Handler {
	return middleware.RealIP(next) //nolint:staticcheck // it has to work for those who still use it
}

// quiet keeps what chi's Recoverer prints out of the output.
func quiet(wrap func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		wrapped := wrap(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			wrapped.ServeHTTP(w, middleware.WithLogEntry(r, silence{}))
		})
	}
}

// silence is a log entry that writes nothing.
type silence struct{}

func (silence) Write(int, int, http.Header, time.Duration, any) {}
func (silence) Panic(any, []byte)                               {}

// withoutAddress removes the address of the client and the time from lines of
// chi's Logger: `"GET http://localhost/text HTTP/1.1" from 192.0.2.2:1024 - 200 4B in 1µs`.
func withoutAddress(lines []string) []string {
	short := make([]string, 0, len(lines))
	for _, line := range lines {
		request, rest, _ := strings.Cut(line, " from ")
		_, rest, _ = strings.Cut(rest, " - ")
		rest, _, _ = strings.Cut(rest, " in ")
		short = append(short, request+" "+rest)
	}
	return short
}

// atOnce returns a probe that makes n calls whose handler waits, one after the
// other, and then lets all go on.
func atOnce(n int) func(*side) answer {
	return func(s *side) (all answer) {
		answers := make(chan answer, n)
		for range n {
			go func() { answers <- s.get("/late") }()
			synctest.Wait()
		}
		var first answer
		select {
		case first = <-answers:
		default:
		}
		s.letGo()
		note(&all, "refused while another call is served:")
		all = append(all, first...)
		for range n {
			if first != nil {
				first = nil
				continue
			}
			all = append(all, <-answers...)
		}
		return all
	}
}

// unattended reads a stream whose handler nobody lets go on.
func (s *side) unattended() answer {
	s.once.Do(func() {}) // nothing closes the gate any more
	return s.stream()
}
