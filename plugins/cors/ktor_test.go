package cors_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cors"
)

// The tests of this file and of ktor_preflight_test.go are those of Ktor's
// CORSTest, under their names.

func TestNoOriginHeader(t *testing.T) {
	s := serve(t, anyHost)
	s.ignores(s.send("GET /"))
}

func TestWrongOriginHeader(t *testing.T) {
	s := serve(t, anyHost)
	s.ignores(s.from("invalid-host", "GET /"))
}

func TestWrongOriginHeaderIsEmpty(t *testing.T) {
	s := serve(t, anyHost)
	s.ignores(s.from("", "GET /"))
}

func TestSimpleRequest(t *testing.T) {
	s := serve(t, myHost)
	s.allows(s.from("http://my-host", "GET /"), "http://my-host", "OK")
	s.refuses(s.from("http://other-host", "GET /"))
}

func TestSimpleRequestPort1(t *testing.T) {
	s := serve(t, myHost)
	response := s.from("http://my-host:80", "GET /")
	s.allows(response, "http://my-host:80", "OK")
	assert.Equal(t, []string{"Origin"}, response.Header["Vary"])
	s.refuses(s.from("http://my-host:90", "GET /"))
}

func TestSimpleRequestPort2(t *testing.T) {
	s := serve(t, func(c *cors.Config) { c.AllowHost("my-host:80") })
	s.allows(s.from("http://my-host", "GET /"), "http://my-host", "OK")
	s.allows(s.from("http://my-host:80", "GET /"), "http://my-host:80", "OK")
}

func TestSimpleRequestExposed(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AllowHost("my-host")
		c.ExposeHeader("ETag")
		c.ExposeHeader("Vary")
	})
	response := s.from("http://my-host", "GET /")
	s.allows(response, "http://my-host", "OK")
	assert.Equal(t, []string{"ETag, Vary"}, response.Header["Access-Control-Expose-Headers"])
}

func TestSimpleRequestHttps(t *testing.T) {
	s := serve(t, myHost)
	s.allows(s.from("http://my-host", "GET /"), "http://my-host", "OK")
	s.allows(s.from("https://my-host", "GET /"), "https://my-host", "OK")
	s.refuses(s.from("http://other-host", "GET /"))
}

func TestSimpleRequestSubDomains(t *testing.T) {
	s := serve(t, func(c *cors.Config) { c.AllowHost("my-host", func(h *cors.Host) { h.SubDomains = []string{"www"} }) })
	s.allows(s.from("http://my-host", "GET /"), "http://my-host", "OK")
	s.allows(s.from("http://www.my-host", "GET /"), "http://www.my-host", "OK")
	s.refuses(s.from("http://other.my-host", "GET /"))
}

func TestSimpleStar(t *testing.T) {
	s := serve(t, anyHost)
	response := s.from("http://my-host", "GET /")
	s.allows(response, "*", "OK")
	assert.Empty(t, response.Header["Vary"])
}

func anyHostWithCredentials(c *cors.Config) {
	c.AnyHost()
	c.AllowCredentials = true
}

func TestSimpleNullAllowCredentials(t *testing.T) {
	s := serve(t, anyHostWithCredentials)
	s.allows(s.from("null", "GET /"), "null", "OK")
}

func TestSimpleNull(t *testing.T) {
	s := serve(t, anyHost)
	s.allows(s.from("null", "GET /"), "*", "OK")
}

func TestSimpleStarCredentials(t *testing.T) {
	s := serve(t, anyHostWithCredentials)
	response := s.from("http://my-host", "GET /")
	s.allows(response, "http://my-host", "OK")
	assert.Equal(t, []string{"true"}, response.Header["Access-Control-Allow-Credentials"])
	assert.Equal(t, []string{"Origin"}, response.Header["Vary"])
}

func TestSameOriginEnabled(t *testing.T) {
	s := serve(t, func(*cors.Config) {})
	s.ignores(s.from("http://localhost", "GET /"))
	response := s.from("http://localhost", "DELETE /") // is not allowed to others
	assert.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
	s.refuses(s.from("http://localhost:8080", "GET /"))
	s.allows(s.preflight("http://localhost", "GET /"), "http://localhost", "")
	assert.Equal(t, http.StatusMethodNotAllowed, s.from("http://localhost", "OPTIONS /").StatusCode, "it is no preflight")
}

func TestSameOriginDisabled(t *testing.T) {
	s := serve(t, func(c *cors.Config) { c.AllowSameOrigin = false })
	s.refuses(s.from("http://localhost", "GET /"))
	s.refuses(s.from("http://localhost:8080", "GET /"))
}

func TestMultipleDomainsOriginNotSupported(t *testing.T) {
	s := serve(t, anyHost)
	s.ignores(s.from("http://host1 http://host2", "GET /"))
}

func TestNonSimpleContentTypeNotAllowedByDefault(t *testing.T) {
	s := serve(t, anyHost)
	s.refuses(s.from("http://my-host", "POST /", "Content-Type", "application/json"))
	s.allows(s.from("http://my-host", "POST /", "Content-Type", "text/plain"), "*", "OK")
	s.allows(s.from("http://my-host", "POST /", "Content-Type", "text/plain;charset=utf-8"), "*", "OK")
}

func TestCorsValidationWithTrailingSlashOrigin(t *testing.T) {
	s := serve(t, func(*cors.Config) {})
	s.refuses(s.from("http://localhost:3000/", "GET /"))
	s.refuses(s.from("http://localhost:3000", "GET /"))
}

