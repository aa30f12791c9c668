package routing

import (
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// SSE adds an event stream for GET requests and returns its route: serve is called with a session whose head has
// been sent, and the stream ends when it returns. HEAD requests get the head alone. The application
// needs [sse.Plugin]; without it Start returns a mistake. It answers to Ktor's sse.
func (r *Route) SSE(path string, serve func(*sse.Session) error, options ...sse.Option) *Route {
	route := r.handle(app.Caller(1), http.MethodGet, path, func(c *app.Call) error {
		return sse.Respond(c, serve, options...)
	})
	if !r.tree.frozen {
		route.stream = true
	}
	return route
}
