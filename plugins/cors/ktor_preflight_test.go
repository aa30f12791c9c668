package cors_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/routing"
)

func anyHostAndRange(c *cors.Config) {
	c.AnyHost()
	c.AllowHeader("Range")
}

func TestPreFlightMultipleHeadersRegression(t *testing.T) {
	s := serve(t, anyHostAndRange)
	s.refuses(s.preflight("http://my-host", "GET /", "Accept,Content-Type"))
}

func TestPreFlight(t *testing.T) {
	s := serve(t, anyHostAndRange)
	response := s.preflight("http://my-host", "GET /")
	s.allows(response, "*", "")
	assert.Empty(t, response.Header["Vary"])
	s.refuses(s.preflight("http://my-host", "PUT /"))

	response = s.preflight("http://my-host", "GET /", "Accept")
	s.allows(response, "*", "")
	assert.Equal(t, []string{"Range", "accept"}, names(response, "Access-Control-Allow-Headers"))

	s.refuses(s.preflight("http://my-host", "GET /", "Content-Type"))
	s.refuses(s.preflight("http://my-host", "GET /", "ALPN"))

	response = s.preflight("http://my-host", "GET /", "Range")
	s.allows(response, "*", "")
	assert.Equal(t, []string{"Range"}, names(response, "Access-Control-Allow-Headers"))
}

func TestPreFlightCustomMethod(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AnyHost()
		c.AllowMethod(http.MethodDelete)
	})
	s.allows(s.preflight("http://my-host", "DELETE /"), "*", "")
	s.refuses(s.preflight("http://my-host", "PUT /"))
	s.allows(s.preflight("http://my-host", "GET /"), "*", "")
}

func TestPreFlightAllowedContentTypes(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AnyHost()
		c.AllowNonSimpleContentTypes = true
	})
	for _, headers := range [][]string{nil, {"content-type"}} {
		response := s.preflight("http://my-host", "GET /", headers...)
		s.allows(response, "*", "")
		assert.Equal(t, []string{"Content-Type"}, response.Header["Access-Control-Allow-Headers"])
	}
}

func TestPreflightCustomHost(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AllowHost("my-host")
		c.AllowNonSimpleContentTypes = true
	})
	response := s.preflight("http://my-host", "GET /")
	s.allows(response, "http://my-host", "")
	assert.Equal(t, []string{"Content-Type"}, response.Header["Access-Control-Allow-Headers"])
	assert.Equal(t, []string{"Origin"}, response.Header["Vary"])
}

func TestPreflightCustomMaxAge(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AnyHost()
		c.MaxAge = 100 * time.Second
	})
	assert.Equal(t, "100", s.preflight("http://host", "GET /").Header.Get("Access-Control-Max-Age"))
}

func TestAnyHeaderWithPrefix(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AnyHost()
		c.AllowHeadersPrefixed("custom-")
	})
	response := s.preflight("http://host", "GET /", "custom-header1, custom-header2")
	s.allows(response, "*", "")
	assert.Equal(t, "custom-header1, custom-header2", response.Header.Get("Access-Control-Allow-Headers"))
}

func TestAnyHeaderWithPrefixRequestIgnoresCase(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AnyHost()
		c.AllowHeadersPrefixed("Custom1-")
		c.AllowHeadersPrefixed("custom2-")
	})
	s.allows(s.preflight("http://host", "POST /", "custom1-header"), "*", "")
	s.allows(s.preflight("http://host", "POST /", "Custom2-header"), "*", "")
}

func TestAnyHeaderWithPrefixMergesHeadersWithConfiguration(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		anyHostAndRange(c)
		c.AllowHeadersPrefixed("custom-")
	})
	response := s.preflight("http://host", "GET /", "custom-header1, custom-header2")
	s.allows(response, "*", "")
	assert.Equal(t, "Range, custom-header1, custom-header2", response.Header.Get("Access-Control-Allow-Headers"))
}

