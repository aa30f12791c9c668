package cors

import (
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// A standing is what an origin is to a policy.
type standing uint8

const (
	nobody   standing = iota // there is no origin, or more than one
	own                      // the application's own origin
	stranger                 // it may do nothing
	guest                    // it is allowed, but never with credentials
	member                   // it is allowed
)

// opaque is the Origin of pages that have none: sandboxed ones, files, some
// redirects. Anybody can make one.
const opaque = "null"

// standing returns what the Origin of a call is.
func (p *policy) standing(c *app.Call) standing {
	origins := c.Request.Header["Origin"]
	if len(origins) != 1 {
		return nobody
	}
	text := origins[0]
	from, ok := httpheader.ParseOrigin(text)
	if !ok && text != opaque {
		return nobody
	}
	if p.sameOrigin && ok {
		if here, known := ownOrigin(c); known && from == here {
			return own
		}
	}
	switch {
	case !p.origins.contain(from, text):
		return stranger
	case text == opaque && p.trustsEverybody() && !p.origins.pick(text):
		return guest
	default:
		return member
	}
}

// isPreflight reports whether a browser asks what a page may send.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header["Access-Control-Request-Method"] != nil
}

// concerns reports whether the policy decides about a request. Any other goes
// on, and no page of another origin may read its response.
func (p *policy) concerns(r *http.Request, from standing) bool {
	return from > own || from == own && isPreflight(r)
}

// permit adds to the header of a response what lets the page read it, and to
// that of a preflight what the page may do. It returns why the page may not,
// and has added nothing then.
func (p *policy) permit(r *http.Request, header http.Header, from standing) (refusal string) {
	switch {
	case from == stranger:
		return "the origin is not allowed"
	case !p.allowsContentType(r.Header):
		return "the content type is not simple"
	case isPreflight(r):
		return p.permitPreflight(r, header, from)
	case !p.allowsMethod(r.Method):
		return "the method is not allowed"
	}
	p.allow(header, r.Header["Origin"], from)
	if p.exposedValue != nil {
		header["Access-Control-Expose-Headers"] = p.exposedValue
	}
	return ""
}

func (p *policy) permitPreflight(r *http.Request, header http.Header, from standing) (refusal string) {
	if !p.allowsMethod(r.Header.Get("Access-Control-Request-Method")) {
		return "the method that the preflight asks for is not allowed"
	}
	headers, ok := p.headersText(requestedHeaders(r.Header))
	if !ok {
		return "a header that the preflight asks for is not allowed"
	}
	p.allow(header, r.Header["Origin"], from)
	header["Access-Control-Allow-Methods"] = p.methodsValue
	if headers != "" {
		header.Set("Access-Control-Allow-Headers", headers)
	}
	if p.maxAgeValue != nil {
		header["Access-Control-Max-Age"] = p.maxAgeValue
	}
	return ""
}

// allow names the origin in the response, with the value that the request has.
func (p *policy) allow(header http.Header, origin []string, from standing) {
	if p.isForEveryOrigin() {
		origin = anyValue[:]
	} else {
		httpheader.AddVary(header, "Origin")
	}
	header["Access-Control-Allow-Origin"] = origin[:1:1]
	if p.credentials && from != guest {
		header["Access-Control-Allow-Credentials"] = trueValue[:]
	}
}
