package routing

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mediatype"
)

// condition is what a route asks of a call besides its path and method. It
// returns how good the match is, above 0 and at most 1, or the status that says
// why there is none.
type condition func(*app.Call) (quality float64, failure int)

// holds is the condition whose match is perfect, or fails with a status.
func holds(ok bool, failure int) (float64, int) {
	if ok {
		return 1, 0
	}
	return 0, failure
}

// where returns the child of r with a condition, which text tells from others.
// Header is what it looks at, or empty.
func (r *Route) where(site app.Site, text, header string, is condition, err error) *Route {
	if err == nil && r.last().kind == mounted {
		err = errors.New("nothing can stand below a mount")
	}
	if err != nil {
		r.tree.fail(site, fmt.Errorf("route %s: %w", text, err))
		return r.detached()
	}
	return r.below(site, text, selector{kind: conditional, text: text, holds: is, header: header})
}

// ForMethod returns the part of r for calls with a method, one of those that
// [Route.Method] takes: Handle("", handler) there is a handler for it, and
// conditions that stand there are looked at only once the method fits. A call
// that lacks only this is answered with 405.
// Ktor: method.
func (r *Route) ForMethod(method string) *Route {
	site, what := app.Caller(1), "route "+method
	if !methods[method] {
		r.tree.fail(site, fmt.Errorf("%s: the method is unknown", what))
		return r.detached()
	}
	return r.at(site, what, "").below(site, what, selector{kind: byMethod, text: method})
}

// Header returns the part of r for calls that have a header with a value among
// its comma-separated ones, in upper or lower case. A q-value in the header
// says how good the match is, and 0 that there is none. A call that lacks only
// this is answered with 400.
// Ktor: header.
func (r *Route) Header(name, value string) *Route {
	name = http.CanonicalHeaderKey(name)
	var err error
	switch name {
	case "":
		err = errors.New("the header has no name")
	case "Host": // net/http takes it out of the header
		err = errors.New("ask by Host")
	}
	return r.where(app.Caller(1), "header "+name+": "+value, name, func(c *app.Call) (float64, int) {
		best := 0.0
		for _, line := range c.Request.Header[name] {
			for element := range mediatype.Elements(line) {
				if found, quality := mediatype.Weighted(element); strings.EqualFold(found, value) {
					best = max(best, quality)
				}
			}
		}
		return best, http.StatusBadRequest
	}, err)
}

// Param returns the part of r for calls whose query has a parameter, with any
// value. A call that lacks only this is answered with 400. It answers to Ktor's
// param, and looks at the query alone.
func (r *Route) Param(name string) *Route {
	return r.where(app.Caller(1), "param "+name, "", func(c *app.Call) (float64, int) {
		return holds(c.Query().Has(name), http.StatusBadRequest)
	}, checkParam(name))
}

// ParamValue is [Route.Param] for a parameter that has a value among its
// values.
func (r *Route) ParamValue(name, value string) *Route {
	return r.where(app.Caller(1), "param "+name+"="+value, "", func(c *app.Call) (float64, int) {
		return holds(slices.Contains(c.Query()[name], value), http.StatusBadRequest)
	}, checkParam(name))
}

// OptionalParam returns a part of r for all calls, which is the better choice
// for those whose query has a parameter, and the worse one for those without
// it.
// Ktor: optionalParam.
func (r *Route) OptionalParam(name string) *Route {
	return r.where(app.Caller(1), "optional param "+name, "", func(c *app.Call) (float64, int) {
		if c.Query().Has(name) {
			return 1, 0
		}
		return qualityMissing, 0
	}, checkParam(name))
}

func checkParam(name string) error {
	if name == "" {
		return errors.New("the parameter has no name")
	}
	return nil
}

// Host returns the part of r for calls to one of several hosts, in upper or
// lower case, each with a port or for any: "example.com", "example.com:8080",
// "[::1]:8080". The host is the one that the client has named. A call to
// another host does not see the routes: it gets 404. No host is a mistake.
// Ktor: host.
func (r *Route) Host(hosts ...string) *Route {
	wanted := make([]url.URL, len(hosts))
	var err error
	if len(hosts) == 0 {
		err = errors.New("no host is named")
	}
	for i, host := range hosts {
		if wanted[i] = (url.URL{Host: host}); wanted[i].Hostname() == "" {
			err = fmt.Errorf("%q is no host", host)
		}
	}
	return r.where(app.Caller(1), "host "+strings.Join(hosts, ", "), "", func(c *app.Call) (float64, int) {
		name, port := requestHost(c.Request)
		return holds(slices.ContainsFunc(wanted, func(w url.URL) bool {
			return strings.EqualFold(w.Hostname(), name) && (w.Port() == "" || w.Port() == port)
		}), http.StatusNotFound)
	}, err)
}

// HostRegexp is [Route.Host] for the hosts that a regular expression matches as
// a whole, in upper or lower case, without their ports. An expression that
// cannot be compiled is a mistake.
func (r *Route) HostRegexp(expression string) *Route {
	compiled, err := regexp.Compile("(?i)^(?:" + expression + ")$")
	return r.where(app.Caller(1), "host ~"+expression, "", func(c *app.Call) (float64, int) {
		name, _ := requestHost(c.Request)
		return holds(compiled.MatchString(name), http.StatusNotFound)
	}, err)
}

// Port returns the part of r for calls to one of several ports: the port that
// the client has named with the host, or else 80, or 443 over TLS. A call to
// another port gets 404. No port is a mistake.
// Ktor: port.
func (r *Route) Port(ports ...int) *Route {
	wanted := make([]string, len(ports))
	var err error
	if len(ports) == 0 {
		err = errors.New("no port is named")
	}
	for i, port := range ports {
		wanted[i] = strconv.Itoa(port)
	}
	return r.where(app.Caller(1), "port "+strings.Join(wanted, ", "), "", func(c *app.Call) (float64, int) {
		_, port := requestHost(c.Request)
		return holds(slices.Contains(wanted, port), http.StatusNotFound)
	}, err)
}

// LocalPort returns the part of r for calls that came in at a port of the
// server, whatever the client has named: this is the one to keep an
// administrator's routes to a connector of their own. A call that came in at
// another port gets 404.
// Ktor: localPort.
func (r *Route) LocalPort(port int) *Route {
	return r.where(app.Caller(1), "local port "+strconv.Itoa(port), "", func(c *app.Call) (float64, int) {
		address, _ := c.Request.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if address == nil {
			return 0, http.StatusNotFound
		}
		_, local, err := net.SplitHostPort(address.String())
		return holds(err == nil && local == strconv.Itoa(port), http.StatusNotFound)
	}, nil)
}

// requestHost returns the host and port that the client has named.
func requestHost(r *http.Request) (name, port string) {
	host := url.URL{Host: r.Host}
	port = host.Port()
	switch {
	case port != "":
	case r.TLS != nil:
		port = "443"
	default:
		port = "80"
	}
	return host.Hostname(), port
}
