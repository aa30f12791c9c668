package sse

import "unicode/utf8"

// validUTF8 returns value as a client would read it. It allocates only if that
// is something else.
func validUTF8(value string) string {
	if utf8.ValidString(value) {
		return value
	}
	return string(appendUTF8(nil, []byte(value)))
}

// appendUTF8 appends src with each ill-formed sequence replaced by U+FFFD, as
// the Encoding standard's UTF-8 decoder does it: a character that is cut off is
// replaced as a whole, not byte by byte. "a\xe4\xb8" becomes "a\ufffd".
func appendUTF8(dst, src []byte) []byte {
	if utf8.Valid(src) {
		return append(dst, src...)
	}
	for len(src) > 0 {
		char, size := utf8.DecodeRune(src)
		if char == utf8.RuneError && size == 1 {
			// As long as the bytes could still become a character, they belong
			// together.
			for size < len(src) && !utf8.FullRune(src[:size+1]) {
				size++
			}
		}
		dst = utf8.AppendRune(dst, char)
		src = src[size:]
	}
	return dst
}
