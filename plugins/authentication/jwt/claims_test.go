package jwt_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/authentication/jwt"
)

// FuzzRegisteredClaims: of JSON that is valid, the registered claims are those
// that package encoding/json finds, and what stands twice is refused.
func FuzzRegisteredClaims(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `null`, `{"exp":1}`, `{"exp":1,"exp":2}`, `{"iss":"a","aud":["b","c"],"exp":1.5e3,"nbf":null,"iat":-0}`,
		`{"\u0065xp":7,"a":{"exp":[{"x":"}"}]},"iss":"\\\""}`, ` { "aud" : [ ] , "x":"\\" , "iss" : { } } `, `{"exp":123456789012345678}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		issuer, audience, expires, set, ok := jwt.ReadRegistered(payload) // ends, whatever it is
		if !json.Valid(payload) {
			return
		}
		var want map[string]json.RawMessage
		isObject := json.Unmarshal(payload, &want) == nil && want != nil
		if !isObject {
			assert.False(t, ok)
			return
		}
		if !ok {
			return // what is refused is looked at below
		}
		value := func(name string) []byte {
			if found := bytes.TrimSpace(want[name]); !bytes.Equal(found, []byte("null")) && len(found) > 0 {
				return found
			}
			return nil
		}
		assert.Equal(t, value("iss"), issuer)
		assert.Equal(t, value("aud"), audience)
		assert.Equal(t, value("exp") != nil, set)
		var number float64
		if set && assert.NoError(t, json.Unmarshal(value("exp"), &number)) {
			assert.InDelta(t, number, expires, 0)
		}
	})
}

func TestRegisteredClaims(t *testing.T) {
	for payload, want := range map[string]bool{
		`{}`: true, `{"exp":1}`: true, `{"exp":-1.5e2}`: true, `{"exp":null}`: true, `{"nbf":1,"iat":2}`: true,
		`[]`: false, `"exp"`: false, `{"exp":"1"}`: false, `{"exp":true}`: false, `{"exp":[1]}`: false, `{"exp":{}}`: false,
		`{"exp":1e999}`: false, `{"exp":1,"exp":1}`: false, `{"iss":"a","i\u0073s":"a"}`: false, `{"nbf":1,"nbf":null}`: false,
	} {
		_, _, _, _, ok := jwt.ReadRegistered([]byte(payload))
		assert.Equal(t, want, ok, payload)
	}
}
