package ratelimit

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/chitor-go/chitor/app"
)

// ByAddress returns the address of the client, as [app.Call.Origin] says it: of
// IPv4 the address, of IPv6 the network of 64 bits, because that is what one
// client has. Behind a proxy it is the address of the proxy, and all clients have
// one bucket, unless a plugin such as ForwardedHeaders trusts that proxy. Where
// the address is unknown, as on a Unix socket, all that have the same name are one
// client.
func ByAddress(c *app.Call) (string, error) { return c.Origin().RemoteNetwork(), nil }

// OneForAll returns the same key for every call: all clients share one bucket. A
// client that empties it empties it for all, so it is for protecting what is
// behind the limit, around a limit by client.
//
// Ktor: the default of requestKey.
func OneForAll(*app.Call) (string, error) { return "", nil }

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
