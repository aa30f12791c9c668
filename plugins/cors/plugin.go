package cors

import (
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Plugin decides what pages of other origins may do: Ktor's CORS. It can be
// installed on the application, or on routes, where the nearest installation is
// the only one that runs. Installed as it is, it refuses all of them.
var Plugin = app.NewScopedPlugin("CORS", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	p, err := b.Config().policy()
	if err != nil {
		return err
	}
	b.DefaultRoutes(http.MethodOptions, "")
	b.OnCall(p.check)
	return nil
}

// check refuses the call, answers it as a preflight, or adds to its answer what
// lets the page read it.
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
	if p.config.AllowSameOrigin && ok {
		own, known := ownOrigin(c.Request)
		same = known && from == own
	}
	switch {
	case same && !preflight:
		return pass(c)
	case !same && !p.allowsOrigin(from, text):
		return refuse(c, "the origin is not allowed")
	case !p.allowsContentType(c.Request.Header):
		return refuse(c, "the content type is not simple")
	case preflight:
		return p.answerPreflight(c, origins)
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

// answerPreflight tells the browser what the page may do.
func (p *policy) answerPreflight(c *app.Call, origin []string) error {
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

// allow names the origin in the answer, with the value that the request has.
func (p *policy) allow(header http.Header, origin []string) {
	if p.allowsAnyOrigin() {
		origin = anyValue[:]
	} else {
		varyByOrigin(header)
	}
	header["Access-Control-Allow-Origin"] = origin[:1:1]
	if p.config.AllowCredentials {
		header["Access-Control-Allow-Credentials"] = trueValue[:]
	}
}

// pass lets the call go on. Its answer names no origin, so a cache must not
// give it to a page of another one.
func pass(c *app.Call) error {
	varyByOrigin(c.Header())
	return nil
}

func refuse(c *app.Call, reason string) error {
	varyByOrigin(c.Header())
	c.Application().Logger().DebugContext(c.Context(), "refused by CORS: "+reason, "origin", c.Request.Header.Get("Origin"),
		"method", c.Request.Method, "path", c.Request.URL.Path)
	return c.RespondStatus(http.StatusForbidden)
}

// varyByOrigin adds Origin to Vary, unless it stands there.
func varyByOrigin(header http.Header) {
	if header["Vary"] == nil {
		header["Vary"] = varyValue[:]
		return
	}
	fields := strings.Join(header["Vary"], ", ")
	for field := range strings.SplitSeq(fields, ",") {
		if field = strings.TrimSpace(field); field == "*" || strings.EqualFold(field, "Origin") {
			return
		}
	}
	if strings.TrimSpace(fields) != "" {
		fields += ", "
	}
	header.Set("Vary", fields+"Origin")
}
