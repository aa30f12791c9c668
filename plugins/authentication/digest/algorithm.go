package digest

import (
	"crypto/md5" //nolint:gosec // for old clients, where an application asks for it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"slices"
)

// An Algorithm is how digests are made (RFC 7616 section 6.1). Those that end in
// Session hash nonces into the first part of a digest.
//
// Ktor: DigestAlgorithm.
type Algorithm string

// The algorithms. MD5 is for clients that know no other: it is broken for other
// purposes, not yet for this one, and no application should begin with it.
const (
	SHA256           Algorithm = "SHA-256"
	SHA256Session    Algorithm = "SHA-256-sess"
	SHA512256        Algorithm = "SHA-512-256" // SHA-512/256
	SHA512256Session Algorithm = "SHA-512-256-sess"
	MD5              Algorithm = "MD5"
	MD5Session       Algorithm = "MD5-sess"
)

// An algorithmKind is what there is to know of an algorithm.
type algorithmKind struct {
	hash    func() hash.Hash
	size    int // of a digest, in bytes
	session bool
}

func (a Algorithm) kind() (algorithmKind, bool) {
	switch a {
	case SHA256, SHA256Session:
		return algorithmKind{sha256.New, sha256.Size, a == SHA256Session}, true
	case SHA512256, SHA512256Session:
		return algorithmKind{sha512.New512_256, sha512.Size256, a == SHA512256Session}, true
	case MD5, MD5Session:
		return algorithmKind{md5.New, md5.Size, a == MD5Session}, true
	default:
		return algorithmKind{}, false
	}
}

// HA1 returns what [Config.DigestProvider] returns for a user whose password is
// known: the hash of name, realm and password, joined by colons, in UTF-8. It is
// what a table of users may keep in place of passwords, with two drawbacks: it is
// for one realm and one hash, and whoever steals it can log in with it. It is the
// same for an algorithm and its Session. Of an unknown algorithm it is nil.
//
// Ktor: the digest function of digestProvider.
func (a Algorithm) HA1(userName, realm, password string) []byte {
	return a.sum(userName, realm, password)
}

// UserHash returns what a client sends in place of a name, if the scheme has a
// [Config.UserHashResolver] (RFC 7616 section 3.4.4): the hash of name and realm,
// in hexadecimal. Of an unknown algorithm it is "".
func (a Algorithm) UserHash(userName, realm string) string {
	return hex.EncodeToString(a.sum(userName, realm))
}

// sum returns the hash of parts joined by colons.
func (a Algorithm) sum(parts ...string) []byte {
	kind, known := a.kind()
	if !known {
		return nil
	}
	d := digester{hasher: kind.hash()}
	return d.sum(parts...)
}

// A digester hashes texts, one after another.
type digester struct {
	hasher hash.Hash
	text   []byte
}

// sum returns the hash of parts joined by colons, until it is called again.
func (d *digester) sum(parts ...string) []byte {
	d.text = d.text[:0]
	for i, part := range parts {
		if i > 0 {
			d.text = append(d.text, ':')
		}
		d.text = append(d.text, part...)
	}
	d.hasher.Reset()
	d.hasher.Write(d.text)
	d.text = d.hasher.Sum(d.text[:0])
	return d.text
}

// hexSum returns the same in hexadecimal, for good.
func (d *digester) hexSum(parts ...string) string { return hex.EncodeToString(d.sum(parts...)) }

// A QOP is a quality of protection (RFC 7616 section 3.3).
//
// Ktor: DigestQop.
type QOP string

const (
	// Auth protects method and address of a request.
	Auth QOP = "auth"
	// AuthInt protects its body as well, which is read, up to the body limit of
	// the call, before it is known whose it is.
	AuthInt QOP = "auth-int"
)

// known reports whether all values are among those that are known.
func (q QOP) known() bool { return slices.Contains([]QOP{Auth, AuthInt}, q) }
