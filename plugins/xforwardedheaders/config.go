package xforwardedheaders

import (
	"fmt"
	"net/http"
	"net/netip"

	"github.com/chitor-go/chitor/internal/forwarding"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says whose headers [Plugin] believes, and which. It is read when the
// plugin is installed; later changes have no effect. Start returns the mistakes
// in it, with the line of the installation.
//
// Ktor: XForwardedHeadersConfig.
type Config struct {
	// TrustedProxies are the networks of the proxies that are trusted, none by
	// default. [Config.TrustProxies] adds to them. A network that is everybody,
	// such as 0.0.0.0/0, is a mistake.
	TrustedProxies []netip.Prefix

	// HostHeaders name the host that the client has used, perhaps with a port:
	// X-Forwarded-Host and X-Forwarded-Server by default. Of this list and the
	// others the first header counts that a call has; an empty list reads none.
	// What can be no name of a header is a mistake.
	//
	// Ktor: hostHeaders.
	HostHeaders []string
	// ProtoHeaders name the scheme: X-Forwarded-Proto and X-Forwarded-Protocol
	// by default.
	//
	// Ktor: protoHeaders.
	ProtoHeaders []string
	// ForHeaders name the client and the proxies behind it: X-Forwarded-For by
	// default. A header with one address, such as CF-Connecting-IP, will do.
	//
	// Ktor: forHeaders.
	ForHeaders []string
	// HTTPSFlagHeaders say by "on", "yes" or "true" that the scheme is https:
	// X-Forwarded-SSL and Front-End-Https by default.
	//
	// Ktor: httpsFlagHeaders.
	HTTPSFlagHeaders []string
	// PortHeaders name the port that the client has used: X-Forwarded-Port by
	// default.
	//
	// Ktor: portHeaders.
	PortHeaders []string

	anyProxy, unixSockets bool
	skip                  int
	mistakes              mistakes.List
}

func defaultConfig() Config {
	return Config{
		HostHeaders:      []string{"X-Forwarded-Host", "X-Forwarded-Server"},
		ProtoHeaders:     []string{"X-Forwarded-Proto", "X-Forwarded-Protocol"},
		ForHeaders:       []string{"X-Forwarded-For"},
		HTTPSFlagHeaders: []string{"X-Forwarded-SSL", "Front-End-Https"},
		PortHeaders:      []string{"X-Forwarded-Port"},
		skip:             forwarding.Known,
	}
}

// TrustProxies trusts the proxies of networks and addresses, as in
// TrustProxies("10.0.0.0/8", "192.0.2.7"): what they say is believed, and they
// are skipped where the client is looked for. Any other text is a mistake.
//
// Ktor: skipKnownProxies.
func (c *Config) TrustProxies(networks ...string) {
	added := forwarding.Trust{Proxies: c.TrustedProxies}
	c.mistakes.Add(added.Add(networks))
	c.TrustedProxies = added.Proxies
}

// TrustAnyProxy believes whoever opens the connection. It is for platforms on
// which only their proxy can reach the application, such as Cloud Run and
// Heroku, and makes every client its own judge anywhere else. Only the last
// value of a header is believed, unless [Config.TrustProxies] names further
// proxies.
func (c *Config) TrustAnyProxy() { c.anyProxy = true }

// TrustUnixSockets believes whoever connects to a Unix socket. The permissions
// of the socket say who can.
func (c *Config) TrustUnixSockets() { c.unixSockets = true }

// UseLastProxy takes the last value of each header, whatever it says: what the
// proxy has written that has opened the connection.
//
// Ktor: useLastProxy.
func (c *Config) UseLastProxy() { c.skip = 0 }

// SkipLastProxies takes the value of each header that has count values on its
// right, whatever they say. It is for a chain whose length is always the same
// while its addresses change; whoever can reach a proxy in the middle of it
// names the client. If there are fewer values, the last one counts. A negative
// count is a mistake.
//
// Ktor: skipLastProxies.
func (c *Config) SkipLastProxies(count int) {
	if count < 0 {
		c.mistakes.Add(fmt.Errorf("SkipLastProxies(%d): the number is negative", count))
		return
	}
	c.skip = count
}

// check records what is wrong with the names, and returns them as headers have
// them.
func (c *Config) check(names []string) []string {
	var canonical []string
	for _, name := range names {
		if !httpheader.IsToken(name) {
			c.mistakes.Add(fmt.Errorf("%q is not the name of a header", name))
		}
		canonical = append(canonical, http.CanonicalHeaderKey(name))
	}
	return canonical
}
