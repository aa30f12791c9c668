package jwt_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	gojwt "github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
)

// Every algorithm verifies what it has signed, and no other does.
func TestAlgorithms(t *testing.T) {
	long := []byte(strings.Repeat("secret", 11))
	pairs := map[jwt.Algorithm]struct {
		key     jwt.Key
		private any
	}{
		jwt.HS256: {jwt.Secret(long), long},
		jwt.HS384: {jwt.Secret(long).WithAlgorithm(jwt.HS384), long},
		jwt.HS512: {jwt.Secret(long).WithAlgorithm(jwt.HS512), long},
		jwt.RS256: {jwt.PublicKey(rsaKey().Public()), rsaKey()},
		jwt.RS384: {jwt.PublicKey(rsaKey().Public()).WithAlgorithm(jwt.RS384), rsaKey()},
		jwt.RS512: {jwt.PublicKey(rsaKey().Public()).WithAlgorithm(jwt.RS512), rsaKey()},
		jwt.PS256: {jwt.PublicKey(rsaKey().Public()).WithAlgorithm(jwt.PS256), rsaKey()},
		jwt.PS384: {jwt.PublicKey(rsaKey().Public()).WithAlgorithm(jwt.PS384), rsaKey()},
		jwt.PS512: {jwt.PublicKey(rsaKey().Public()).WithAlgorithm(jwt.PS512), rsaKey()},
		jwt.ES256: {jwt.PublicKey(p256Key().Public()), p256Key()},
		jwt.ES384: {jwt.PublicKey(p384Key().Public()), p384Key()},
		jwt.ES512: {jwt.PublicKey(p521Key().Public()), p521Key()},
		jwt.EdDSA: {jwt.PublicKey(ed25519Key().Public()), ed25519Key()},
	}
	var all jwt.KeySet
	for algorithm, pair := range pairs {
		assert.Equal(t, algorithm, pair.key.Algorithm())
		all = append(all, pair.key)
	}
	host := start(t, scheme(with(all)))
	for algorithm, pair := range pairs {
		token := sign(t, gojwt.GetSigningMethod(string(algorithm)), pair.private, claims(nil), nil)
		assertAccepted(t, host, token)
		for other, key := range pairs {
			assert.Equal(t, other == algorithm, jwt.Verify(key.key, token), "%s by %s", algorithm, other)
		}
	}
}

// A key that has a name is for tokens with that name, or none.
func TestRotationOfKeysOfOnesOwn(t *testing.T) {
	older := []byte(strings.Repeat("old ", 8))
	host := start(t, scheme(with(jwt.KeySet{jwt.Secret(secret).WithID("2"), jwt.Secret(older).WithID("1")})))
	token := func(key []byte, id any) string {
		return sign(t, gojwt.SigningMethodHS256, key, claims(nil), map[string]any{"kid": id})
	}
	assertAccepted(t, host, token(secret, "2"))
	assertAccepted(t, host, token(older, "1"))
	assertAccepted(t, host, token(older, nil))
	assertRefused(t, host, token(older, "2"))
	assertRefused(t, host, token(secret, "3"))
}

// PEM reads public keys in their usual forms.
func TestPEM(t *testing.T) {
	encode := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	certificate := made(x509.CreateCertificate(rand.Reader, template, template, p256Key().Public(), p256Key()))
	for want, text := range map[jwt.Algorithm][]byte{
		jwt.RS256: encode("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)),
		jwt.ES256: encode("CERTIFICATE", certificate),
		jwt.ES384: encode("PUBLIC KEY", made(x509.MarshalPKIXPublicKey(p384Key().Public()))),
		jwt.EdDSA: append(encode("PUBLIC KEY", made(x509.MarshalPKIXPublicKey(ed25519Key().Public()))), "\n \n"...),
	} {
		assert.Equal(t, want, jwt.PEM(text).Algorithm())
	}
	for want, text := range map[string][]byte{
		"there is no PEM block":        []byte("AAAA"),
		"there is more than one":       append(pemOf(t), pemOf(t)...),
		`is of type "PRIVATE KEY"`:     encode("PRIVATE KEY", made(x509.MarshalPKCS8PrivateKey(p256Key()))),
		`parse the PEM block "PUBLIC`:  encode("PUBLIC KEY", []byte("x")),
		`parse the PEM block "CERTIFI`: encode("CERTIFICATE", []byte("x")),
	} {
		assert.ErrorContains(t, apptest.StartError(t, guarded(scheme(with(jwt.PEM(text))))), want)
	}
}

// Keys that are too weak, or of the wrong kind, are mistakes.
func TestMistakesOfKeys(t *testing.T) {
	p224 := made(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	for want, key := range map[string]jwt.Keys{
		"the secret has 6 bytes: HS256 needs 32 or more":          jwt.Secret([]byte("secret")),
		"the secret has 37 bytes: HS512 needs 64 or more":         jwt.Secret(secret).WithAlgorithm(jwt.HS512),
		"the secret has 0 bytes":                                  jwt.Secret(nil).WithID("x"),
		`a key for HS256 cannot be used for "RS256"`:              jwt.Secret(secret).WithAlgorithm(jwt.RS256),
		`a key for RS256 cannot be used for "HS256"`:              jwt.PublicKey(rsaKey().Public()).WithAlgorithm(jwt.HS256),
		`a key for ES256 cannot be used for "ES384"`:              jwt.PublicKey(p256Key().Public()).WithAlgorithm(jwt.ES384),
		`a key for RS256 cannot be used for "none"`:               jwt.PublicKey(rsaKey().Public()).WithAlgorithm("none"),
		"the RSA key has 1024 bits":                               jwt.PublicKey(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}),
		"the RSA key has 16385 bits":                              jwt.PublicKey(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 16384), E: 65537}),
		"the exponent of the RSA key is 1":                        jwt.PublicKey(&rsa.PublicKey{N: rsaKey().N, E: 1}),
		"the RSA key is nil":                                      jwt.PublicKey((*rsa.PublicKey)(nil)),
		"the ECDSA key is nil":                                    jwt.PublicKey((*ecdsa.PublicKey)(nil)),
		"not a point on P-256, P-384 or P-521":                    jwt.PublicKey(p224.Public()),
		"an Ed25519 key has 32 bytes, and this one 3":             jwt.PublicKey(ed25519.PublicKey("abc")),
		"it is a private key: give its Public()":                  jwt.PublicKey(rsaKey()),
		"a string is none of *rsa.PublicKey":                      jwt.PublicKey("key"),
		"the zero Key verifies nothing":                           jwt.Key{}.WithAlgorithm(jwt.HS256),
		"the set of keys is empty":                                jwt.KeySet{},
		"keys: a nil":                                             nil,
		"the zero Key verifies nothing: make it with Secret, Pub": jwt.KeySet{jwt.Secret(secret), {}},
	} {
		if key == nil {
			want = "there are no keys"
		}
		assert.ErrorContains(t, apptest.StartError(t, guarded(scheme(with(key)))), want)
	}
}

