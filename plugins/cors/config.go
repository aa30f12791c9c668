package cors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says what an installation of [Plugin] allows. By default pages of
// other origins may do nothing. It is read when the plugin is installed; later
// changes have no effect. Start returns the mistakes in it, with the line of
// the installation.
//
// Ktor: CORSConfig.
type Config struct {
	// AllowCredentials lets pages send cookies and other credentials. False by
	// default. Pages whose Origin is "null" get it only where a function given
	// to AllowOrigins returns true for "null".
	//
	// Ktor: allowCredentials.
	AllowCredentials bool
	// AllowSameOrigin lets calls pass whose origin is the application's own, by
	// their Host header. True by default.
	//
	// Ktor: allowSameOrigin.
	AllowSameOrigin bool
	// AllowNonSimpleContentTypes allows content types other than text/plain,
	// application/x-www-form-urlencoded and multipart/form-data. False by
	// default; AllowHeader("Content-Type") sets it.
	//
	// Ktor: allowNonSimpleContentTypes.
	AllowNonSimpleContentTypes bool
	// MaxAge is how long a browser may remember the response to a preflight, in
	// whole seconds. A day by default; 0, or less than a second, sends no
	// Access-Control-Max-Age, so that the browser decides. Negative is a
	// mistake.
	//
	// Ktor: maxAgeInSeconds.
	MaxAge time.Duration

	origins          allowedOrigins
	anySite          app.Site // the line that called AnyHost
	methods          []string
	headers          []string
	headerPredicates []func(name string) bool
	exposed          []string
	mistakes         mistakes.List
}

// Host says which origins [Config.AllowHost] allows.
type Host struct {
	// Schemes are the schemes of the origins. Http and https by default; none
	// is a mistake.
	Schemes []string
	// SubDomains are domains below the host that are allowed as well: "www", or
	// "*.eu" for all below eu. None by default.
	SubDomains []string
}

func defaultConfig() Config { return Config{AllowSameOrigin: true, MaxAge: 24 * time.Hour} }

// AnyHost allows every origin. With AllowCredentials that lets every page on
// the web act as the user who looks at it: Start logs a warning with the line
// that called AnyHost, and only pages without an origin, whose Origin is
// "null", are allowed without credentials. [Config.AllowHost] names the hosts
// instead, and [Config.AllowOrigins] allows everything on purpose.
//
// Ktor: anyHost.
func (c *Config) AnyHost() { c.anyHost(app.Caller(1)) }

func (c *Config) anyHost(site app.Site) { c.origins.any, c.anySite = true, site }

// warn returns the hook that logs what AnyHost and AllowCredentials do
// together.
func (c *Config) warn(logger *slog.Logger) app.LifecycleHook {
	site := c.anySite.String()
	return func(ctx context.Context) error {
		logger.WarnContext(ctx, "CORS lets the pages of every origin act as the user who looks at them: AnyHost stands beside AllowCredentials. "+
			"Name the hosts by AllowHost, or switch AllowCredentials off. To allow all of them on purpose, call AllowOrigins "+
			"with a function that returns true in place of AnyHost", "site", site)
		return nil
	}
}

// AllowHost allows the origins of a host, given as in a Host header:
// "example.com", "localhost:8080", "[::1]:8080". Without a port it is the
// default port of the scheme. "*.example.com" is all domains below example.com,
// "*" is any host. The functions change the schemes and sub-domains, in order;
// a nil one is a mistake.
//
// Ktor: allowHost.
func (c *Config) AllowHost(host string, configure ...func(*Host)) {
	settings := Host{Schemes: []string{"http", "https"}}
	if err := mistakes.Configure(&settings, configure); err != nil {
		c.mistakes.Add(fmt.Errorf("host %q: %w", host, err))
	}
	if host == "*" {
		c.anyHost(app.Caller(1))
		return
	}
	if len(settings.Schemes) == 0 {
		c.mistakes.Add(fmt.Errorf("host %q: Host.Schemes is empty, so that nothing is allowed", host))
		return
	}
	if strings.Contains(host, "://") {
		c.mistakes.Add(fmt.Errorf("host %q: the scheme belongs into Host.Schemes", host))
		return
	}
	for _, scheme := range settings.Schemes {
		c.allow(scheme, host)
	}
	for _, subDomain := range settings.SubDomains {
		if err := checkWildcard(subDomain); err != nil {
			c.mistakes.Add(fmt.Errorf("host %q: sub-domain %q: %w", host, subDomain, err))
			continue
		}
		for _, scheme := range settings.Schemes {
			c.allow(scheme, subDomain+"."+host)
		}
	}
}

