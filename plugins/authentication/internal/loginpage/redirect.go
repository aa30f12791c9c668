package loginpage

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/internal/localpath"
)

// Check returns what is wrong with the path of a page to log in.
func Check(page string) error {
	if clean, ok := localpath.Clean(page); !ok || clean != page || strings.Contains(page, "#") {
		return fmt.Errorf("LoginPath %q is no path of the application: it begins with a slash, is escaped, and has no fragment", page)
	}
	return nil
}

// Redirect returns what sends a browser to a page that [Check] has found right. It
// leaves alone, so that 401 is answered, what a script has asked for, which would
// read the page, and the page itself, which would be sent to where it is.
func Redirect(page string) func(*app.Call, *authentication.UnauthorizedError) error {
	path, query, _ := strings.Cut(page, "?")
	return func(c *app.Call, _ *authentication.UnauthorizedError) error {
		if mode := c.Request.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "navigate" {
			return nil
		}
		wanted := c.QueryParam(localpath.ReturnTo) // of a form that is posted again
		if c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
			here := c.Arrived().URL
			if here.EscapedPath() == path {
				return nil
			}
			wanted = here.RequestURI()
		}
		target := page
		if wanted, ok := localpath.Clean(wanted); ok {
			param := localpath.ReturnTo + "=" + url.QueryEscape(wanted)
			if query != "" {
				param = query + "&" + param
			}
			target = path + "?" + param
		}
		c.Header().Set("Cache-Control", "no-store")
		return c.RespondRedirect(target)
	}
}
