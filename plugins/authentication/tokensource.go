package authentication

import (
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// A TokenSource is where in a call a token stands. It returns the token, and
// whether there is one; what it returns is not checked, and comes from outside.
// Any function of that type is one; it may be called for concurrent calls at
// once.
//
// Ktor: authHeader.
type TokenSource func(c *app.Call) (token string, ok bool)

// FromAuthorization finds the token in the header Authorization, behind the name
// of an authentication scheme such as Bearer, in which case does not matter (RFC
// 9110 section 11.4).
func FromAuthorization(scheme string) TokenSource {
	return func(c *app.Call) (string, bool) {
		value := c.Request.Header.Get("Authorization")
		if len(value) <= len(scheme) || value[len(scheme)] != ' ' || !httpheader.EqualFold(value[:len(scheme)], scheme) {
			return "", false
		}
		token := strings.Trim(value[len(scheme):], " ")
		return token, token != ""
	}
}

// FromHeader finds the token in a header that holds nothing else. An empty one
// is none.
func FromHeader(name string) TokenSource {
	name = http.CanonicalHeaderKey(name)
	return func(c *app.Call) (string, bool) {
		token := c.Request.Header.Get(name)
		return token, token != ""
	}
}

// FromCookie finds the token in a cookie. Browsers send cookies with requests
// that other sites make them send: package csrf refuses those. An empty one is
// none.
func FromCookie(name string) TokenSource {
	return func(c *app.Call) (string, bool) {
		token, ok := c.Cookie(name)
		return token, ok && token != ""
	}
}

// FromQuery finds the token in a parameter of the query, for a browser's
// EventSource and WebSocket, which cannot send headers. URLs end up in the logs
// of proxies and in browsers' histories: such a token should be short-lived, and
// for this purpose alone. An empty one is none.
func FromQuery(name string) TokenSource {
	return func(c *app.Call) (string, bool) {
		token := c.QueryParam(name)
		return token, token != ""
	}
}

// FirstToken returns the token of the first source that has one.
func FirstToken(c *app.Call, sources []TokenSource) (token string, ok bool) {
	for _, source := range sources {
		if token, ok := source(c); ok {
			return token, true
		}
	}
	return "", false
}
