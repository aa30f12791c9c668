package digest_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/authentication/digest"
)

// The examples of RFC 7616 section 3.9. That of 3.9.2 is as its erratum 4897
// corrects it: the RFC has digests of SHA-512 that were cut to 256 bits.
func TestRFC7616Examples(t *testing.T) {
	mufasa := digest.Credential{
		UserName: "Mufasa", Realm: "http-auth@example.org", URI: "/dir/index.html", QOP: digest.Auth,
		Nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", NonceCount: "00000001",
		CNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
	}
	jason := digest.Credential{
		UserName: "Jäsøn Doe", Realm: "api@example.org", URI: "/doe.json", QOP: digest.Auth,
		Nonce: "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", NonceCount: "00000001",
		CNonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
	}
	for _, test := range []struct {
		credential digest.Credential
		algorithm  digest.Algorithm
		password   string
		want       string
	}{
		{mufasa, digest.MD5, "Circle of Life", "8ca523f5e9506fed4657c9700eebdbec"},
		{mufasa, digest.SHA256, "Circle of Life", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
		{jason, digest.SHA512256, "Secret, or not?", "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"},
	} {
		credential := test.credential
		credential.Algorithm = test.algorithm
		ha1 := test.algorithm.HA1(credential.UserName, credential.Realm, test.password)
		response, _ := digest.Expected(credential, ha1, "GET", "")
		assert.Equal(t, test.want, hex.EncodeToString(response), test.algorithm)
	}
	assert.Equal(t, "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b", digest.SHA512256.UserHash("Jäsøn Doe", "api@example.org"))
}
