package cors_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// TestConfigurationIsRead: what is changed after the installation changes
// nothing.
func TestConfigurationIsRead(t *testing.T) {
	var kept *cors.Config
	s := serve(t, func(c *cors.Config) { exampleCom(c); kept = c })
	kept.AnyHost()
	kept.AllowCredentials = true
	kept.AllowMethod(http.MethodPut)
	s.refuses(s.from("https://evil.com", "GET /"))
	s.refuses(s.preflight(example, "PUT /"))
	assert.Empty(t, s.from(example, "GET /").Header["Access-Control-Allow-Credentials"])
}

// TestMaxAge: 0 is no mistake, and leaves the time to the browser.
func TestMaxAge(t *testing.T) {
	for age, want := range map[time.Duration][]string{
		0: nil, 999 * time.Millisecond: nil, time.Second: {"1"}, 90*time.Second - time.Nanosecond: {"89"},
	} {
		s := serve(t, func(c *cors.Config) { exampleCom(c); c.MaxAge = age })
		assert.Equal(t, want, s.preflight(example, "GET /").Header["Access-Control-Max-Age"], age)
	}
}

// TestExposedHeadersAreSorted: in whatever order they were named, once each,
// and only in responses to calls.
func TestExposedHeadersAreSorted(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		exampleCom(c)
		c.ExposeHeader("X-Total", "Link", "pragma", "ETag")
		c.ExposeHeader("Age", "link")
	})
	assert.Equal(t, []string{"Age, ETag, Link, X-Total"}, s.from(example, "GET /").Header["Access-Control-Expose-Headers"])
	assert.Empty(t, s.preflight(example, "GET /").Header["Access-Control-Expose-Headers"])
}

// TestHeadersThatPagesMayAlwaysReadAreNotExposed: the header is not there
// rather than empty.
func TestHeadersThatPagesMayAlwaysReadAreNotExposed(t *testing.T) {
	for name, configure := range map[string]func(*cors.Config){
		"none is named": exampleCom,
		"only such ones": func(c *cors.Config) {
			exampleCom(c)
			c.ExposeHeader("Cache-Control", "Content-Language", "content-type", "Expires", "Last-Modified", "Pragma")
		},
	} {
		s := serve(t, configure)
		assert.NotContains(t, s.from(example, "GET /").Header, "Access-Control-Expose-Headers", name)
	}
}

// TestNilConfigurationOfAHost: Start returns it, also where the host says
// everything.
func TestNilConfigurationOfAHost(t *testing.T) {
	for _, host := range []string{"example.com", "*"} {
		err := app.New(module(func(c *cors.Config) { c.AllowHost(host, nil) }, root)).Start(t.Context())
		require.ErrorContains(t, err, "cors/host_test.go:")
		assert.ErrorContains(t, err, "install CORS: host \""+host+"\": the configuration function is nil")
	}
}

// What Ktor accepts as an origin and is none, or would match where it must not.
func TestOriginsThatAreNone(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AllowHost("*.example.com")
		c.AllowOrigins(func(string) bool { return true })
	})
	for _, origin := range []string{
		"http://evil.com/.example.com", "http://user@www.example.com", "http://evil.com\\.example.com", "http://", "http:///",
		"http://www.example.com:", "http://www.example.com:80a", "http://www.example.com?", "http://www.example.com//",
		"http://%77ww.example.com", "://www.example.com", "http://*.example.com", "http://[]", "http://[::1]x", "http://[g::]",
		"http://[::1", "http://]", "1http://www.example.com", "ht_tp://www.example.com", "http://www.example.com/x",
	} {
		s.ignores(s.from(origin, "GET /"))
	}
	response := s.send("GET /", "Origin", "http://a.example.com", "Origin", "http://b.example.com")
	s.ignores(response)
}

func TestHosts(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AllowHost("Example.COM", func(h *cors.Host) { h.Schemes = []string{"HTTPS", "capacitor"} })
		c.AllowHost("*.wild.com:8080")
		c.AllowHost("[2001:DB8::1]")
	})
	for _, origin := range []string{
		"https://example.com", "HTTPS://EXAMPLE.com:443", "capacitor://example.com", "http://a.wild.com:8080",
		"https://a.b.wild.com:8080", "http://az-09_~.wild.com:8080", "http://[2001:db8::1]", "http://[2001:db8::1]:80",
	} {
		s.allows(s.from(origin, "GET /"), origin, "OK")
	}
	for _, origin := range []string{
		"http://example.com", "https://example.com:80", "http://wild.com:8080", "http://a.wild.com", "http://.wild.com:8080",
		"http://awild.com:8080", "ftp://a.wild.com:8080", "null", "http://[2001:db8::2]",
	} {
		s.refuses(s.from(origin, "GET /"))
	}
}

