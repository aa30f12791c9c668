package httpheader

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
)

// ParseHost reads what Host, and every header that stands for it, says (RFC
// 9110 section 7.2): a name or an address, perhaps with a port. It returns the
// host in lower case, an IPv6 address without its brackets, and the port, 0 if
// none is named. It reports false for anything else: a name has letters, digits
// and -._~ alone. It allocates for letters in upper case.
func ParseHost(value string) (host string, port int, ok bool) {
	host, rest, ok := cutHost(value)
	if !ok {
		return "", 0, false
	}
	if rest != "" {
		digits, colon := strings.CutPrefix(rest, ":")
		if port, ok = ParsePort(digits); !ok || !colon {
			return "", 0, false
		}
	}
	return strings.ToLower(host), port, true
}

// cutHost cuts value behind the host that it begins with.
func cutHost(value string) (host, rest string, ok bool) {
	if inside, bracketed := strings.CutPrefix(value, "["); bracketed {
		host, rest, ok = strings.Cut(inside, "]")
		return host, rest, ok && isIPv6(host)
	}
	end := len(value)
	if colon := strings.IndexByte(value, ':'); colon >= 0 {
		end = colon
	}
	host = value[:end]
	return host, value[end:], host != "" && !strings.ContainsFunc(host, isNoHostRune)
}

// ParsePort reads the digits of a port, from 1 to 65535.
func ParsePort(digits string) (port int, ok bool) {
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	port, err := strconv.Atoi(digits)
	return port, err == nil && port > 0 && port <= math.MaxUint16
}

// isIPv6 reports whether text is an IPv6 address as a URL may have it: without
// a zone.
func isIPv6(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is6() && address.Zone() == ""
}

func isNoHostRune(r rune) bool {
	alphanumeric := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !alphanumeric && !strings.ContainsRune("-._~", r)
}
