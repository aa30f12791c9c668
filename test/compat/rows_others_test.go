package compat_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	chicors "github.com/go-chi/cors"
	"github.com/go-chi/httprate"
	"github.com/go-chi/jwtauth/v5"
	"github.com/gorilla/csrf"
	"github.com/justinas/nosurf"
	"github.com/klauspost/compress/gzhttp"
	rscors "github.com/rs/cors"
	"github.com/unrolled/secure"
)

// otherRows are middlewares of the standard library and of others than chi that
// answer, guard or encode.
func otherRows() []middlewareRow {
	const origin = "https://page.example.com"
	crossOrigin := []probe{
		act("a page of another origin", "status 200", "/text", header("Origin", "https://evil.example.com")),
		{"a preflight", func(s *side) answer {
			return s.do(http.MethodOptions, "/echo", "", header("Access-Control-Request-Method", "POST"))
		}, "Access-Control-Allow-Methods: POST"},
	}
	return []middlewareRow{
		{
			name: "go-chi/cors", module: "github.com/go-chi/cors",
			make:    plain(chicors.Handler(chicors.Options{AllowedOrigins: []string{origin}})),
			prepare: header("Origin", origin),
			acts:    crossOrigin,
		},
		{
			name: "rs/cors", module: "github.com/rs/cors",
			make:    plain(rscors.New(rscors.Options{AllowedOrigins: []string{origin}}).Handler),
			prepare: header("Origin", origin),
			acts:    crossOrigin,
		},
		{
			name: "httprate", module: "github.com/go-chi/httprate",
			make: fresh(func() func(http.Handler) http.Handler { return httprate.LimitBy(2, time.Minute, httprate.Key("*")) }),
			acts: []probe{{"three calls", func(s *side) answer {
				return joined(s.get("/text"), s.get("/text"), s.get("/text"))
			}, "status 429"}},
		},
		jwtRow(),
		{
			name: "nosurf", module: "github.com/justinas/nosurf",
			make: seen(func(next http.Handler) http.Handler {
				handler := nosurf.New(next)
				handler.SetIsTLSFunc(func(*http.Request) bool { return false })
				return handler
			}, nil),
			acts: []probe{{"a form with its token", withToken(nosurf.Token, "X-CSRF-Token"), "status 200"}},
		},
		{
			name: "gorilla/csrf", module: "github.com/gorilla/csrf",
			make: plain(func(next http.Handler) http.Handler {
				protected := csrf.Protect([]byte(strings.Repeat("k", 32)), csrf.Secure(false))(next)
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					protected.ServeHTTP(w, csrf.PlaintextHTTPRequest(r))
				})
			}),
			acts: []probe{{"a form with its token", withToken(csrf.Token, "X-CSRF-Token"), "status 200"}},
		},
		{
			name: "scs LoadAndSave", module: "github.com/alexedwards/scs/v2", wraps: true,
			make: func(routesOf) subject {
				sessions := scs.New()
				synctest.Wait() // its goroutine makes the channel that StopCleanup closes
				sessions.Store.(*memstore.MemStore).StopCleanup()
				return subject{wrap: sessions.LoadAndSave, see: func(r *http.Request) string {
					count := sessions.GetInt(r.Context(), "count") + 1
					sessions.Put(r.Context(), "count", count)
					return fmt.Sprintf(" count=%d", count)
				}}
			},
			acts: []probe{{"two calls of one session", func(s *side) answer {
				s.client.Jar = &jar{}
				return joined(s.get("/seen"), s.get("/seen"))
			}, `body: " count=2"`}},
		},
		{
			name: "http.CrossOriginProtection", module: stdlib,
			make: plain(http.NewCrossOriginProtection().Handler),
			acts: []probe{post("from another site", "status 403", "hello", header("Sec-Fetch-Site", "cross-site"))},
		},
		{
			name: "http.MaxBytesHandler", module: stdlib,
			make: plain(func(next http.Handler) http.Handler { return http.MaxBytesHandler(next, 1024) }),
			acts: []probe{post("a larger body", "status 413", strings.Repeat("x", 2000))},
		},
		{
			name: "http.TimeoutHandler", module: stdlib,
			make: plain(func(next http.Handler) http.Handler {
				return http.TimeoutHandler(next, time.Minute, "too late")
			}),
			acts: []probe{
				act("a handler that returns its error", "status 503", "/late"),
				act("a handler that returns nothing", "status 503", "/silent"),
			},
			differs: map[string]difference{
				"SSE": refused(nil, nil), "SSE, gzip": refused(nil, nil), "WebSocket": noSocket(nil, nil),
			},
		},
		{
			name: "gzhttp", module: "github.com/klauspost/compress", wraps: true,
			make: plain(func(next http.Handler) http.Handler { return gzhttp.GzipHandler(next) }),
		},
		{
			name: "unrolled/secure", module: "github.com/unrolled/secure",
			make: plain(secure.New(secure.Options{
				FrameDeny: true, ContentTypeNosniff: true, AllowedHosts: []string{"localhost"},
				ContentSecurityPolicy: "default-src 'self'",
			}).Handler),
			acts: []probe{act("another host", "status 500", "/text", func(r *http.Request) { r.Host = "evil.example.com" })},
		},
	}
}

func jwtRow() middlewareRow {
	auth := jwtauth.New("HS256", []byte("secret"), nil)
	_, token, _ := auth.Encode(map[string]any{"sub": "ann"})
	verify, authenticate := jwtauth.Verifier(auth), jwtauth.Authenticator(auth)
	return middlewareRow{
		name: "jwtauth Verifier, Authenticator", module: "github.com/go-chi/jwtauth/v5",
		make: seen(func(next http.Handler) http.Handler { return verify(authenticate(next)) },
			func(r *http.Request) string {
				_, claims, _ := jwtauth.FromContext(r.Context())
				return fmt.Sprintf(" sub=%v", claims["sub"])
			}),
		prepare: header("Authorization", "Bearer "+token),
		acts: []probe{
			act("a wrong token", "status 401", "/text", header("Authorization", "Bearer x")),
			act("the claims in a handler", `body: " sub=ann"`, "/seen"),
		},
	}
}

// withToken returns a probe that gets a page, whose handler reads a token, and
// posts it back with the cookie that came with the page.
func withToken(token func(*http.Request) string, name string) func(*side) answer {
	return func(s *side) answer {
		var read string
		s.subject.see = func(r *http.Request) string {
			if r.Method == http.MethodGet {
				read = token(r)
			}
			return ""
		}
		s.client.Jar = &jar{}
		s.get("/seen")
		return s.do(http.MethodPost, "/echo", "hello", header(name, read), header("Origin", s.url), header("Referer", s.url+"/"))
	}
}

// A jar keeps all cookies, for one host.
type jar struct{ cookies []*http.Cookie }

func (j *jar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	j.cookies = append(j.cookies, cookies...)
}
func (j *jar) Cookies(*url.URL) []*http.Cookie { return j.cookies }