func (c *Config) allow(scheme, host string) {
	if err := checkWildcard(host); err != nil {
		c.mistakes.Add(fmt.Errorf("host %q: %w", host, err))
		return
	}
	bare, wildcard := strings.CutPrefix(host, "*.")
	origin, ok := httpheader.ParseOrigin(scheme + "://" + bare)
	if !ok {
		c.mistakes.Add(fmt.Errorf("host %q with scheme %q: that is not an origin", host, scheme))
		return
	}
	c.origins.patterns = append(c.origins.patterns, pattern{origin, wildcard})
}

// AllowOrigins allows the origins for which predicate returns true. Predicate
// is given the origin as the browser sends it: "https://example.com", or "null"
// for pages without one. It runs for calls of several goroutines at once, and
// once more for a call whose response something else than the plugin has given
// headers of CORS. Nil is a mistake.
//
// Ktor: allowOrigins.
func (c *Config) AllowOrigins(predicate func(origin string) bool) {
	if predicate == nil {
		c.mistakes.Add(errors.New("allow origins: the predicate is nil"))
		return
	}
	c.origins.predicates = append(c.origins.predicates, predicate)
}

// AllowMethod allows methods besides GET, POST and HEAD, which are always
// allowed. What is no method, and "*", are mistakes.
//
// Ktor: allowMethod.
func (c *Config) AllowMethod(methods ...string) {
	for _, method := range methods {
		switch {
		case method == "*":
			c.mistakes.Add(errors.New("method *: use AnyMethod"))
		case !httpheader.IsToken(method):
			c.mistakes.Add(fmt.Errorf("method %q: that is not a method", method))
		default:
			c.methods = append(c.methods, method)
		}
	}
}

// AnyMethod allows PUT, PATCH, DELETE and OPTIONS.
//
// Ktor: anyMethod.
func (c *Config) AnyMethod() {
	c.AllowMethod(http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions)
}

// AllowHeader allows headers of requests besides Accept, Accept-Language and
// Content-Language, which are always allowed. What is no name of a header, and
// "*", are mistakes.
//
// Ktor: allowHeader.
func (c *Config) AllowHeader(names ...string) {
	for _, name := range names {
		switch {
		case name == "*":
			c.mistakes.Add(errors.New("header *: use AllowHeaders"))
		case !httpheader.IsToken(name):
			c.mistakes.Add(fmt.Errorf("header %q: that is not the name of a header", name))
		case httpheader.EqualFold(name, "Content-Type"):
			c.AllowNonSimpleContentTypes = true
		default:
			c.headers = append(c.headers, name)
		}
	}
}

// AllowHeaders allows the headers of requests for which predicate returns true.
// Predicate is given the name in lower case, and runs for calls of several
// goroutines at once. Nil is a mistake.
//
// Ktor: allowHeaders.
func (c *Config) AllowHeaders(predicate func(name string) bool) {
	if predicate == nil {
		c.mistakes.Add(errors.New("allow headers: the predicate is nil"))
		return
	}
	c.headerPredicates = append(c.headerPredicates, predicate)
}

// AllowHeadersPrefixed allows the headers of requests whose name begins with
// prefix, in any case. An empty prefix, which would allow every header, is a
// mistake.
//
// Ktor: allowHeadersPrefixed.
func (c *Config) AllowHeadersPrefixed(prefix string) {
	if prefix == "" {
		c.mistakes.Add(errors.New("header prefix \"\": it would allow every header: use AllowHeaders for that"))
		return
	}
	prefix = strings.ToLower(prefix)
	c.AllowHeaders(func(name string) bool { return strings.HasPrefix(name, prefix) })
}

// AllowXHTTPMethodOverride allows the header X-Http-Method-Override.
//
// Ktor: allowXHttpMethodOverride.
func (c *Config) AllowXHTTPMethodOverride() { c.AllowHeader("X-Http-Method-Override") }

// ExposeHeader lets pages read headers of responses besides Cache-Control,
// Content-Language, Content-Type, Expires, Last-Modified and Pragma, which they
// may always read. What is no name of a header is a mistake.
//
// Ktor: exposeHeader.
func (c *Config) ExposeHeader(names ...string) {
	for _, name := range names {
		if !httpheader.IsToken(name) {
			c.mistakes.Add(fmt.Errorf("exposed header %q: that is not the name of a header", name))
			continue
		}
		c.exposed = append(c.exposed, name)
	}
}
