package forwarding

import (
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Known is the Skip of a chain in which proxies are skipped as long as they are
// known.
const Known = -1

// maxHops is how many proxies a chain may have. No real one has ten.
const maxHops = 32

// Trust says which proxies are believed, and which entry of a chain is the
// client. It never changes while calls are served.
type Trust struct {
	// Proxies are the networks of those that are believed.
	Proxies []netip.Prefix
	// AnyProxy believes whoever has opened the connection.
	AnyProxy bool
	// UnixSockets believes whoever has connected to a Unix socket.
	UnixSockets bool
	// Skip is how many entries of a chain are skipped, from the right; [Known]
	// skips those that are trusted.
	Skip int
}

// Add adds networks, as 192.0.2.0/24 is one, and addresses.
func (t *Trust) Add(texts []string) error {
	var errs []error
	for _, text := range texts {
		prefix, err := parseNetwork(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("trust %q: it is neither a network, such as 10.0.0.0/8, nor an address", text))
			continue
		}
		t.Proxies = append(t.Proxies, prefix)
	}
	return errors.Join(errs...)
}

func parseNetwork(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(address, address.BitLen()), nil
}

// Check returns what is wrong with the configuration.
func (t *Trust) Check() error {
	var errs []error
	for _, prefix := range t.Proxies {
		switch {
		case !prefix.IsValid():
			errs = append(errs, errors.New("a trusted proxy is no network"))
		case prefix.Bits() == 0:
			errs = append(errs, fmt.Errorf("%s is everybody, so that each client could name itself: "+
				"write TrustAnyProxy() if whoever connects is a proxy", prefix))
		case prefix.Addr().Is4In6():
			errs = append(errs, fmt.Errorf("%s: write the network as one of IPv4", prefix))
		}
	}
	if len(t.Proxies) == 0 && !t.AnyProxy && !t.UnixSockets {
		errs = append(errs, errors.New(`no proxy is trusted, so that the headers would say nothing: name yours, `+
			`as in c.TrustProxies("10.0.0.0/8"), or write c.TrustAnyProxy() where only proxies can connect`))
	}
	return errors.Join(errs...)
}

// Believes reports whether the headers of a call are believed: whether a proxy
// that is trusted has opened the connection.
func (t *Trust) Believes(c *app.Call) bool {
	if t.AnyProxy || t.knows(c.Local().Remote.Addr()) {
		return true
	}
	local, _ := c.Request.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return t.UnixSockets && local != nil && strings.HasPrefix(local.Network(), "unix")
}

// knows reports whether an address is that of a proxy.
func (t *Trust) knows(address netip.Addr) bool {
	address = address.WithZone("")
	return slices.ContainsFunc(t.Proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// trusts reports whether a node is a proxy that is believed.
func (t *Trust) trusts(n Node) bool {
	return t.knows(n.Address.Addr()) || t.UnixSockets && n.Name == unixSocket
}

var errTooManyHops = fmt.Errorf("it names more than %d proxies", maxHops)

// Client returns the client in a chain whose nodes come from the right, and how
// many entries are on its right. It is the first that is no trusted proxy, or
// the last one that comes. Of a chain that is shorter than Skip says it is the
// first that comes: the one that is certain. An empty chain has none.
func (t *Trust) Client(chain iter.Seq2[Node, error]) (client Node, hop int, err error) {
	var first Node
	at := 0
	for node, err := range chain {
		switch {
		case err != nil:
			return Node{}, 0, err
		case at == maxHops:
			return Node{}, 0, errTooManyHops
		case at == 0:
			first = node
		}
		client, hop = node, at
		if at == t.Skip || t.Skip == Known && !t.trusts(node) {
			return client, hop, nil
		}
		at++
	}
	if t.Skip != Known {
		return first, 0, nil
	}
	return client, hop, nil
}