// A secret is copied, and nothing prints it.
func TestSecretStaysSecret(t *testing.T) {
	given := []byte(strings.Repeat("confidential", 3))
	key := jwt.Secret(given).WithID("name")
	token := sign(t, gojwt.SigningMethodHS256, append([]byte(nil), given...), claims(nil), nil)
	clear(given)
	assert.True(t, jwt.Verify(key, token))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		printed := fmt.Sprintf(verb, key) + fmt.Sprintf(verb, jwt.KeySet{key}) + fmt.Sprintf(verb, &key)
		assert.NotContains(t, printed, "confidential")
		assert.NotContains(t, printed, fmt.Sprintf("%x", "confidential"))
	}
	assert.Equal(t, `jwt.Key{HS256 "name"}`, key.String())
	assert.Equal(t, key.String(), key.LogValue().String())
	assert.Equal(t, "name", key.ID())
}

// What is left out of a JWK Set, and what is not.
func TestParseJWKS(t *testing.T) {
	public := rsaKey().Public()
	short := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}
	for name, test := range map[string]struct {
		key  map[string]any
		want string // why it is left out, "" if it is not
	}{
		"RSA":                     {published(public, kid, nil), ""},
		"for signatures":          {published(public, kid, map[string]any{"use": "sig", "key_ops": []string{"verify"}, "alg": "PS512"}), ""},
		"with certificates":       {published(public, kid, map[string]any{"x5c": []string{"no certificate"}, "x5u": "https://x.example"}), ""},
		"P-521":                   {published(p521Key().Public(), kid, map[string]any{"alg": "ES512"}), ""},
		"for encryption":          {published(public, kid, map[string]any{"use": "enc"}), "it is not for signatures (use)"},
		"for signing":             {published(public, kid, map[string]any{"key_ops": []string{"sign"}}), "it is not for verifying (key_ops)"},
		"for nothing":             {published(public, kid, map[string]any{"key_ops": []string{}}), "it is not for verifying (key_ops)"},
		"RSA-OAEP":                {published(public, kid, map[string]any{"alg": "RSA-OAEP"}), `cannot be used for "RSA-OAEP"`},
		"RSA for HMAC":            {published(public, kid, map[string]any{"alg": "HS256"}), `cannot be used for "HS256"`},
		"RSA for none":            {published(public, kid, map[string]any{"alg": "none"}), `cannot be used for "none"`},
		"another curve's":         {published(p256Key().Public(), kid, map[string]any{"alg": "ES384"}), `cannot be used for "ES384"`},
		"a secret":                {map[string]any{"kty": "oct", "k": encoded("a secret of thirty-two bytes and more")}, "it is of a type that is not RSA, EC or OKP"},
		"private":                 {published(public, kid, map[string]any{"d": "AQAB"}), "it has a private part"},
		"1024 bits":               {published(short, kid, nil), "the RSA key has 1024 bits"},
		"an even exponent":        {published(public, kid, map[string]any{"e": "AQAC"}), "the exponent of the RSA key is 65538"},
		"an exponent of 1":        {published(public, kid, map[string]any{"e": "AQ"}), "the exponent of the RSA key is 1"},
		"a huge exponent":         {published(public, kid, map[string]any{"e": "____________"}), "its exponent is too large"},
		"no modulus":              {published(public, kid, map[string]any{"n": nil}), "a number of it is missing"},
		"standard base64":         {published(public, kid, map[string]any{"n": "+/=="}), "not in base64url"},
		"secp256k1":               {published(p256Key().Public(), kid, map[string]any{"crv": "secp256k1"}), "its curve is not P-256, P-384 or P-521"},
		"not on its curve":        {published(p256Key().Public(), kid, map[string]any{"y": encoded(strings.Repeat("x", 32))}), "it is not a point on its curve"},
		"a coordinate too short":  {published(p256Key().Public(), kid, map[string]any{"x": encoded("x")}), "its coordinates have the wrong length"},
		"the point of P-384":      {published(p384Key().Public(), kid, map[string]any{"crv": "P-256"}), "its coordinates have the wrong length"},
		"X25519":                  {published(ed25519Key().Public(), kid, map[string]any{"crv": "X25519"}), "its curve is not Ed25519"},
		"an Ed25519 key, shorter": {published(ed25519Key().Public(), kid, map[string]any{"x": "AAAA"}), "an Ed25519 key has 32 bytes, and this one 3"},
		"a kid that is a number":  {published(public, "", map[string]any{"kid": 1}), "a member of it is of the wrong type"},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := jwt.ParseJWKS([]byte(set(test.key, map[string]any{"kty": "oct"})))
			if test.want == "" {
				require.NoError(t, err)
				require.Len(t, keys, 1)
				assert.Equal(t, kid, keys[0].ID())
				return
			}
			require.ErrorContains(t, err, "none of its 2 keys is for verifying signatures: key 1: ")
			assert.ErrorContains(t, err, test.want)
			keys, err = jwt.ParseJWKS([]byte(set(test.key, published(public, "other", nil))))
			require.NoError(t, err)
			assert.Len(t, keys, 1, "the other one stays")
		})
	}
}

