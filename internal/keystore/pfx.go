package keystore

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
)

// The structure of PKCS#12 (RFC 7292, section 4), as far as it is open to
// everybody: a sequence of contents, in each of which are bags. A content may be
// sealed as a whole, and a bag by itself.
type (
	pfx struct {
		Version  int
		AuthSafe contentInfo
		MAC      macData `asn1:"optional"`
	}
	contentInfo struct {
		ContentType asn1.ObjectIdentifier
		Content     asn1.RawValue `asn1:"tag:0,explicit,optional"`
	}
	bag struct {
		ID         asn1.ObjectIdentifier
		Value      asn1.RawValue `asn1:"tag:0,explicit"`
		Attributes []attribute   `asn1:"set,optional"`
	}
	attribute struct {
		ID    asn1.ObjectIdentifier
		Value asn1.RawValue `asn1:"set"`
	}
	certificateBag struct {
		ID   asn1.ObjectIdentifier
		Data []byte `asn1:"tag:0,explicit"`
	}
	macData struct {
		MAC        digestInfo
		Salt       []byte
		Iterations int `asn1:"optional,default:1"`
	}
	digestInfo struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
)

// maxIterations bounds how long it may take to check a password: a second or
// two. Java and OpenSSL write 10,000 and 2,048.
const maxIterations = 10_000_000

// parse returns the contents of a store.
func parse(data []byte) ([]contentInfo, error) {
	var outer pfx
	if err := unmarshal(data, &outer); err != nil {
		return nil, fmt.Errorf("it is no key store in the format PKCS#12: %w", err)
	}
	if outer.Version != 3 || !idData.is(outer.AuthSafe.ContentType) {
		return nil, errors.New("it is no key store in the format PKCS#12, version 3, with a password")
	}
	if outer.MAC.Iterations > maxIterations {
		return nil, fmt.Errorf("the password of the key store is hashed %d times, more than %d", outer.MAC.Iterations, maxIterations)
	}
	var safe []byte
	if err := unmarshal(outer.AuthSafe.Content.Bytes, &safe); err != nil {
		return nil, fmt.Errorf("the contents of the key store: %w", err)
	}
	var contents []contentInfo
	if err := unmarshal(safe, &contents); err != nil {
		return nil, fmt.Errorf("the contents of the key store: %w", err)
	}
	return contents, nil
}

// bags returns what is in a content that is open.
func (c contentInfo) bags() (bags []bag, err error) {
	var data []byte
	if err = unmarshal(c.Content.Bytes, &data); err == nil {
		err = unmarshal(data, &bags)
	}
	if err != nil {
		return nil, fmt.Errorf("the bags of the key store: %w", err)
	}
	return bags, nil
}

// alias returns the friendly name of a bag, or nothing.
func (b bag) alias() string {
	for _, attribute := range b.Attributes {
		var name string
		if idFriendlyName.is(attribute.ID) && unmarshal(attribute.Value.Bytes, &name) == nil {
			return name
		}
	}
	return ""
}

// certificate returns that of a bag with one.
func (b bag) certificate() (*x509.Certificate, error) {
	var inner certificateBag
	if err := unmarshal(b.Value.Bytes, &inner); err != nil {
		return nil, fmt.Errorf("a certificate of the key store: %w", err)
	}
	certificate, err := x509.ParseCertificate(inner.Data)
	if err != nil {
		return nil, fmt.Errorf("a certificate of the key store: %w", err)
	}
	return certificate, nil
}

func newCertificateBag(certificate *x509.Certificate) (bag, error) {
	der, err := asn1.Marshal(certificateBag{identifiers[idX509Certificate], certificate.Raw})
	return newBag(idCertBag, der), err
}

// newBag returns a bag with a value in DER.
func newBag(id identifier, der []byte) bag {
	return bag{ID: identifiers[id], Value: explicit(der)}
}

// explicit returns a value in DER under the tag 0.
func explicit(der []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}
}

