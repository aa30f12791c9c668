package keystore_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/keystore"
)

func read(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(tb, err)
	return data
}

// The files were written by keytool of Java 17 and OpenSSL 3.0, and
// twopasswords.p12 by a program in Java, since keytool makes both passwords one.
func TestCertificate(t *testing.T) {
	cases := map[string]struct {
		file, password, alias, keyPassword string

		aliases []string
		subject string
		chain   int
		key     any
	}{
		"OpenSSL":                     {"openssl.p12", "changeit", "mykey", "changeit", []string{"mykey"}, "CN=ec", 2, &ecdsa.PrivateKey{}},
		"OpenSSL, old ciphers":        {"legacy.p12", "changeit", "mykey", "changeit", []string{"mykey"}, "CN=rsa", 1, &rsa.PrivateKey{}},
		"a key without a name":        {"unnamed.p12", "changeit", "1", "changeit", []string{"1"}, "CN=ed", 1, ed25519.PrivateKey{}},
		"nothing is sealed":           {"unsealed.p12", "changeit", "open", "changeit", []string{"open"}, "CN=ec", 1, &ecdsa.PrivateKey{}},
		"an empty password":           {"empty.p12", "", "mykey", "", []string{"mykey"}, "CN=ec", 1, &ecdsa.PrivateKey{}},
		"keytool, the first of two":   {"keytool.p12", "foobar", "sampleAlias", "foobar", []string{"samplealias", "second"}, "CN=ec", 2, &ecdsa.PrivateKey{}},
		"keytool, the second":         {"keytool.p12", "foobar", "second", "foobar", []string{"samplealias", "second"}, "CN=rsa", 2, &rsa.PrivateKey{}},
		"the key has a password also": {"twopasswords.p12", "123456", "mykey", "foobar", []string{"mykey"}, "CN=ec", 2, &ecdsa.PrivateKey{}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			store, err := keystore.Open(read(t, test.file), test.password)
			require.NoError(t, err)
			assert.Equal(t, test.aliases, store.Aliases())
			certificate, err := store.Certificate(test.alias, test.keyPassword)
			require.NoError(t, err)
			assert.Equal(t, test.subject, certificate.Leaf.Subject.String())
			assert.Len(t, certificate.Certificate, test.chain)
			assert.IsType(t, test.key, certificate.PrivateKey)

			_, err = store.Certificate(test.alias, test.keyPassword+"!")
			if test.file != "unsealed.p12" {
				require.ErrorIs(t, err, keystore.ErrPassword)
			}
			_, err = store.Certificate("other", test.keyPassword)
			require.ErrorContains(t, err, `no key has the alias "other": there are ["`+test.aliases[0])
			_, err = keystore.Open(read(t, test.file), test.password+"!")
			require.ErrorIs(t, err, keystore.ErrPassword)
		})
	}
}

func TestCertificatesOfATrustStore(t *testing.T) {
	block, _ := pem.Decode(read(t, "ca.pem"))
	authority, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	store, err := keystore.Open(read(t, "trust.p12"), "foobar")
	require.NoError(t, err)
	require.Len(t, store.Certificates(), 1)
	assert.True(t, authority.Equal(store.Certificates()[0]))
	assert.Empty(t, store.Aliases())
}

func TestOpenErrors(t *testing.T) {
	whole := read(t, "openssl.p12")
	cases := map[string]struct {
		data []byte
		says string
	}{
		"JKS":            {read(t, "old.jks"), "the format is Java's old JKS or JCEKS, not PKCS#12"},
		"JCEKS":          {[]byte("\xCE\xCE\xCE\xCE\x00\x00\x00\x02"), "the format is Java's old JKS or JCEKS, not PKCS#12"},
		"PEM":            {read(t, "ca.pem"), "it is no key store in the format PKCS#12: "},
		"empty":          {nil, "it is no key store in the format PKCS#12: "},
		"cut off":        {whole[:len(whole)/2], "it is no key store in the format PKCS#12: "},
		"more follows":   {append(bytes.Clone(whole), 0), "it is no key store in the format PKCS#12: more follows where it should end"},
		"DER of another": {[]byte{0x30, 0x03, 0x02, 0x01, 0x03}, "it is no key store in the format PKCS#12: "},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := keystore.Open(test.data, "changeit")
			require.ErrorContains(t, err, test.says)
		})
	}
}

// A store is a file that somebody has written: whatever is in it, reading it
// ends with a store or an error.
func FuzzOpen(f *testing.F) {
	for _, name := range []string{"openssl.p12", "legacy.p12", "unnamed.p12", "unsealed.p12", "keytool.p12", "trust.p12", "old.jks"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		store, err := keystore.Open(data, "changeit")
		if err != nil {
			return
		}
		require.NotEmpty(t, store.Certificates())
		for _, alias := range store.Aliases() {
			_, _ = store.Certificate(alias, "changeit")
		}
	})
}