func TestAnyHeaderWithPrefixWithNoControlRequestHeaders(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		anyHostAndRange(c)
		c.AllowHeadersPrefixed("custom-")
	})
	response := s.preflight("http://host", "GET /")
	s.allows(response, "*", "")
	assert.Equal(t, "Range", response.Header.Get("Access-Control-Allow-Headers"))
}

func TestAnyHeaderWithPrefixRequestIsRejectedWhenHeaderDoesNotMatchPrefix(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AnyHost()
		c.AllowHeadersPrefixed("custom-")
	})
	s.refuses(s.preflight("http://host", "GET /", "x-header1"))
}

func TestAnyHeaderSupportsMultipleHeaderPrefixes(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AnyHost()
		c.AllowHeadersPrefixed("custom1-")
		c.AllowHeadersPrefixed("custom2-")
	})
	response := s.preflight("http://host", "GET /", "custom1-header, custom2-header")
	s.allows(response, "*", "")
	assert.Equal(t, "custom1-header, custom2-header", response.Header.Get("Access-Control-Allow-Headers"))
}

func TestAnyHeaderCanSpecifyACustomPredicate(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AnyHost()
		c.AllowHeaders(func(name string) bool { return strings.HasPrefix(name, "custom-matcher") })
	})
	response := s.preflight("http://host", "GET /", "custom-matcher-header")
	s.allows(response, "*", "")
	assert.Equal(t, "custom-matcher-header", response.Header.Get("Access-Control-Allow-Headers"))
}

func TestEmptyAccessControlRequestHeaders(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AllowMethod(http.MethodOptions)
		c.AllowHeader("X-Forwarded-Proto")
		c.AllowHost("host")
		c.AllowSameOrigin = false
		c.AllowCredentials = true
		c.AllowNonSimpleContentTypes = true
	})
	response := s.preflight("http://host", "POST /", "")
	s.allows(response, "http://host", "")
	assert.Equal(t, "Content-Type, X-Forwarded-Proto", response.Header.Get("Access-Control-Allow-Headers"))
}

// allowsExample checks that a preflight was answered for https://example.com.
func (s tester) allowsExample(response *http.Response) {
	s.t.Helper()
	s.allows(response, "https://example.com", "")
	assert.Equal(s.t, []string{"Origin"}, response.Header["Vary"])
}

func TestSimpleRequestSubrouteInstall(t *testing.T) {
	s := serveRoutes(t, func(r *routing.Route) {
		r.Route("/1", func(r *routing.Route) {
			r.Install(cors.Plugin.With(myHost))
			r.Get("", ok)
		})
		r.Get("/2", ok)
	})
	s.allows(s.preflight("http://my-host", "GET /1"), "http://my-host", "")
	s.allows(s.from("http://my-host", "GET /1"), "http://my-host", "OK")
	s.refuses(s.from("http://other-host", "GET /1"))
	s.ignores(s.from("http://my-host", "GET /2"))
	s.ignores(s.from("http://other-host", "GET /2"))
}

func TestPreflightRoutingCorsAfter(t *testing.T) {
	s := serveRoutes(t, func(r *routing.Route) {
		r.Get("/test", ok)
		r.Install(cors.Plugin.With(exampleCom))
	})
	s.allowsExample(s.preflight("https://example.com", "GET /test"))
}

func TestPreflightRoutingNested(t *testing.T) {
	s := serveRoutes(t, func(r *routing.Route) {
		r.Install(cors.Plugin.With(exampleCom))
		r.Route("/sub", func(r *routing.Route) {
			r.Install(cors.Plugin.With(func(c *cors.Config) { c.AllowHost("another.com") }))
			r.Get("", ok)
		})
		r.Get("", ok)
	})
	response := s.preflight("https://another.com", "GET /sub")
	s.allows(response, "https://another.com", "")
	assert.Equal(t, []string{"Origin"}, response.Header["Vary"])
	s.refuses(s.preflight("https://example.com", "GET /sub"))
	s.allowsExample(s.preflight("https://example.com", "GET /"))
	s.refuses(s.preflight("https://another.com", "GET /"))
}

