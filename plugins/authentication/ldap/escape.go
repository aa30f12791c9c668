package ldap

import (
	"fmt"
	"strings"
)

// EscapeDN returns a value as it stands in a distinguished name (RFC 4514 section
// 2.4), so that all of it is the value. It escapes more than it has to: whatever
// has a meaning somewhere with a backslash, and control characters and what is not
// ASCII as \ and two digits for each byte.
//
// Ktor: ldapEscape.
func EscapeDN(value string) string {
	var b strings.Builder
	for i := range len(value) {
		switch c := value[i]; {
		case strings.IndexByte(` "#+,;<=>\`, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
