package jwt

// Verify reports whether a token is signed by the key.
func Verify(key Key, token string) bool {
	parts, ok := split(token)
	if !ok {
		return false
	}
	header, err := parseHeader(parts.header)
	return err == nil && checkSignature(KeySet{key}, header, &parts, new([]byte)) == nil
}

// ReadRegistered returns the registered claims of a payload as JSON, and the
// seconds of exp.
func ReadRegistered(payload []byte) (issuer, audience []byte, expires float64, expiresSet, ok bool) {
	r, ok := readRegistered(payload)
	return r.issuer, r.audience, r.expires.seconds, r.expires.set, ok
}
