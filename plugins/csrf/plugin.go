package csrf

import (
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// Plugin refuses forged calls. It can be installed on the application, or on
// routes, where the nearest installation is the only one that runs. Without a
// configuration it allows the application's own pages, and what is no browser.
//
// Ktor: CSRF.
var Plugin = app.NewScopedPlugin("CSRF", func() Config { return Config{} }, setup)

func setup(b *app.PluginBuilder[Config]) error {
	config := *b.Config()
	if err := config.mistakes.Err(); err != nil {
		return err
	}
	g := &guard{Config: config}
	for origin := range config.allowed {
		if err := g.protection.AddTrustedOrigin(origin.String()); err != nil {
			return err
		}
	}
	b.InterceptUntilCommit(app.PhasePlugins, g.stand)
	return nil
}

// A guard is one installation. It never changes, and serves any number of calls
// at once.
type guard struct {
	Config

	protection http.CrossOriginProtection // for what Sec-Fetch-Site decides
}

// stand lets calls go on to next that are not refused, and those that others have
// answered. Of one that is refused nothing further in hears, even if OnFailure has
// answered it.
func (g *guard) stand(next app.Handler) app.Handler {
	return func(c *app.Call) error {
		if c.Answered() || isSafe(c.Request.Method) || g.SkipWhen != nil && g.SkipWhen(c) {
			return next(c)
		}
		refused := g.checkOrigin(c)
		if refused == nil {
			refused = g.checkHeaders(c)
		}
		if refused == nil {
			return next(c)
		}
		if g.OnFailure != nil {
			if err := g.OnFailure(c, refused); err != nil || c.Answered() {
				return err
			}
		}
		return refused
	}
}

// isSafe reports whether a method changes nothing (RFC 9110 section 9.2.1).
func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// Why a call is refused by where it comes from.
var (
	errForeign = &RefusedError{"the page that has sent the call is of another origin"}
	errUnknown = &RefusedError{"the call does not say which page has sent it"}
)

// checkOrigin returns why a call is refused by the page that it comes from.
func (g *guard) checkOrigin(c *app.Call) *RefusedError {
	header := c.Request.Header
	origin := header.Get("Origin")
	switch {
	case header.Get("Sec-Fetch-Site") != "":
		if g.protection.Check(c.Request) != nil {
			return errForeign
		}
	case origin != "":
		if from, ok := httpheader.ParseOrigin(origin); !ok || !g.allows(c, from) {
			return errForeign
		}
	case g.RequireOrigin:
		referer := header.Get("Referer")
		if referer == "" {
			return errUnknown
		}
		if from, ok := originOf(referer); !ok || !g.allows(c, from) {
			return errForeign
		}
	}
	return nil
}

// allows reports whether pages of an origin may send a call.
func (g *guard) allows(c *app.Call, from httpheader.Origin) bool {
	own := c.Origin()
	return from.IsOwn(own.Scheme, own.Host, own.Port) || g.allowed[from]
}

// checkHeaders returns why a call is refused by a header of CheckHeader.
func (g *guard) checkHeaders(c *app.Call) *RefusedError {
	for _, demand := range g.demands {
		values := c.Request.Header[demand.name]
		if len(values) == 0 {
			return demand.missing
		}
		for _, check := range demand.checks {
			if !check(c, values[0]) {
				return demand.wrong
			}
		}
	}
	return nil
}
