package cors

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// policy is a configuration made ready for use. It never changes.
type policy struct {
	config  Config
	methods []string
	headers []string // beside the simple ones, as they were configured

	// Values of headers, which all answers share. Nil where there is nothing to
	// say.
	methodsValue []string
	exposedValue []string
	maxAgeValue  []string
}

// Values of headers that all answers share.
var (
	anyValue  = [...]string{"*"}
	trueValue = [...]string{"true"}
	varyValue = [...]string{"Origin"}
)

// Simple is what pages may send and read without asking.
var (
	simpleMethods         = [...]string{http.MethodGet, http.MethodHead, http.MethodPost}
	simpleRequestHeaders  = [...]string{"accept", "accept-language", "content-language"}
	simpleResponseHeaders = [...]string{"cache-control", "content-language", "content-type", "expires", "last-modified", "pragma"}
	simpleContentTypes    = [...]string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
)

// policy makes the configuration ready for use, or returns all that is wrong
// with it.
func (c *Config) policy() (*policy, error) {
	mistakes := slices.Clone(c.mistakes)
	if c.MaxAge < 0 {
		mistakes = append(mistakes, errors.New("MaxAge is negative"))
	}
	p := &policy{config: *c}
	p.methods = slices.Concat(simpleMethods[:], c.methods)
	slices.Sort(p.methods)
	p.methods = slices.Compact(p.methods)
	p.methodsValue = []string{strings.Join(p.methods, ", ")}
	configured := c.headers
	if c.AllowNonSimpleContentTypes {
		configured = append(slices.Clone(configured), "Content-Type")
	}
	p.headers = without(configured, simpleRequestHeaders[:])
	exposed := without(c.exposed, simpleResponseHeaders[:])
	if slices.Sort(exposed); len(exposed) > 0 {
		p.exposedValue = []string{strings.Join(exposed, ", ")}
	}
	if seconds := int64(c.MaxAge / time.Second); seconds > 0 {
		p.maxAgeValue = []string{strconv.FormatInt(seconds, 10)}
	}
	return p, errors.Join(mistakes...)
}

// without returns the names that are not among those, each once.
func without(names, those []string) []string {
	var rest []string
	for _, name := range names {
		if !contains(those, name) && !contains(rest, name) {
			rest = append(rest, name)
		}
	}
	return rest
}

// contains compares names of headers.
func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(known string) bool { return strings.EqualFold(known, name) })
}

// allowsAnyOrigin reports whether the answer is the same for every origin.
func (p *policy) allowsAnyOrigin() bool { return p.config.anyHost && !p.config.AllowCredentials }

// allowsOrigin reports whether an origin is allowed. Text is the header that it
// was read from, "null" for an opaque one, whose parsed form is zero.
func (p *policy) allowsOrigin(o origin, text string) bool {
	return p.config.anyHost ||
		slices.ContainsFunc(p.config.origins, func(allowed pattern) bool { return allowed.matches(o) }) ||
		slices.ContainsFunc(p.config.originPredicates, func(allows func(string) bool) bool { return allows(text) })
}

func (p *policy) allowsMethod(method string) bool { return slices.Contains(p.methods, method) }

// allowsContentType reports whether the request has a content type that may be
// sent.
func (p *policy) allowsContentType(header http.Header) bool {
	if p.config.AllowNonSimpleContentTypes {
		return true
	}
	for _, value := range header["Content-Type"] {
		mediaType, _, err := mime.ParseMediaType(value)
		if err != nil || !slices.Contains(simpleContentTypes[:], mediaType) {
			return false
		}
	}
	return true
}

// allowsHeader reports whether a header may be sent. The name is in lower case.
func (p *policy) allowsHeader(name string) bool {
	return contains(simpleRequestHeaders[:], name) || contains(p.headers, name) ||
		slices.ContainsFunc(p.config.headerPredicates, func(allows func(string) bool) bool { return allows(name) })
}

// headersText returns what Access-Control-Allow-Headers says to a preflight
// that asks for headers, and whether all of them are allowed.
func (p *policy) headersText(requested []string) (string, bool) {
	named := slices.Clone(p.headers)
	for _, name := range requested {
		if !isToken(name) || !p.allowsHeader(name) {
			return "", false
		}
		if !contains(p.headers, name) {
			named = append(named, name)
		}
	}
	slices.Sort(named)
	return strings.Join(slices.Compact(named), ", "), true
}

// requestedHeaders returns the names that a preflight asks for, in lower case.
func requestedHeaders(header http.Header) []string {
	var names []string
	for _, line := range header["Access-Control-Request-Headers"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}
