package form

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/internal/localpath"
)

// ReturnTo is the name of the query parameter of the page that says which path was
// asked for: /login?return_to=/cart.
const ReturnTo = "return_to"

// ReturnPath returns the path that [ReturnTo] names in the query of the call, ready
// for RespondRedirect. It is otherwise if there is none, or one that is no path of
// the application: //evil.example, /\evil.example, https://evil.example, one with a
// control character, or one of more than 1,024 bytes.
func ReturnPath(c *app.Call, otherwise string) string {
	path, _ := localpath.Clean(c.QueryParam(ReturnTo))
	return cmp.Or(path, otherwise)
}

// redirector returns what sends a browser to a page.
func redirector(page string) func(*app.Call, *authentication.UnauthorizedError) error {
	path, query, _ := strings.Cut(page, "?")
	return func(c *app.Call, _ *authentication.UnauthorizedError) error {
		if mode := c.Request.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "navigate" {
			return nil // 401: a script has asked, and would read the page
		}
		wanted := c.QueryParam(ReturnTo) // of a form that is posted again
		if c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
			here := c.Arrived().URL
			if here.EscapedPath() == path {
				return nil // 401: it would be sent to where it is
			}
			wanted = here.RequestURI()
		}
		target := page
		if wanted, ok := localpath.Clean(wanted); ok {
			param := ReturnTo + "=" + url.QueryEscape(wanted)
			if query != "" {
				param = query + "&" + param
			}
			target = path + "?" + param
		}
		c.Header().Set("Cache-Control", "no-store")
		return c.RespondRedirect(target)
	}
}