// Several keys with one name are tried one after the other.
func TestKeysOfOneName(t *testing.T) {
	keys, err := jwt.ParseJWKS([]byte(set(
		published(rsaKey().Public(), kid, nil), published(otherRSA().Public(), kid, nil), published(p256Key().Public(), kid, nil))))
	require.NoError(t, err)
	host := start(t, scheme(with(keys)))
	for _, private := range []crypto.Signer{rsaKey(), otherRSA(), p256Key()} {
		method := gojwt.SigningMethod(gojwt.SigningMethodRS256)
		if private == crypto.Signer(p256Key()) {
			method = gojwt.SigningMethodES256
		}
		assertAccepted(t, host, sign(t, method, private, claims(nil), map[string]any{"kid": kid}))
	}
}

func TestMistakesOfJWKSets(t *testing.T) {
	many := make([]map[string]any, 101)
	for i := range many {
		many[i] = map[string]any{"kty": "oct"}
	}
	for text, want := range map[string]string{
		"":                         "it is not JSON",
		"[]":                       "its keys are no list",
		`{"keys":{}}`:              "its keys are no list",
		"{}":                       "it has no keys",
		`{"keys":[1,null,"x",[]]}`: "none of its 4 keys is for verifying signatures: key 1: it is not an object",
		set(many...):               "it has 101 keys, and 100 are the most",
	} {
		_, err := jwt.ParseJWKS([]byte(text))
		assert.ErrorContains(t, err, want)
	}
}

func FuzzParseJWKS(f *testing.F) {
	f.Add([]byte(set(published(rsaKey().Public(), kid, nil), published(p256Key().Public(), "", nil), published(ed25519Key().Public(), "x", nil))))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-521","x":"AA","y":"AA"},{"kty":"OKP","crv":"Ed25519","x":""}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := jwt.ParseJWKS(text)
		if err != nil {
			assert.Empty(t, keys)
			return
		}
		assert.NotEmpty(t, keys)
		for _, key := range keys {
			assert.Contains(t, "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA", string(key.Algorithm()))
			assert.False(t, jwt.Verify(key, a1+"A"))
			assert.False(t, jwt.Verify(key, encoded(`{"alg":"`+string(key.Algorithm())+`"}`)+".e30.AAAA"))
		}
	})
}

// FuzzToken: a token that is signed stays so, and nothing else is.
func FuzzToken(f *testing.F) {
	f.Add(a1, 7, byte('A'))
	f.Add(a2, 40, byte('.'))
	f.Add(unsecured, 3, byte('='))
	f.Add("..", 0, byte(0))
	key := jwt.Secret(secret)
	signed := encoded(`{"alg":"HS256"}`) + "." + encoded(`{"sub":"ada"}`)
	signed += "." + encoded(string(made(gojwt.SigningMethodHS256.Sign(signed, secret))))
	f.Fuzz(func(t *testing.T, token string, at int, changed byte) {
		assert.False(t, jwt.Verify(key, token))
		assert.True(t, jwt.Verify(key, signed))
		if at >= 0 && at < len(signed) && signed[at] != changed {
			assert.False(t, jwt.Verify(key, signed[:at]+string([]byte{changed})+signed[at+1:]))
		}
	})
}
