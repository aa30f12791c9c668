package cors

import (
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// Plugin decides what pages of other origins may do. It can be installed on the
// application, or on routes, where the nearest installation is the only one
// that runs. Without a configuration it refuses all of them.
//
// Ktor: CORS.
var Plugin = app.NewScopedPlugin("CORS", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	p, err := newPolicy(*b.Config())
	if err != nil {
		return err
	}
	b.DefaultRoutes(http.MethodOptions, "")
	b.OnCall(p.check)
	return nil
}

// check is the hook that refuses the call, responds to a preflight, or adds to
// the response what lets the page read it.
func (p *policy) check(c *app.Call) error {
	if c.Answered() {
		return nil
	}
	origins := c.Request.Header["Origin"]
	if len(origins) != 1 {
		return pass(c)
	}
	text := origins[0]
	from, ok := parseOrigin(text)
	if !ok && text != "null" {
		return pass(c)
	}
	preflight := c.Request.Method == http.MethodOptions && c.Request.Header["Access-Control-Request-Method"] != nil
	same := false
	if p.sameOrigin && ok {
		own, known := ownOrigin(c.Request)
		same = known && from == own
	}
	switch {
	case same && !preflight:
		return pass(c)
	case !same && !p.origins.contain(from, text):
		return refuse(c, "the origin is not allowed")
	case !p.allowsContentType(c.Request.Header):
		return refuse(c, "the content type is not simple")
	case preflight:
		return p.respondToPreflight(c, origins)
	case !p.allowsMethod(c.Request.Method):
		return refuse(c, "the method is not allowed")
	}
	header := c.Header()
	p.allow(header, origins)
	if p.exposedValue != nil {
		header["Access-Control-Expose-Headers"] = p.exposedValue
	}
	return nil
}

// respondToPreflight tells the browser what the page may do.
func (p *policy) respondToPreflight(c *app.Call, origin []string) error {
	if !p.allowsMethod(c.Request.Header.Get("Access-Control-Request-Method")) {
		return refuse(c, "the method that the preflight asks for is not allowed")
	}
	headers, ok := p.headersText(requestedHeaders(c.Request.Header))
	if !ok {
		return refuse(c, "a header that the preflight asks for is not allowed")
	}
	header := c.Header()
	p.allow(header, origin)
	header["Access-Control-Allow-Methods"] = p.methodsValue
	if headers != "" {
		header.Set("Access-Control-Allow-Headers", headers)
	}
	if p.maxAgeValue != nil {
		header["Access-Control-Max-Age"] = p.maxAgeValue
	}
	return c.RespondStatus(http.StatusOK)
}

// allow names the origin in the response, with the value that the request has.
func (p *policy) allow(header http.Header, origin []string) {
	if p.isForEveryOrigin() {
		origin = anyValue[:]
	} else {
		httpheader.AddVary(header, "Origin")
	}
	header["Access-Control-Allow-Origin"] = origin[:1:1]
	if p.credentials {
		header["Access-Control-Allow-Credentials"] = trueValue[:]
	}
}

// pass lets the call go on. Its response names no origin, so a cache must not
// give it to a page of another origin.
func pass(c *app.Call) error {
	httpheader.AddVary(c.Header(), "Origin")
	return nil
}

func refuse(c *app.Call, reason string) error {
	httpheader.AddVary(c.Header(), "Origin")
	c.Application().Logger().DebugContext(c.Context(), "refused by CORS: "+reason, "origin", c.Request.Header.Get("Origin"),
		"method", c.Request.Method, "path", c.Request.URL.Path)
	return c.RespondStatus(http.StatusForbidden)
}