func TestPreflightNoRouting(t *testing.T) {
	s := tester{t, apptest.Start(t, func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				if !c.Answered() && c.Request.Method == http.MethodGet {
					return c.RespondText("OK")
				}
				return next(c)
			}
		})
		a.Install(cors.Plugin.With(exampleCom))
	})}
	s.allowsExample(s.preflight("https://example.com", "GET /"))
	response := s.from("https://example.com", "GET /")
	s.allows(response, "https://example.com", "OK")
	assert.Equal(t, []string{"Origin"}, response.Header["Vary"])
}

// options responds to OPTIONS by itself.
func options(r *routing.Route) {
	r.Options("", func(c *app.Call) error { return c.RespondText("OPTIONS") })
}

func TestPreflightHasOptionsRoute(t *testing.T) {
	s := tester{t, apptest.Start(t, module(exampleCom, func(r *routing.Route) {
		r.Route("/test", func(r *routing.Route) {
			r.Get("", ok)
			options(r)
		})
	}))}
	s.allowsExample(s.preflight("https://example.com", "GET /test"))
}

func TestPreflightRoutingHasOptionsRouteAfter(t *testing.T) {
	s := serveRoutes(t, func(r *routing.Route) {
		r.Route("/test", func(r *routing.Route) {
			r.Install(cors.Plugin.With(exampleCom))
			r.Get("", ok)
			options(r)
		})
	})
	s.allowsExample(s.preflight("https://example.com", "GET /test"))
}

func TestPreflightRoutingHasOptionsRouteBefore(t *testing.T) {
	s := serveRoutes(t, func(r *routing.Route) {
		r.Route("/test", func(r *routing.Route) {
			options(r)
			r.Install(cors.Plugin.With(exampleCom))
			r.Get("", ok)
		})
	})
	s.allowsExample(s.preflight("https://example.com", "GET /test"))
}

func TestPreflightAllowedMethodsConfinedToRoutes(t *testing.T) {
	s := serveRoutes(t, func(r *routing.Route) {
		for path, method := range map[string]string{"/test": http.MethodPut, "/other": http.MethodPatch} {
			r.Route(path, func(r *routing.Route) {
				r.Install(cors.Plugin.With(func(c *cors.Config) {
					c.AllowHost("example.com")
					c.AllowMethod(method)
				}))
			})
		}
	})
	s.allowsExample(s.preflight("https://example.com", "PUT /test"))
	s.refuses(s.preflight("https://example.com", "PATCH /test"))
	s.allowsExample(s.preflight("https://example.com", "PATCH /other"))
	s.refuses(s.preflight("https://example.com", "PUT /other"))
}

func TestPreflightPluginInParentHandlesChildRoutes(t *testing.T) {
	s := serveRoutes(t, func(r *routing.Route) {
		r.Route("/outer", func(r *routing.Route) {
			r.Install(cors.Plugin.With(anyHost))
			r.Route("/inner1", func(r *routing.Route) {
				r.Route("/inner2", func(r *routing.Route) { r.Get("", ok) })
			})
		})
	})
	s.allows(s.preflight("https://example.com", "GET /outer/inner1/inner2"), "*", "")
}

func TestPreflightNoEffectWithoutOriginHeader(t *testing.T) {
	s := serveRoutes(t, func(r *routing.Route) { r.Install(cors.Plugin.With(anyHost)) })
	response := s.send("OPTIONS /", "Access-Control-Request-Method", "GET")
	assert.Equal(t, http.StatusNotFound, response.StatusCode)
	assert.Empty(t, response.Header["Access-Control-Allow-Origin"])
}

func TestDefaultMethodsIncludedInAllowMethodsHeader(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AllowMethod(http.MethodPost)
		c.AnyHost()
	})
	response := s.preflight("https://example.com", "POST /")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "GET, HEAD, POST", response.Header.Get("Access-Control-Allow-Methods"))
}
