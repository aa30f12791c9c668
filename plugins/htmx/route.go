package htmx

import (
	"errors"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// A Route is a part of a route for requests of htmx. It has all verbs of a
// [routing.Route].
//
// Ktor: HxRoute.
type Route struct{ *routing.Route }

// Hx returns the part of r for requests of htmx: those with HX-Request: true. Next
// to a route for all it is the better choice for those; where there is no other
// one, a request of something else is answered with 400.
//
// Ktor: hx.
func Hx(r *routing.Route) *Route {
	return declare(r, app.Caller(1), func(r *routing.Route) *routing.Route { return r.Header(headerRequest, "true") })
}

// Target returns the part of r for requests that are to change the element with an
// id. A "#" in front of the id may be there, and means nothing.
//
// Ktor: target, which compares the header, "#" included.
func (r *Route) Target(id string) *Route {
	return r.element(app.Caller(1), "target", id, headerTarget, RequestHeaders.TargetID)
}

// Trigger returns the part of r for requests of the element with an id, such as the
// button that was clicked. A "#" in front of the id may be there, and means nothing.
//
// Ktor: trigger, which compares the header, "#" included.
func (r *Route) Trigger(id string) *Route {
	return r.element(app.Caller(1), "trigger", id, headerTrigger, RequestHeaders.TriggerID)
}

// element returns the part of r for requests that name an element. It is two
// conditions, because two headers say which it is, and a condition names the one
// header that it looks at: the first always holds.
func (r *Route) element(site app.Site, what, id, header string, asked func(RequestHeaders) string) *Route {
	id = strings.TrimPrefix(id, "#")
	if id == "" {
		r.Application().FailAt(site, errors.New("route htmx "+what+": the id is empty"))
	}
	return declare(r.Route, site, func(r *routing.Route) *routing.Route {
		return r.Where(routing.Condition{
			Words: "htmx", Header: headerSource,
			Quality: func(*app.Call) float64 { return 1 },
		}).Where(routing.Condition{
			Words: "htmx " + what + " " + id, Header: header,
			Quality: func(c *app.Call) float64 {
				if asked(RequestHeaders{call: c}) == id {
					return 1
				}
				return 0
			},
		})
	})
}

// declare names site for what is declared.
func declare(r *routing.Route, site app.Site, part func(*routing.Route) *routing.Route) (declared *Route) {
	r.DeclareAt(site, func(r *routing.Route) { declared = &Route{part(r)} })
	return declared
}
