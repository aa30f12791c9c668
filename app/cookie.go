package app

import (
	"errors"
	"fmt"
	"net/http"
)

// Cookie returns the value of a cookie of the request, and whether there is
// one. Of several with one name the first counts, as in net/http.
func (c *Call) Cookie(name string) (string, bool) {
	cookie, err := c.Request.Cookie(name)
	if err != nil {
		return "", false
	}
	return cookie.Value, true
}

// SetCookie adds a cookie to the response. A cookie that net/http would not
// write, because its name or value is not allowed, is an error, and nothing is
// added.
//
// Ktor: response.cookies.append, without $x-enc.
func (c *Call) SetCookie(cookie *http.Cookie) error {
	if cookie == nil {
		return errors.New("set cookie: the cookie is nil")
	}
	if err := cookie.Valid(); err != nil {
		return fmt.Errorf("set cookie %q: %w", cookie.Name, err)
	}
	c.Header().Add("Set-Cookie", cookie.String())
	return nil
}
