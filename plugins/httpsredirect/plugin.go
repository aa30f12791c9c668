package httpsredirect

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Plugin redirects calls that have come by http to https. It is installed on the
// application.
//
// Ktor: HttpsRedirect.
var Plugin = app.NewPlugin("HttpsRedirect", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	if err := b.Config().check(); err != nil {
		return err
	}
	config := *b.Config()
	excludes := slices.Clone(config.excludes)
	b.OnCall(func(c *app.Call) error {
		origin := c.Origin()
		if c.Answered() || origin.Scheme == "https" ||
			slices.ContainsFunc(excludes, func(excluded func(*app.Call) bool) bool { return excluded(c) }) {
			return nil
		}
		target := requested(c.Request)
		if !strings.HasPrefix(target.Path, "/") { // OPTIONS * and CONNECT ask for no path
			return nil
		}
		there := app.Origin{Scheme: "https", Host: cmp.Or(config.Host, origin.Host), Port: config.SSLPort}
		if there.Host == "" {
			return app.NewError(http.StatusBadRequest, "the request names no host")
		}
		return redirect(c, there.String()+target.RequestURI(), config.PermanentRedirect)
	})
	return nil
}

// requested returns the path and query that the client has asked for, also where
// a router around the application has taken a part of them away.
func requested(r *http.Request) url.URL {
	target, err := url.ParseRequestURI(r.RequestURI)
	if err != nil || target.Opaque != "" || !strings.HasPrefix(target.Path, "/") {
		target = r.URL
	}
	return url.URL{Path: target.Path, RawPath: target.RawPath, RawQuery: target.RawQuery}
}

// redirect sends the client to a URL. Of GET and HEAD the method stays with any
// redirect, of others with 307 and 308 alone. It is that of the client, also
// where its request is served as one of another method.
func redirect(c *app.Call, location string, permanent bool) error {
	method := c.Arrived().Method
	safe := method == http.MethodGet || method == http.MethodHead
	switch {
	case permanent && !safe:
		c.SetStatus(http.StatusPermanentRedirect)
	case !safe:
		c.SetStatus(http.StatusTemporaryRedirect)
	}
	if permanent {
		return c.RespondPermanentRedirect(location)
	}
	return c.RespondRedirect(location)
}
