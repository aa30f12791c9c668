package routing

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// SSE adds an event stream for GET requests and returns its route: the stream
// ends when serve returns. An error that serve returns before it has sent or
// waited is an answer with a status of its own, as [sse.Respond] says: 404 for a
// room that is not there. HEAD requests get the head alone. The application
// needs [sse.Plugin]. Without it, and with a nil function or option, Start
// returns a mistake.
//
// Ktor: sse.
func (r *Route) SSE(path string, serve func(*sse.Session) error, options ...sse.Option) *Route {
	site, what := r.caller(), "route SSE "+path
	if serve == nil {
		return r.refuse(site, fmt.Errorf("%s: the handler is nil", what))
	}
	if slices.ContainsFunc(options, func(o sse.Option) bool { return o == nil }) {
		return r.refuse(site, fmt.Errorf("%s: an option is nil", what))
	}
	route := r.at(site, what, path).below(site, what, byMethod(http.MethodGet))
	stream := func(c *app.Call) error { return sse.Respond(c, serve, options...) }
	route.declare(declaration{handler: stream, site: site, stream: true}, what)
	return route
}
