package forwardedheaders

import (
	"fmt"
	"net/netip"

	"github.com/chitor-go/chitor/internal/forwarding"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says whose Forwarded headers [Plugin] believes. It is read when the
// plugin is installed; later changes have no effect. Start returns the mistakes
// in it, with the line of the installation.
//
// Ktor: ForwardedHeadersConfig.
type Config struct {
	// TrustedProxies are the networks of the proxies that are trusted, none by
	// default. [Config.TrustProxies] adds to them. A network that is everybody,
	// such as 0.0.0.0/0, is a mistake.
	TrustedProxies []netip.Prefix

	anyProxy, unixSockets bool
	skip                  int
	mistakes              mistakes.List
}

func defaultConfig() Config { return Config{skip: forwarding.Known} }

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
// element of the header is believed, unless [Config.TrustProxies] names further
// proxies.
func (c *Config) TrustAnyProxy() { c.anyProxy = true }

// TrustUnixSockets believes whoever connects to a Unix socket. The permissions
// of the socket say who can.
func (c *Config) TrustUnixSockets() { c.unixSockets = true }

// UseLastValue takes the last element for the client's, whatever it says: what
// the proxy has written that has opened the connection.
//
// Ktor: useLastValue.
func (c *Config) UseLastValue() { c.skip = 0 }

// SkipLastProxies takes the element for the client's that has count elements on
// its right, whatever they say. It is for a chain whose length is always the
// same while its addresses change; whoever can reach a proxy in the middle of
// it names the client. If there are fewer elements, the last is the client's. A
// negative count is a mistake.
//
// Ktor: skipLastProxies.
func (c *Config) SkipLastProxies(count int) {
	if count < 0 {
		c.mistakes.Add(fmt.Errorf("SkipLastProxies(%d): the number is negative", count))
		return
	}
	c.skip = count
}

// newTrust returns what config describes, or all mistakes in it.
func newTrust(config Config) (*forwarding.Trust, error) {
	trust := &forwarding.Trust{
		Proxies: config.TrustedProxies, AnyProxy: config.anyProxy, UnixSockets: config.unixSockets, Skip: config.skip,
	}
	config.mistakes.Add(trust.Check())
	return trust, config.mistakes.Err()
}
