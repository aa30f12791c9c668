package cors

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Config says what an installation of [Plugin] allows. By default no other
// origin may do anything. It is read when the plugin is installed; later
// changes have no effect. A mistake in it is returned by Start, with the line
// of the installation.
// Ktor: CORSConfig.
type Config struct {
	// AllowCredentials lets pages send cookies and other credentials along. Off
	// by default.
	AllowCredentials bool
	// AllowSameOrigin lets calls pass whose origin is the application's own, by
	// their Host header. On by default.
	AllowSameOrigin bool
	// AllowNonSimpleContentTypes allows content types other than text/plain,
	// application/x-www-form-urlencoded and multipart/form-data. Off by
	// default; AllowHeader("Content-Type") turns it on.
	AllowNonSimpleContentTypes bool
	// MaxAge is how long a browser may remember the answer to a preflight, in
	// whole seconds. A day by default; 0 leaves it to the browser. Ktor's
	// maxAgeInSeconds.
	MaxAge time.Duration

	anyHost          bool
	origins          []pattern
	originPredicates []func(origin string) bool
	methods          []string
	headers          []string
	headerPredicates []func(name string) bool
	exposed          []string
	mistakes         []error
}

// Host says which origins [Config.AllowHost] allows.
type Host struct {
	// Schemes are the schemes of the origins. Http and https by default.
	Schemes []string
	// SubDomains are domains below the host that are allowed as well: "www", or
	// "*.eu" for all below eu. None by default.
	SubDomains []string
}

func defaultConfig() Config { return Config{AllowSameOrigin: true, MaxAge: 24 * time.Hour} }

// AnyHost allows every origin.
// Ktor: anyHost.
func (c *Config) AnyHost() { c.anyHost = true }

// AllowHost allows the origins of a host, given as in a Host header:
// "example.com", "localhost:8080", "[::1]:8080". Without a port it is the one
// of the scheme. "*.example.com" stands for all domains below example.com, "*"
// for any host.
// Ktor: allowHost.
func (c *Config) AllowHost(host string, configure ...func(*Host)) {
	if host == "*" {
		c.AnyHost()
		return
	}
	settings := Host{Schemes: []string{"http", "https"}}
	for _, apply := range configure {
		if apply != nil {
			apply(&settings)
		}
	}
	if strings.Contains(host, "://") {
		c.mistake(fmt.Errorf("host %q: the scheme belongs into Host.Schemes", host))
		return
	}
	for _, scheme := range settings.Schemes {
		c.allow(scheme, host)
	}
	for _, subDomain := range settings.SubDomains {
		if err := checkWildcard(subDomain); err != nil {
			c.mistake(fmt.Errorf("host %q: sub-domain %q: %w", host, subDomain, err))
			continue
		}
		for _, scheme := range settings.Schemes {
			c.allow(scheme, subDomain+"."+host)
		}
	}
}

func (c *Config) allow(scheme, host string) {
	if err := checkWildcard(host); err != nil {
		c.mistake(fmt.Errorf("host %q: %w", host, err))
		return
	}
	bare, wildcard := strings.CutPrefix(host, "*.")
	origin, ok := parseOrigin(scheme + "://" + bare)
	if !ok {
		c.mistake(fmt.Errorf("host %q with scheme %q: that is not an origin", host, scheme))
		return
	}
	c.origins = append(c.origins, pattern{origin, wildcard})
}

// AllowOrigins allows the origins for which predicate returns true. It is given
// the origin as the browser sends it: "https://example.com", or "null" for
// pages without one. It may be called from any goroutine.
// Ktor: allowOrigins.
func (c *Config) AllowOrigins(predicate func(origin string) bool) {
	if predicate == nil {
		c.mistake(errors.New("allow origins: the predicate is nil"))
		return
	}
	c.originPredicates = append(c.originPredicates, predicate)
}

// AllowMethod allows methods beside GET, POST and HEAD, which always are.
// Ktor: allowMethod.
func (c *Config) AllowMethod(methods ...string) {
	for _, method := range methods {
		switch {
		case method == "*":
			c.mistake(errors.New("method *: use AnyMethod"))
		case !isToken(method):
			c.mistake(fmt.Errorf("method %q: that is not a method", method))
		default:
			c.methods = append(c.methods, method)
		}
	}
}

// AnyMethod allows PUT, PATCH, DELETE and OPTIONS.
// Ktor: anyMethod.
func (c *Config) AnyMethod() {
	c.AllowMethod(http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions)
}

// AllowHeader allows headers of requests beside Accept, Accept-Language and
// Content-Language, which always are.
// Ktor: allowHeader.
func (c *Config) AllowHeader(names ...string) {
	for _, name := range names {
		switch {
		case name == "*":
			c.mistake(errors.New("header *: use AllowHeaders"))
		case !isToken(name):
			c.mistake(fmt.Errorf("header %q: that is not the name of a header", name))
		case strings.EqualFold(name, "Content-Type"):
			c.AllowNonSimpleContentTypes = true
		default:
			c.headers = append(c.headers, name)
		}
	}
}

// AllowHeaders allows the headers of requests for which predicate returns true.
// It is given the name in lower case, and may be called from any goroutine.
// Ktor: allowHeaders.
func (c *Config) AllowHeaders(predicate func(name string) bool) {
	if predicate == nil {
		c.mistake(errors.New("allow headers: the predicate is nil"))
		return
	}
	c.headerPredicates = append(c.headerPredicates, predicate)
}

// AllowHeadersPrefixed allows the headers of requests whose name begins with
// prefix, in any case.
// Ktor: allowHeadersPrefixed.
func (c *Config) AllowHeadersPrefixed(prefix string) {
	prefix = strings.ToLower(prefix)
	c.AllowHeaders(func(name string) bool { return strings.HasPrefix(name, prefix) })
}

// AllowXHTTPMethodOverride allows the header X-Http-Method-Override.
// Ktor: allowXHttpMethodOverride.
func (c *Config) AllowXHTTPMethodOverride() { c.AllowHeader("X-Http-Method-Override") }

// ExposeHeader lets pages read headers of answers beside those that they always
// may.
// Ktor: exposeHeader.
func (c *Config) ExposeHeader(names ...string) {
	for _, name := range names {
		if !isToken(name) {
			c.mistake(fmt.Errorf("exposed header %q: that is not the name of a header", name))
			continue
		}
		c.exposed = append(c.exposed, name)
	}
}

func (c *Config) mistake(err error) { c.mistakes = append(c.mistakes, err) }

// isToken reports whether text is a token (RFC 9110 section 5.6.2): a method or
// the name of a header.
func isToken(text string) bool {
	for _, r := range text {
		if !isAlphanumeric(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return text != ""
}
