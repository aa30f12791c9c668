package app

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// An Origin says who has sent a request, and to which scheme, host and port.
// [Call.Origin] returns the client's view of it.
//
// Ktor: RequestConnectionPoint.
type Origin struct {
	// Scheme is "http" or "https".
	//
	// Ktor: scheme.
	Scheme string

	// Host is the name or address that the client has sent the request to: what
	// Host says, in lower case, without the port and without the brackets of an
	// IPv6 address. It is empty if the client has named none, or something that
	// can be no host; a host that is there can be put into a URL. Which hosts
	// are yours it does not know: see routing's Host.
	//
	// Ktor: serverHost.
	Host string

	// Port is the port that the client has sent the request to: what stands
	// behind the host, or the default of the scheme, 80 or 443.
	//
	// Ktor: serverPort.
	Port int

	// Remote is the address of the client. It is not valid if nobody knows it:
	// behind a Unix socket, or a proxy that does not tell. Its port is 0 if only
	// the address is known.
	//
	// Ktor: remoteAddress and remotePort.
	Remote netip.AddrPort

	// RemoteName stands for the client where Remote is not valid: what a proxy
	// calls it, such as "unknown" or "_hidden" (RFC 7239 section 6.3), or what
	// net/http does.
	RemoteName string
}

// RemoteHost returns the address of the client as text, or else its name.
//
// Ktor: remoteHost.
func (o Origin) RemoteHost() string {
	if o.Remote.IsValid() {
		return o.Remote.Addr().String()
	}
	return o.RemoteName
}

// RemoteNetwork returns what one client is told from another by: an IPv4
// address, of an IPv6 address the network of 64 bits, because that is what one
// client has, and the name of a client whose address nobody knows.
func (o Origin) RemoteNetwork() string {
	host := o.Remote.Addr()
	if !host.Is6() {
		return o.RemoteHost()
	}
	network, err := host.WithZone("").Prefix(64)
	if err != nil {
		return o.RemoteHost()
	}
	return network.String()
}

// String returns what the URLs of the application begin with for the client:
// scheme, host, and port if it is not the scheme's default, as in
// "https://example.com:8443". It is empty if there is no host.
func (o Origin) String() string {
	if o.Host == "" {
		return ""
	}
	return o.Scheme + "://" + o.authority()
}

// authority returns host and port as the Host header has them.
func (o Origin) authority() string {
	switch {
	case o.Port != 0 && o.Port != defaultPort(o.Scheme):
		return net.JoinHostPort(o.Host, strconv.Itoa(o.Port))
	case strings.Contains(o.Host, ":"):
		return "[" + o.Host + "]"
	default:
		return o.Host
	}
}

// originKey holds the origin of a call that SetOrigin was called for.
var originKey = NewKey[*givenOrigin]("app.origin")

// givenOrigin is what SetOrigin was given, and what was the case before. It
// never changes.
type givenOrigin struct{ origin, local Origin }

// Origin returns the origin of the call as its client sees it. Everything that
// asks for the address of the client, or for the scheme, host and port that it
// has used, asks here: routing's Host and Port, CORS for the origin that is the
// application's own, event streams for the client that MaxSessionsPerKey
// counts by.
//
// No header but Host is believed. Without a plugin such as ForwardedHeaders,
// which calls [Call.SetOrigin], it is what the connection and [Call.Request]
// say: https over TLS, and where a middleware has put that scheme into the URL
// of the request; the RemoteAddr that the server or a middleware has set.
//
// Ktor: request.origin.
func (c *Call) Origin() Origin {
	if given, ok := originKey.Get(c); ok {
		return given.origin
	}
	return originOf(c.Request)
}

// Local returns the origin that the connection itself names, also where
// [Call.SetOrigin] was called: behind a proxy the scheme, host and port that
// the proxy has used, and the address of the proxy.
//
// Ktor: request.local.
func (c *Call) Local() Origin {
	if given, ok := originKey.Get(c); ok {
		return given.local
	}
	return originOf(c.arrived)
}

// SetOrigin sets what [Call.Origin] returns, and RemoteAddr and Host of
// [Call.Request] with it, so that net/http middlewares and handlers follow; the
// request's TLS stays nil behind a proxy. [Call.Arrived] keeps what the
// connection says, as [Call.Local] does. An origin without a host leaves that
// of the request.
//
// It is for plugins that know whom to believe, in [PhaseSetup], before anything
// asks, and for one call at a time:
//
//	origin := c.Origin()
//	origin.Scheme, origin.Port = "https", 443
//	c.SetOrigin(origin)
//
// Ktor: mutableOriginConnectionPoint.
func (c *Call) SetOrigin(origin Origin) {
	originKey.Set(c, &givenOrigin{origin, c.Local()})
	changed := c.Request.WithContext(c.Request.Context()) // a copy: others may hold it
	switch changed.RemoteAddr = origin.RemoteName; {
	case origin.Remote.IsValid():
		changed.RemoteAddr = origin.Remote.String()
	case origin.RemoteName == "":
		changed.RemoteAddr = "unknown" // RFC 7239 section 6.2
	}
	if origin.Host != "" {
		changed.Host = origin.authority()
	}
	c.Request = changed
}

// originOf returns what the request and its connection say.
func originOf(r *http.Request) Origin {
	o := Origin{Scheme: "http"}
	// A request for https://host/ without TLS makes the scheme no other.
	if r.TLS != nil || strings.EqualFold(r.URL.Scheme, "https") && strings.HasPrefix(r.RequestURI, "/") {
		o.Scheme = "https"
	}
	o.Host, o.Port, _ = httpheader.ParseHost(r.Host)
	if o.Port == 0 {
		o.Port = defaultPort(o.Scheme)
	}
	o.Remote = remoteOf(r.RemoteAddr)
	if !o.Remote.IsValid() {
		o.RemoteName = r.RemoteAddr
	}
	return o
}

// remoteOf reads an address with a port, or one alone, as some middlewares set
// it.
func remoteOf(text string) netip.AddrPort {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return netip.AddrPortFrom(both.Addr().Unmap(), both.Port())
	}
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.AddrPortFrom(address.Unmap(), 0)
	}
	return netip.AddrPort{}
}

func defaultPort(scheme string) int {
	if scheme == "https" {
		return 443
	}
	return 80
}