func TestAnyHostBySpelling(t *testing.T) {
	s := serve(t, func(c *cors.Config) { c.AllowHost("*") })
	s.allows(s.from("gopher://anywhere", "GET /"), "*", "OK")
}

// Installed as it is, the plugin keeps everybody else out.
func TestDefaults(t *testing.T) {
	s := serve(t, func(*cors.Config) {})
	s.refuses(s.from(example, "GET /"))
	s.refuses(s.preflight(example, "GET /"))
	s.refuses(s.from("null", "GET /"))
	s.ignores(s.send("GET /"))
	s.ignores(s.from("http://localhost", "GET /"))
	response := s.preflight("http://localhost:80", "GET /")
	s.allows(response, "http://localhost:80", "")
	assert.Equal(t, "86400", response.Header.Get("Access-Control-Max-Age"))
	assert.Empty(t, response.Header["Access-Control-Allow-Headers"])
	assert.Empty(t, response.Header["Access-Control-Allow-Credentials"])
	assert.Empty(t, response.Header["Access-Control-Expose-Headers"])
}

func TestOwnOriginBehindTLS(t *testing.T) {
	a := app.New(module(func(*cors.Config) {}, root))
	require.NoError(t, a.Start(t.Context()))
	for name, test := range map[string]struct {
		change func(*http.Request)
		origin string
		status int
	}{
		"plain":                  {func(*http.Request) {}, "http://example.com", 200},
		"plain, other scheme":    {func(*http.Request) {}, "https://example.com", 403},
		"TLS":                    {func(r *http.Request) { r.TLS = &tls.ConnectionState{} }, "https://example.com", 200},
		"TLS, other scheme":      {func(r *http.Request) { r.TLS = &tls.ConnectionState{} }, "http://example.com", 403},
		"forwarded":              {func(r *http.Request) { r.URL.Scheme = "https" }, "https://example.com:443", 200},
		"port":                   {func(r *http.Request) { r.Host = "example.com:8080" }, "http://example.com:8080", 200},
		"other port":             {func(r *http.Request) { r.Host = "example.com:8080" }, "http://example.com", 403},
		"host that cannot be":    {func(r *http.Request) { r.Host = "exa mple.com" }, "http://example.com", 403},
		"origin that is opaque":  {func(*http.Request) {}, "null", 403},
		"case":                   {func(r *http.Request) { r.Host = "EXAMPLE.com" }, "http://example.com", 200},
		"sub-domain of the host": {func(*http.Request) {}, "http://www.example.com", 403},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: "/"}
		r.Host = "example.com"
		r.Header.Set("Origin", test.origin)
		test.change(r)
		recorder := httptest.NewRecorder()
		a.ServeHTTP(recorder, r)
		assert.Equal(t, test.status, recorder.Code, name)
	}
	require.NoError(t, a.Stop(t.Context()))
}

// A method is allowed by its name; OPTIONS that asks for nothing is a call like
// any other.
func TestMethods(t *testing.T) {
	everything := func(r *routing.Route) { r.Handle("/", ok) }
	some := tester{t, apptest.Start(t, module(exampleCom, everything))}
	most := tester{t, apptest.Start(t, module(func(c *cors.Config) {
		exampleCom(c)
		c.AnyMethod()
		c.AllowMethod("QUERY")
	}, everything))}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"} {
		allowed := method == "GET" || method == "POST"
		if response := some.from(example, method+" /"); allowed {
			some.allows(response, example, "OK")
		} else {
			some.refuses(response)
		}
		most.allows(most.from(example, method+" /"), example, "OK")
		response := most.preflight(example, method+" /")
		most.allows(response, example, "")
		assert.Equal(t, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY", response.Header.Get("Access-Control-Allow-Methods"))
	}
	most.refuses(most.from(example, "TRACE /"))
	// Browsers send a method as it was written, and methods are case-sensitive.
	most.refuses(most.preflight(example, "patch /"))
	assert.Equal(t, 200, some.from(example, "HEAD /").StatusCode)
	// Only OPTIONS is a preflight.
	some.allows(some.from(example, "GET /", "Access-Control-Request-Method", "GET"), example, "OK")
}

func TestContentTypes(t *testing.T) {
	for value, want := range map[string][2]int{ // without and with all types
		"":                                      {200, 200},
		"text/plain":                            {200, 200},
		"TEXT/Plain; charset=UTF-8":             {200, 200},
		"multipart/form-data; boundary=x":       {200, 200},
		"application/x-www-form-urlencoded":     {200, 200},
		"application/json":                      {403, 200},
		"text/plain, application/json":          {403, 200},
		"text/plain; charset":                   {403, 200},
		"/":                                     {403, 200},
		"text/plainly":                          {403, 200},
		"application/x-www-form-urlencoded-too": {403, 200},
	} {
		for i, configure := range []func(*cors.Config){
			exampleCom,
			func(c *cors.Config) { exampleCom(c); c.AllowHeader("content-type") },
		} {
			s := serve(t, configure)
			headers := []string{"Content-Type", value}
			if value == "" {
				headers = nil
			}
			assert.Equal(t, want[i], s.from(example, "POST /", headers...).StatusCode, value)
		}
	}
}

