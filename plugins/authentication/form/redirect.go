package form

import (
	"cmp"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication/internal/localpath"
)

// ReturnTo is the name of the query parameter of the page that says which path was
// asked for: /login?return_to=/cart.
const ReturnTo = localpath.ReturnTo

// ReturnPath returns the path that [ReturnTo] names in the query of the call, ready
// for RespondRedirect. It is otherwise if there is none, or one that is no path of
// the application: //evil.example, /\evil.example, https://evil.example, one with a
// control character, or one of more than 1,024 bytes.
func ReturnPath(c *app.Call, otherwise string) string {
	path, _ := localpath.Clean(c.QueryParam(ReturnTo))
	return cmp.Or(path, otherwise)
}
