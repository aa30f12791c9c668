package ratelimit

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"

	"github.com/chitor-go/chitor/app"
)

// ByAddress returns the address of the client: of IPv4 the address, of IPv6 the
// network of 64 bits, because that is what one client has. Where the address is
// none, as on a Unix socket, all that have the same text are one client. Behind a
// proxy it is the address of the proxy.
func ByAddress(c *app.Call) (string, error) { return network(c.Request.RemoteAddr), nil }

// OneForAll returns the same key for every call: all clients share one bucket. A
// client that empties it empties it for all, so it is for protecting what is
// behind the limit, around a limit by client.
//
// Ktor: the default of requestKey.
func OneForAll(*app.Call) (string, error) { return "", nil }

func network(remote string) string {
	address, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	host := address.Addr().Unmap().WithZone("")
	if host.Is4() {
		return host.String()
	}
	prefix, err := host.Prefix(64)
	if err != nil {
		return host.String()
	}
	return prefix.String()
}

// longestKey is how many bytes of a key are kept as they are.
const longestKey = 64

// bounded returns a key that is not long, in place of one that may be: keys are
// kept, and clients choose what they are made of.
func bounded(key string) string {
	if len(key) <= longestKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:]) // longer than any other
}