func TestIpv6LiteralOriginIsAccepted(t *testing.T) {
	s := serve(t, anyHost)
	s.allows(s.from("http://[::1]:22222", "GET /"), "*", "OK")
	s.allows(s.from("http://[2001:db8::1]:8080", "GET /"), "*", "OK")
	s.allows(s.from("http://[::1]:22222/", "GET /"), "*", "OK")
	s.ignores(s.from("http://[::1]:notaport", "GET /"))
	s.ignores(s.from("http://[::1", "GET /"))
}

func TestOriginValidation(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AllowSameOrigin = false
		c.AnyHost()
	})
	for _, origin := range []string{"hyp-hen://host", "plus+://host", "do.t://host", "digits11://host"} {
		s.allows(s.from(origin, "GET /"), "*", "OK")
	}
	for _, origin := range []string{"a()://host", "1abc://host"} {
		s.ignores(s.from(origin, "GET /"))
	}
}

func TestOriginWithWildcard(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AllowHost("domain.com")
		c.AllowHost("*.domain.com")
	})
	for _, origin := range []string{
		"http://domain.com", "http://www.domain.com", "http://foo.bar.domain.com", "https://domain.com", "https://www.domain.com",
	} {
		s.allows(s.from(origin, "GET /"), origin, "OK")
	}
	for _, origin := range []string{"http://domain.net", "https://domain.net", "sftp://domain.com"} {
		s.refuses(s.from(origin, "GET /"))
	}
}

func TestOriginWithWildcardAndSubdomain(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AllowHost("domain.com", func(h *cors.Host) { h.SubDomains = []string{"foo", "*.bar"} })
	})
	for _, origin := range []string{
		"http://domain.com", "http://foo.domain.com", "http://foo.bar.domain.com", "http://anything.bar.domain.com",
	} {
		s.allows(s.from(origin, "GET /"), origin, "OK")
	}
	s.refuses(s.from("http://invalid.foo.domain.com", "GET /"))
}

const (
	inFront = "wildcard must appear in front of the domain, e.g. *.domain.com"
	once    = "wildcard cannot appear more than once"
)

func TestInvalidOriginWithWildcard(t *testing.T) {
	for host, want := range map[string]string{
		"domain.com*": inFront, "domain.com*.": inFront, "*.": inFront, "**": inFront, "*.*.": inFront,
		"*.*.domain.com": once, "*.foo*.domain.com": once,
	} {
		err := mistake(t, func(c *cors.Config) { c.AllowHost(host) })
		assert.ErrorContains(t, err, "install CORS: ", host)
		assert.ErrorContains(t, err, want, host)
	}
}

// Two tests of Ktor, originWithWildcardAndSubDomain and
// invalidOriginWithWildcardAndSubDomain.
func TestInvalidOriginWithWildcardAndSubDomain(t *testing.T) {
	for _, test := range []struct{ host, subDomain, want string }{
		{"domain.com", "foo*.", inFront}, {"domain.com", "*.foo*.bar", once},
		{"*.domain.com", "*.foo", once}, {"*.domain.com", "*", inFront}, {"*.domain.com", "foo", inFront},
	} {
		err := mistake(t, func(c *cors.Config) {
			c.AllowHost(test.host, func(h *cors.Host) { h.SubDomains = []string{test.subDomain} })
		})
		assert.ErrorContains(t, err, test.want, test.subDomain)
	}
}

func TestOriginPredicatesSimpleRequest(t *testing.T) {
	s := serve(t, func(c *cors.Config) {
		c.AllowOrigins(func(origin string) bool { return origin == "https://allowed-host" })
	})
	s.allows(s.from("https://allowed-host", "GET /"), "https://allowed-host", "OK")
	s.refuses(s.from("https://forbidden-host", "GET /"))
	s.refuses(s.from("http://allowed-host", "GET /"))
}

func TestOriginPredicatesRegex(t *testing.T) {
	s := serve(t, func(c *cors.Config) { c.AllowOrigins(regexp.MustCompile(`^https?://host\.(?:com|org)$`).MatchString) })
	s.allows(s.from("https://host.com", "GET /"), "https://host.com", "OK")
	s.allows(s.from("http://host.org", "GET /"), "http://host.org", "OK")
	s.refuses(s.from("https://host.net", "GET /"))
}

func TestIgnoredWhenResponseAlreadyCommitted(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				if err := c.RespondText("123"); err != nil {
					return err
				}
				return next(c)
			}
		})
		module(func(c *cors.Config) { c.AllowCredentials = true }, root)(a)
	})
	response := tester{t, host}.from("http://host.org", "GET /")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "123", apptest.Text(t, response))
}

// Ktor's maxAgeInSeconds refuses a negative number as well.
func TestMistakes(t *testing.T) {
	err := mistake(t, func(c *cors.Config) {
		c.MaxAge = -time.Second
		c.AllowHost("https://example.com")
		c.AllowHost("exa mple.com")
		c.AllowHost("")
		c.AllowHost("example.com:port")
		c.AllowHost("my-host", func(h *cors.Host) { h.Schemes = nil })
		c.AllowHeadersPrefixed("")
		c.AllowOrigins(nil)
		c.AllowHeaders(nil)
		c.AllowMethod("*", "a method")
		c.AllowHeader("*", "a header")
		c.ExposeHeader("a header too")
	})
	for _, want := range []string{
		"cors/host_test.go:", "MaxAge is negative", `host "https://example.com": the scheme belongs into Host.Schemes`,
		`host "exa mple.com" with scheme "http": that is not an origin`, `host "" with`, `host "example.com:port" with`,
		"allow origins: the predicate is nil", "allow headers: the predicate is nil", "method *: use AnyMethod",
		`method "a method": that is not a method`, "header *: use AllowHeaders", `header "a header": that is not`,
		`exposed header "a header too": that is not`, `host "my-host": Host.Schemes is empty`, `header prefix "": it would allow`,
	} {
		assert.ErrorContains(t, err, want)
	}
}
