package cors

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// A policy is what runs where the plugin is installed: what pages may do. It
// never changes, and serves any number of calls at once.
type policy struct {
	credentials    bool
	sameOrigin     bool
	anyContentType bool
	origins        allowedOrigins
	methods        []string
	headers        []string // besides the simple ones, as they were configured
	allowsName     []func(name string) bool

	// Values of headers, shared by all responses and never written. Nil where
	// the header is not sent.
	methodsValue []string
	exposedValue []string
	maxAgeValue  []string
}

// Values of headers that all responses share. They are never written.
var (
	anyValue  = [...]string{"*"}
	trueValue = [...]string{"true"}
)

// Simple is what the Fetch standard calls safelisted: what pages may send and
// read without asking.
var (
	simpleMethods         = [...]string{http.MethodGet, http.MethodHead, http.MethodPost}
	simpleRequestHeaders  = [...]string{"accept", "accept-language", "content-language"}
	simpleResponseHeaders = [...]string{"cache-control", "content-language", "content-type", "expires", "last-modified", "pragma"}
	simpleContentTypes    = [...]string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
)

// newPolicy returns what config allows, or all mistakes in it.
func newPolicy(config Config) (*policy, error) {
	if config.MaxAge < 0 {
		config.mistakes.Add(errors.New("MaxAge is negative"))
	}
	p := &policy{
		credentials: config.AllowCredentials, sameOrigin: config.AllowSameOrigin, anyContentType: config.AllowNonSimpleContentTypes,
		origins:    config.origins,
		methods:    slices.Concat(simpleMethods[:], config.methods),
		allowsName: config.headerPredicates,
	}
	slices.Sort(p.methods)
	p.methods = slices.Compact(p.methods)
	p.methodsValue = []string{strings.Join(p.methods, ", ")}
	names := config.headers
	if config.AllowNonSimpleContentTypes {
		names = append(slices.Clone(names), "Content-Type")
	}
	p.headers = without(names, simpleRequestHeaders[:])
	exposed := without(config.exposed, simpleResponseHeaders[:])
	if slices.Sort(exposed); len(exposed) > 0 {
		p.exposedValue = []string{strings.Join(exposed, ", ")}
	}
	if seconds := int64(config.MaxAge / time.Second); seconds > 0 {
		p.maxAgeValue = []string{strconv.FormatInt(seconds, 10)}
	}
	return p, config.mistakes.Err()
}

// without returns the names of headers that are not among excluded, each once.
func without(names, excluded []string) []string {
	var rest []string
	for _, name := range names {
		if !contains(excluded, name) && !contains(rest, name) {
			rest = append(rest, name)
		}
	}
	return rest
}

// contains reports whether the name of a header is among names, in any case.
func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(known string) bool { return httpheader.EqualFold(known, name) })
}

// isForEveryOrigin reports whether the response is the same for every origin.
func (p *policy) isForEveryOrigin() bool { return p.origins.any && !p.credentials }

// trustsEverybody reports whether any page may act as the user who looks at it.
func (p *policy) trustsEverybody() bool { return p.origins.any && p.credentials }

func (p *policy) allowsMethod(method string) bool { return slices.Contains(p.methods, method) }

// allowsContentType reports whether a page may send the request's Content-Type.
func (p *policy) allowsContentType(header http.Header) bool {
	if p.anyContentType {
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

// allowsHeader reports whether a page may send a header. The name is in lower
// case.
func (p *policy) allowsHeader(name string) bool {
	return contains(simpleRequestHeaders[:], name) || contains(p.headers, name) ||
		slices.ContainsFunc(p.allowsName, func(allows func(string) bool) bool { return allows(name) })
}

// headersText returns the value of Access-Control-Allow-Headers for a preflight
// that asks for headers, and whether all of them are allowed.
func (p *policy) headersText(requested []string) (string, bool) {
	named := slices.Clone(p.headers)
	for _, name := range requested {
		if !httpheader.IsToken(name) || !p.allowsHeader(name) {
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
	for name := range httpheader.Elements(header["Access-Control-Request-Headers"]) {
		names = append(names, strings.ToLower(name))
	}
	return names
}
