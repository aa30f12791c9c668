package jwt_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
)

// joe is the payload of RFC 7519 section 3.1 and of RFC 7515 appendices A.1 to
// A.3, which expires in 2011.
const joe = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

const (
	a1 = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + joe + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	a2 = "eyJhbGciOiJSUzI1NiJ9." + joe + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W" +
		"2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN" +
		"9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB" +
		"p0igcN_IoypGlUPQGe77Rw"
	a3 = "eyJhbGciOiJFUzI1NiJ9." + joe + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
	a4 = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_" +
		"7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"
	// RFC 8037 appendix A.4.
	eddsa = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc." +
		"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
	// RFC 7519 section 6.1.
	unsecured = "eyJhbGciOiJub25lIn0." + joe + "."
)

// theirs are the keys of these tokens.
func theirs(t *testing.T) map[string]jwt.Key {
	t.Helper()
	shared, err := base64.RawURLEncoding.DecodeString("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
	require.NoError(t, err)
	public, err := jwt.ParseJWKS([]byte(`{"keys":[
		{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF` +
		`d2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQ` +
		`Y4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
		{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
		{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",` +
		`"y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"},
		{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	require.NoError(t, err)
	require.Len(t, public, 4)
	return map[string]jwt.Key{"HS256": jwt.Secret(shared), "RS256": public[0], "ES256": public[1], "ES512": public[2], "EdDSA": public[3]}
}

// The signatures of RFC 7515 appendices A.1 to A.4 and of RFC 8037 appendix A.4.
func TestRFCSignatures(t *testing.T) {
	keys := theirs(t)
	for name, token := range map[string]string{"HS256": a1, "RS256": a2, "ES256": a3, "ES512": a4, "EdDSA": eddsa} {
		assert.True(t, jwt.Verify(keys[name], token), name)
		for other, key := range keys {
			if other != name {
				assert.False(t, jwt.Verify(key, token), "%s by the key for %s", name, other)
			}
		}
		first := strings.LastIndexByte(token, '.') + 1
		for i := first; i < len(token); i += 9 {
			changed := byte('A')
			if token[i] == changed {
				changed = 'B'
			}
			assert.False(t, jwt.Verify(keys[name], token[:i]+string(changed)+token[i+1:]), "%s, changed at %d", name, i-first)
		}
	}
	assert.False(t, jwt.Verify(keys["HS256"], unsecured))
}

// The tokens of RFC 7519 sections 3.1 and 6.1 in a scheme, until they expire.
func TestRFC7519Tokens(t *testing.T) {
	keys := theirs(t)
	for name, token := range map[string]string{"HS256": a1, "RS256": a2, "ES256": a3} {
		synctest.Test(t, func(t *testing.T) {
			host := start(t, scheme(with(keys[name]), func(c *jwt.Config[Claims, Claims]) { c.Issuer, c.Skip = "joe", jwt.CheckAudience }))
			assert.Equal(t, http.StatusOK, host.Get("/", bearer(token)).StatusCode, name)
			assertRefused(t, host, unsecured)
			time.Sleep(time.Until(time.Unix(1300819380, 0).Add(5*time.Second - 1)))
			assert.Equal(t, http.StatusOK, host.Get("/", bearer(token)).StatusCode, "within the leeway")
			time.Sleep(time.Nanosecond)
			response := host.Get("/", bearer(token))
			assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
			assert.Equal(t, `Bearer realm="`+realm+`", error="invalid_token", error_description="the token has expired"`,
				response.Header.Get("WWW-Authenticate"))
			assert.NotContains(t, apptest.Text(t, response), "joe")
		})
	}
}
