package routing

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Host returns the part of r for calls to one of several hosts, in upper or
// lower case, each with a port or for any: "example.com", "example.com:8080",
// "[::1]:8080". The host is the one that the client has named: that of
// [app.Call.Origin]. A call to another host does not see the routes: it gets
// 404. No host, or what cannot be one, is a mistake.
//
// Ktor: host.
func (r *Route) Host(hosts ...string) *Route {
	wanted := make([]url.URL, len(hosts))
	var err error
	if len(hosts) == 0 {
		err = errors.New("no host is named")
	}
	for i, host := range hosts {
		wanted[i] = url.URL{Host: host}
		err = cmp.Or(checkHost(host, wanted[i].Hostname()), err)
	}
	return r.where(r.caller(), asking("host "+strings.Join(hosts, ", "), "", http.StatusNotFound, func(w *walk) (float64, *app.Error) {
		origin := w.call.Origin()
		return holds(slices.ContainsFunc(wanted, func(w url.URL) bool {
			return strings.EqualFold(w.Hostname(), origin.Host) && (w.Port() == "" || w.Port() == strconv.Itoa(origin.Port))
		}))
	}), err)
}

// HostRegexp is [Route.Host] for the hosts that a regular expression matches as
// a whole, in upper or lower case, without their ports. An expression that
// cannot be compiled is a mistake.
//
// Ktor: host, with a Regex.
func (r *Route) HostRegexp(expression string) *Route {
	compiled, err := anchored("(?i)^", expression, "$")
	return r.where(r.caller(), asking("host ~"+expression, "", http.StatusNotFound, func(w *walk) (float64, *app.Error) {
		return holds(compiled.MatchString(w.call.Origin().Host))
	}), err)
}

// Port returns the part of r for calls to one of several ports: the port that
// the client has named with the host, or else 80, or 443 for https, as
// [app.Call.Origin] says. A call to another port gets 404. No port, or a number
// that is none, is a mistake.
//
// Ktor: port.
func (r *Route) Port(ports ...int) *Route {
	words := make([]string, len(ports))
	var err error
	if len(ports) == 0 {
		err = errors.New("no port is named")
	}
	for i, port := range ports {
		words[i] = strconv.Itoa(port)
		err = cmp.Or(checkPort(port), err)
	}
	wanted := slices.Clone(ports)
	return r.where(r.caller(), asking("port "+strings.Join(words, ", "), "", http.StatusNotFound, func(w *walk) (float64, *app.Error) {
		return holds(slices.Contains(wanted, w.call.Origin().Port))
	}), err)
}

// LocalPort returns the part of r for calls that came in at a port of the
// server, whatever the client has named: this is the one to keep an
// administrator's routes to a connector of their own. A call that came in at
// another port gets 404. A number that is no port is a mistake.
//
// Ktor: localPort.
func (r *Route) LocalPort(port int) *Route {
	return r.where(r.caller(), asking("local port "+strconv.Itoa(port), "", http.StatusNotFound, func(w *walk) (float64, *app.Error) {
		address, _ := w.call.Request.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if address == nil {
			return 0, nil
		}
		_, local, err := net.SplitHostPort(address.String())
		return holds(err == nil && local == strconv.Itoa(port))
	}), checkPort(port))
}

// checkHost returns why no call has a host, whose name is without its port.
func checkHost(host, name string) error {
	switch {
	case strings.Contains(name, "*"):
		return fmt.Errorf("%q: a * is no part of a host: ask by HostRegexp", host)
	// Of these only an address in brackets has colons.
	case name == "", strings.ContainsAny(name, "/?#@, []"), strings.Contains(name, ":") && host[0] != '[':
		return fmt.Errorf("%q is no host: it is a name or an address, with a port or without", host)
	default:
		return nil
	}
}

func checkPort(port int) error {
	if port < 1 || port > math.MaxUint16 {
		return fmt.Errorf("%d is no port", port)
	}
	return nil
}