func TestHeaders(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		exampleCom(c)
		c.AllowHeader("Authorization", "AUTHORIZATION", "Accept-Language", "X-B")
		c.AllowXHTTPMethodOverride()
		c.AllowHeaders(func(name string) bool { return strings.HasPrefix(name, "x-") })
		c.ExposeHeader("X-Total", "Content-Type", "x-total")
		c.MaxAge = 999 * time.Millisecond
	})
	response := s.preflight(example, "GET /", "authorization, x-any, X-Any", " ACCEPT-language ,,x-b,x-any")
	s.allows(response, example, "")
	assert.Equal(t, []string{"Authorization, X-B, X-Http-Method-Override, accept-language, x-any"},
		response.Header["Access-Control-Allow-Headers"])
	assert.Empty(t, response.Header["Access-Control-Max-Age"], "less than a second is no time")
	s.refuses(s.preflight(example, "GET /", "authorization, y-other"))
	s.refuses(s.preflight(example, "GET /", "x-not a name"))
	assert.Equal(t, []string{"X-Total"}, s.from(example, "GET /").Header["Access-Control-Expose-Headers"])
}

// Whoever may read a response may read it when it is an error, and whoever may
// not reads nothing. Each response tells caches what it depends on.
func TestErrorsAndVary(t *testing.T) {
	s := tester{t, apptest.Start(t, func(a *app.Application) {
		a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				c.Header().Set("Vary", "Accept")
				return next(c)
			}
		})
		module(func(c *cors.Config) { exampleCom(c); c.AllowCredentials = true }, func(r *routing.Route) {
			r.Get("/fail", func(*app.Call) error { return errors.New("broken") })
			r.Get("/", ok)
		})(a)
	})}
	for path, status := range map[string]int{"/fail": 500, "/missing": 404, "/": 200} {
		response := s.from(example, "GET "+path)
		assert.Equal(t, status, response.StatusCode)
		assert.Equal(t, []string{example}, response.Header["Access-Control-Allow-Origin"])
		assert.Equal(t, []string{"true"}, response.Header["Access-Control-Allow-Credentials"])
		for _, response := range []*http.Response{response, s.send("GET " + path), s.from("https://evil.com", "GET "+path)} {
			assert.Equal(t, []string{"Accept, Origin"}, response.Header["Vary"])
		}
	}
}

func TestVaryIsNotRepeated(t *testing.T) {
	for before, want := range map[string][]string{"": {"Origin"}, "origin": {"origin"}, "*": {"*"}, "Accept,  ORIGIN": {"Accept,  ORIGIN"}} {
		s := tester{t, apptest.Start(t, func(a *app.Application) {
			a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					if before != "" {
						c.Header().Set("Vary", before)
					}
					return next(c)
				}
			})
			module(exampleCom, root)(a)
		})}
		assert.Equal(t, want, s.from(example, "GET /").Header["Vary"])
	}
}

// An answer that names every origin is good for all. One without it, kept by a
// cache, would keep pages of other origins out.
func TestVaryOfAnyHost(t *testing.T) {
	s := serve(t, anyHost)
	assert.Empty(t, s.from(example, "GET /").Header["Vary"])
	assert.Empty(t, s.preflight(example, "GET /").Header["Vary"])
	for name, response := range map[string]*http.Response{
		"no origin":          s.send("GET /"),
		"none that is one":   s.from("example.com", "GET /"),
		"the same origin":    s.from("http://localhost", "GET /"),
		"refused":            s.from(example, "PUT /"),
		"refused beforehand": s.preflight(example, "PUT /"),
	} {
		assert.Empty(t, response.Header["Access-Control-Allow-Origin"], name)
		assert.Equal(t, []string{"Origin"}, response.Header["Vary"], name)
	}
}

// Installed first, the plugin handles preflights before a middleware refuses
// them because they have no credentials, and lets the page read a refusal.
func TestBeforeAuthentication(t *testing.T) {
	s := tester{t, apptest.Start(t, module(func(c *cors.Config) { exampleCom(c); c.AllowHeader("Authorization") },
		func(r *routing.Route) {
			r.Use(middleware.BasicAuth("realm", map[string]string{"user": "password"}))
			r.Get("/", ok)
		}))}
	s.allows(s.preflight(example, "GET /", "authorization"), example, "")
	response := s.from(example, "GET /")
	assert.Equal(t, 401, response.StatusCode)
	assert.Equal(t, []string{example}, response.Header["Access-Control-Allow-Origin"])
}

