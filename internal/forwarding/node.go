package forwarding

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// A Node is a client or proxy as a header names it. The zero Node is nobody.
type Node struct {
	// Address is its address, with a port of 0 if none is named. It is not valid
	// if the header has a name in its place.
	Address netip.AddrPort
	// Name is "unknown", an obfuscated identifier such as "_hidden", or what
	// nginx writes for the client of a Unix socket.
	Name string
}

const unixSocket = "unix:"

// ParseNode reads a node of RFC 7239 section 6. An IPv6 address may stand
// without brackets, as X-Forwarded-For has it, and then has no port.
func ParseNode(text string) (Node, error) {
	if text == unixSocket {
		return Node{Name: text}, nil
	}
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return Node{Address: netip.AddrPortFrom(address.Unmap(), 0)}, nil
	}
	name, port := text, ""
	if inside, bracketed := strings.CutPrefix(text, "["); bracketed {
		var closed bool
		name, port, closed = strings.Cut(inside, "]")
		if !closed || !strings.Contains(name, ":") {
			return Node{}, malformed(text)
		}
	} else if colon := strings.IndexByte(text, ':'); colon >= 0 {
		name, port = text[:colon], text[colon:]
	}
	number, ok := parseNodePort(port)
	if !ok {
		return Node{}, malformed(text)
	}
	if httpheader.EqualFold(name, "unknown") {
		return Node{Name: "unknown"}, nil
	}
	if isObfuscated(name) {
		return Node{Name: name}, nil
	}
	address, err := netip.ParseAddr(name)
	if err != nil || address.Zone() != "" {
		return Node{}, malformed(text)
	}
	return Node{Address: netip.AddrPortFrom(address.Unmap(), uint16(number))}, nil
}

func malformed(text string) error { return fmt.Errorf("%.100q names no client or proxy", text) }

// parseNodePort reads the port behind a node, with its colon: 0 for none, and
// for an obfuscated one.
func parseNodePort(text string) (port int, ok bool) {
	if text == "" {
		return 0, true
	}
	digits, colon := strings.CutPrefix(text, ":")
	if colon && (digits == "0" || isObfuscated(digits)) {
		return 0, true
	}
	port, ok = httpheader.ParsePort(digits)
	return port, ok && colon
}

// isObfuscated reports whether text is an obfuscated identifier (RFC 7239
// section 6.3).
func isObfuscated(text string) bool {
	return len(text) > 1 && text[0] == '_' && strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}