// openContent returns a content with these bags, which is not sealed.
func openContent(bags ...bag) (contentInfo, error) {
	data, err := asn1.Marshal(bags)
	if err != nil {
		return contentInfo{}, err
	}
	return newContent(data)
}

func newContent(data []byte) (contentInfo, error) {
	octets, err := asn1.Marshal(data)
	return contentInfo{identifiers[idData], explicit(octets)}, err
}

// rewrap returns a store with these contents and a MAC by a password, which is
// that of what is sealed in them.
func rewrap(password string, contents ...contentInfo) ([]byte, error) {
	safe, err := asn1.Marshal(contents)
	if err != nil {
		return nil, err
	}
	outer := pfx{Version: 3}
	if outer.AuthSafe, err = newContent(safe); err != nil {
		return nil, err
	}
	if outer.MAC.MAC, err = newMAC(safe, password); err != nil {
		return nil, err
	}
	return asn1.Marshal(outer)
}

// newMAC returns the MAC of data (PBMAC1, RFC 9579). It protects nothing, since
// it never leaves this process; it is what go-pkcs12 asks for.
func newMAC(data []byte, password string) (digestInfo, error) {
	type derivation struct {
		Salt       []byte
		Iterations int
		KeyLength  int
		PRF        pkix.AlgorithmIdentifier
	}
	type parameters struct{ KDF, MAC pkix.AlgorithmIdentifier }

	hash := pkix.AlgorithmIdentifier{Algorithm: identifiers[idHmacWithSHA256], Parameters: asn1.NullRawValue}
	by := derivation{Salt: []byte("chitor"), Iterations: 1, KeyLength: sha256.Size, PRF: hash}
	secret, err := pbkdf2.Key(sha256.New, password, by.Salt, by.Iterations, by.KeyLength)
	if err != nil {
		return digestInfo{}, err
	}
	derived, err := asn1.Marshal(by)
	if err != nil {
		return digestInfo{}, err
	}
	described, err := asn1.Marshal(parameters{pkix.AlgorithmIdentifier{Algorithm: identifiers[idPbkdf2KDF], Parameters: raw(derived)}, hash})
	if err != nil {
		return digestInfo{}, err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(data)
	return digestInfo{pkix.AlgorithmIdentifier{Algorithm: identifiers[idPbmac1], Parameters: raw(described)}, mac.Sum(nil)}, nil
}

func raw(der []byte) asn1.RawValue { return asn1.RawValue{FullBytes: der} }

// unmarshal reads one value in DER and nothing after it.
func unmarshal(der []byte, value any) error {
	rest, err := asn1.Unmarshal(der, value)
	if err == nil && len(rest) > 0 {
		err = errors.New("more follows where it should end")
	}
	return err
}

// An identifier names an entry of identifiers.
type identifier uint8

const (
	idData identifier = iota
	idKeyBag
	idShroudedKeyBag
	idCertBag
	idX509Certificate
	idFriendlyName
	idPbkdf2KDF
	idPbmac1
	idHmacWithSHA256
)

// identifiers are those of RFC 7292, RFC 8018 and PKCS#9.
var identifiers = [...]asn1.ObjectIdentifier{
	idData:            {1, 2, 840, 113549, 1, 7, 1},
	idKeyBag:          {1, 2, 840, 113549, 1, 12, 10, 1, 1},
	idShroudedKeyBag:  {1, 2, 840, 113549, 1, 12, 10, 1, 2},
	idCertBag:         {1, 2, 840, 113549, 1, 12, 10, 1, 3},
	idX509Certificate: {1, 2, 840, 113549, 1, 9, 22, 1},
	idFriendlyName:    {1, 2, 840, 113549, 1, 9, 20},
	idPbkdf2KDF:       {1, 2, 840, 113549, 1, 5, 12},
	idPbmac1:          {1, 2, 840, 113549, 1, 5, 14},
	idHmacWithSHA256:  {1, 2, 840, 113549, 2, 9},
}

func (i identifier) is(id asn1.ObjectIdentifier) bool { return id.Equal(identifiers[i]) }