// Behind three middlewares of chi, with compression installed before or after,
// over both protocols, on the application and on a route: the same.
func TestAnywhere(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		for _, order := range [][]string{{"use", "cors", "compression"}, {"compression", "use", "cors"}, {"cors", "compression", "use"}} {
			for _, onRoute := range []bool{false, true} {
				s := tester{t, apptest.Start(t, func(a *app.Application) {
					routing.Routes(a, func(r *routing.Route) {
						r.Route("/api", func(r *routing.Route) {
							scope := app.Scope(a)
							if onRoute {
								scope = r
							}
							for _, name := range order {
								switch name {
								case "use":
									scope.Use(middleware.RequestID, middleware.Recoverer, middleware.Timeout(time.Minute))
								case "cors":
									scope.Install(cors.Plugin.With(exampleCom))
								case "compression":
									scope.Install(compression.Plugin)
								}
							}
							r.Get("/text", func(c *app.Call) error { return c.RespondText(strings.Repeat("OK ", 1000)) })
							r.Mount("/mounted", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("OK")) }))
						})
					})
				}, mode)}
				for _, path := range []string{"/api/text", "/api/mounted/x"} {
					s.allows(s.preflight(example, "GET "+path), example, "")
					s.refuses(s.preflight("https://evil.com", "GET "+path))
					s.refuses(s.from("https://evil.com", "GET "+path))
					response := s.from(example, "GET "+path, "Accept-Encoding", "gzip")
					assert.Equal(t, []string{example}, response.Header["Access-Control-Allow-Origin"])
					assert.Equal(t, path == "/api/text", response.Header.Get("Content-Encoding") == "gzip")
					vary := strings.Split(strings.Join(response.Header["Vary"], ", "), ", ")
					assert.True(t, slices.Contains(vary, "Origin"), vary)
				}
			}
		}
	})
}

// An EventSource of another origin reads its events as they come.
func TestEventStream(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			s := tester{t, apptest.Start(t, func(a *app.Application) {
				a.Install(sse.Plugin)
				module(exampleCom, func(r *routing.Route) {
					r.SSE("/events", func(s *sse.Session) error {
						for _, text := range []string{"one", "two"} {
							if err := s.SendText(text); err != nil {
								return err
							}
							if err := s.Delay(time.Hour); err != nil {
								return err
							}
						}
						return nil
					})
				})(a)
			}, mode)}
			began := time.Now()
			response := s.from(example, "GET /events")
			assert.Equal(t, []string{example}, response.Header["Access-Control-Allow-Origin"])
			var seen []string
			for event := range ssetest.Events(t, response.Body) {
				assert.Equal(t, time.Duration(len(seen))*time.Hour, time.Since(began))
				seen = append(seen, event.Data)
			}
			assert.Equal(t, []string{"one", "two"}, seen)
			s.refuses(s.from("https://evil.com", "GET /events"))
		})
	})
}

func TestFromProperties(t *testing.T) {
	s := tester{t, apptest.Start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) {
			c.Properties = app.NewProperties(map[string]any{"cors": map[string]any{"allowCredentials": true}})
		})
		a.Install(cors.Plugin.FromProperties("cors").With(exampleCom))
		routing.Routes(a, root)
	})}
	assert.Equal(t, []string{"true"}, s.from(example, "GET /").Header["Access-Control-Allow-Credentials"])
}

// FuzzOrigin: no header makes the plugin name an origin that is not below
// example.com.
func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{
		"http://a.example.com", "https://a.example.com:443", "http://a.example.com:8080", "http://evil.com/.example.com", "null", "",
		"http://[::1]:80", "http://a@b.example.com", "HTTP://A.EXAMPLE.COM/", "http://a.example.com:", "ftp://a.example.com",
	} {
		f.Add(seed)
	}
	a := app.New(module(func(c *cors.Config) { c.AllowHost("*.example.com") }, root))
	require.NoError(f, a.Start(f.Context()))
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest(http.MethodGet, "http://own.test/", nil)
		r.Header["Origin"] = []string{text}
		recorder := httptest.NewRecorder()
		a.ServeHTTP(recorder, r)
		named := recorder.Header()["Access-Control-Allow-Origin"]
		if named == nil {
			return
		}
		require.Equal(t, []string{text}, named)
		parsed, err := url.Parse(text)
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(strings.ToLower(parsed.Hostname()), ".example.com"), text)
		require.Contains(t, []string{"http", "https"}, parsed.Scheme)
		require.Nil(t, parsed.User)
		require.Empty(t, strings.Trim(parsed.Path, "/")+parsed.RawQuery+parsed.Fragment)
	})
}
