package httpheader

import "strings"

// IsToken reports whether text is a token (RFC 9110 section 5.6.2): a method,
// the name of a header, a content coding. The empty text is none.
func IsToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		alphanumeric := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alphanumeric && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return text != ""
}

// IsOfOneBody reports whether a header of a response, named in any case, says
// how one body is sent, so that nothing which does not know the body can set it.
func IsOfOneBody(name string) bool {
	for _, known := range [...]string{"Content-Encoding", "Content-Length", "Content-Range", "Trailer", "Transfer-Encoding", "Upgrade"} {
		if EqualFold(name, known) {
			return true
		}
	}
	return false
}

// EqualFold compares without regard to the case of ASCII letters, and of no
// others: K (U+212A) is not k.
func EqualFold(a, b string) bool {
	// Other letters that fold to those of ASCII are longer.
	return len(a) == len(b) && strings.EqualFold(a, b)
}

// trim removes the white space that may surround elements and parameters (RFC
// 9110 section 5.6.3).
func trim(text string) string {
	for text != "" && isBlank(text[0]) {
		text = text[1:]
	}
	for text != "" && isBlank(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
