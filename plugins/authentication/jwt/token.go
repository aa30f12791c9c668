package jwt

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// A Token is what a token says whose signature and registered claims have been
// checked.
//
// Ktor: JWTCredential.
type Token[C any] struct {
	// Claims is the payload.
	//
	// Ktor: payload.
	Claims C
	// Header is what names the key.
	Header Header
	// ExpiresAt is when the token expires, without the leeway. It is zero for one
	// that does not.
	//
	// Ktor: expiresAt.
	ExpiresAt time.Time
}

// A Header is the part of a token that says how it is signed (RFC 7515 section
// 4). What else stands there, such as keys and addresses of keys (jwk, jku, x5c,
// x5u), is never looked at.
type Header struct {
	// Algorithm is alg.
	Algorithm Algorithm `json:"alg"`
	// KeyID is kid, "" if the token does not name its key.
	KeyID string `json:"kid"`
	// Type is typ, "" if the token does not name its type.
	Type string `json:"typ"`
}

// appendDecoded appends what a part of a token stands for. The part is in the
// alphabet of base64url, without padding, and the bits that are left over at its
// end have to be zero, so that each content is written in one way only.
func appendDecoded(to []byte, part string) ([]byte, error) {
	decoded, err := base64.RawURLEncoding.AppendDecode(to, []byte(part))
	if err != nil {
		return to, errMalformed
	}
	var tail [4]byte
	rest := (len(decoded) - len(to)) % 3
	last := base64.RawURLEncoding.AppendEncode(tail[:0], decoded[len(decoded)-rest:])
	if part[len(part)-len(last):] != string(last) {
		return to, errMalformed
	}
	return decoded, nil
}

// parts are the three parts of a token, and what is signed of it.
type parts struct{ header, payload, signature, signed string }

// split returns the parts of a token. It has three, in base64url without
// padding; nothing else is one, such as an encrypted token with five.
func split(token string) (parts, bool) {
	first := strings.IndexByte(token, '.')
	last := strings.LastIndexByte(token, '.')
	if first <= 0 || last <= first+1 || last == len(token)-1 {
		return parts{}, false
	}
	for i := range len(token) {
		if !isBase64URL(token[i]) && i != first && i != last {
			return parts{}, false // also a line end, which package base64 skips
		}
	}
	return parts{token[:first], token[first+1 : last], token[last+1:], token[:last]}, true
}

func isBase64URL(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// parseHeader returns the header of a token. A token that requires an extension
// is refused (RFC 7515 section 4.1.11): none is known here.
func parseHeader(part string) (Header, error) {
	text, err := appendDecoded(nil, part)
	if err != nil {
		return Header{}, err
	}
	var read struct {
		Header

		Critical json.RawMessage `json:"crit"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return Header{}, errMalformed
	}
	if read.Critical != nil {
		return Header{}, errCritical
	}
	return read.Header, nil
}
