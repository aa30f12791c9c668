package keystore

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// ErrOldFormat is what Open returns for a store in one of Java's own formats,
// JKS and JCEKS.
var ErrOldFormat = errors.New("the format is Java's old JKS or JCEKS, not PKCS#12")

// ErrPassword is what Open returns if the password is not that of the store,
// and Certificate if it is not that of the key.
var ErrPassword = errors.New("the password is wrong")

// A Store is a key store that was opened. Nothing changes it any more.
type Store struct {
	keys         []key
	certificates []*x509.Certificate
}

// key is an entry with a private key.
type key struct {
	alias string
	bag   bag // as it stands in the store, sealed by the key's password
}

// Open reads a store by its password. The keys stay sealed: they may have a
// password of their own. A store without certificates and keys is an error.
func Open(data []byte, password string) (*Store, error) {
	if bytes.HasPrefix(data, []byte("\xFE\xED\xFE\xED")) || bytes.HasPrefix(data, []byte("\xCE\xCE\xCE\xCE")) {
		return nil, ErrOldFormat
	}
	contents, err := parse(data)
	if err != nil {
		return nil, err
	}
	// It checks the password before it looks for the one key that it knows.
	if _, _, _, err := pkcs12.DecodeChain(data, password); errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, ErrPassword
	}
	store := &Store{}
	for _, content := range contents {
		if err := store.add(content, password); err != nil {
			return nil, err
		}
	}
	if len(store.certificates) == 0 {
		return nil, errors.New("no certificate is in it")
	}
	return store, nil
}

// add adds what is in a part of the store: bags that lie open, or that are sealed
// by its password.
func (s *Store) add(content contentInfo, password string) error {
	if !idData.is(content.ContentType) {
		return s.addSealed(content, password)
	}
	bags, err := content.bags()
	if err != nil {
		return err
	}
	for _, bag := range bags {
		switch {
		case idKeyBag.is(bag.ID), idShroudedKeyBag.is(bag.ID):
			alias := bag.alias()
			if alias == "" {
				alias = strconv.Itoa(len(s.keys) + 1) // as Java calls them
			}
			s.keys = append(s.keys, key{alias, bag})
		case idCertBag.is(bag.ID):
			certificate, err := bag.certificate()
			if err != nil {
				return err
			}
			s.certificates = append(s.certificates, certificate)
		}
	}
	return nil
}

// addSealed adds the certificates of a part that is sealed. Keys are not looked
// for: they are sealed one by one, in a part that is open.
func (s *Store) addSealed(content contentInfo, password string) error {
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(stranger)
	if err != nil {
		return err
	}
	companion, err := openContent(newBag(idKeyBag, der))
	if err != nil {
		return err
	}
	whole, err := rewrap(password, content, companion)
	if err != nil {
		return err
	}
	_, first, others, err := pkcs12.DecodeChain(whole, password)
	if err != nil {
		return err
	}
	s.certificates = append(append(s.certificates, first), others...)
	return nil
}

// Aliases returns the aliases of the keys, in their order.
func (s *Store) Aliases() []string {
	aliases := make([]string, 0, len(s.keys))
	for _, key := range s.keys {
		aliases = append(aliases, key.alias)
	}
	return aliases
}

// Certificates returns all certificates: those of keys, those above them, and
// those that are trusted.
func (s *Store) Certificates() []*x509.Certificate { return slices.Clone(s.certificates) }

// Certificate returns the key with an alias, in upper or lower case as in Java,
// its certificate, and those that lead from it to a root.
func (s *Store) Certificate(alias, password string) (tls.Certificate, error) {
	found := slices.IndexFunc(s.keys, func(key key) bool { return strings.EqualFold(key.alias, alias) })
	if found < 0 {
		return tls.Certificate{}, fmt.Errorf("no key has the alias %q: there are %q", alias, s.Aliases())
	}
	// Beside the key stands any certificate, since there has to be one.
	beside, err := newCertificateBag(s.certificates[0])
	if err != nil {
		return tls.Certificate{}, err
	}
	content, err := openContent(s.keys[found].bag, beside)
	if err != nil {
		return tls.Certificate{}, err
	}
	whole, err := rewrap(password, content)
	if err != nil {
		return tls.Certificate{}, err
	}
	private, _, _, err := pkcs12.DecodeChain(whole, password)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("private key %q: %w (%w)", alias, ErrPassword, err)
	}
	made := tls.Certificate{PrivateKey: private}
	for _, link := range s.chain(private) {
		made.Certificate = append(made.Certificate, link.Raw)
		if made.Leaf == nil {
			made.Leaf = link
		}
	}
	if made.Leaf == nil {
		return tls.Certificate{}, fmt.Errorf("private key %q: no certificate is for it", alias)
	}
	return made, nil
}

// chain returns the certificate of a key, and those above it that are in the
// store.
func (s *Store) chain(private any) []*x509.Certificate {
	leaf := slices.IndexFunc(s.certificates, func(c *x509.Certificate) bool { return isFor(c, private) })
	if leaf < 0 {
		return nil
	}
	chain := []*x509.Certificate{s.certificates[leaf]}
	for {
		last := chain[len(chain)-1]
		above := slices.IndexFunc(s.certificates, func(c *x509.Certificate) bool {
			return !slices.ContainsFunc(chain, c.Equal) && last.CheckSignatureFrom(c) == nil
		})
		if above < 0 {
			return chain
		}
		chain = append(chain, s.certificates[above])
	}
}

// isFor reports whether a certificate is that of a private key.
func isFor(certificate *x509.Certificate, private any) bool {
	holder, ok := private.(interface{ Public() crypto.PublicKey })
	if !ok {
		return false
	}
	public, ok := holder.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(certificate.PublicKey)
}
