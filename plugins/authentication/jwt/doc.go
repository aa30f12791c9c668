// Package jwt authenticates calls by JSON Web Tokens (RFC 7519) that are signed
// (RFC 7515).
//
//	type Claims struct {
//		gojwt.RegisteredClaims // of github.com/golang-jwt/jwt/v5
//
//		Role string `json:"role"`
//	}
//
//	users := jwt.New("users", func(c *jwt.Config[Claims, Claims]) {
//		c.Keys = jwt.JWKS("https://id.example.com/.well-known/jwks.json")
//		c.Issuer = "https://id.example.com/"
//		c.Audience = []string{"https://api.example.com"}
//	})
//	r.Get("/me", func(c *app.Call) error {
//		return c.RespondText(users.Principal(c).Subject)
//	}).Install(authentication.Require(users))
//
// # What is checked
//
// The signature, by one of [Config.Keys] whose algorithm and name the token has
// in its header. The algorithm belongs to the key: there is no "none", a public
// key is never a secret, and keys or addresses that stand in a token are not
// looked at. A token that requires an extension (crit), or is of another type
// (typ), is refused. Then its claims: exp, which it must have, nbf and iat, with
// a leeway; iss and aud. Those five are read to the letter: each may stand once,
// and no other spelling counts. [Config.Skip] leaves out checks. [Config.Validate]
// adds its own, and makes the principal.
//
// A token that is refused gets 401 with error="invalid_token" (RFC 6750 section
// 3), and error_description if it has expired: who has [ErrExpired] may get a new
// one. Neither errors nor logs have anything of a token but the names of claims
// that do not fit.
//
// # Keys
//
// [Secret] is for tokens of one's own. [PublicKey], [PEM] and [ParseJWKS] are for
// those of others, and [JWKS] for providers that publish their keys, and replace
// them. A [KeySet] has several, so that one can take over from another. Keys of
// your own, by tenant for instance, are a type with a method: [Keys].
//
// # Streams
//
// [authentication.Until] is when a token expires, with the leeway, so that a
// stream can end with it.
//
// # Tokens of one's own
//
// To make tokens, use github.com/golang-jwt/jwt/v5, which this package verifies
// signatures with:
//
//	token := gojwt.NewWithClaims(gojwt.SigningMethodHS256, claims)
//	text, err := token.SignedString(secret)
//
// # Differences from Ktor
//
// A token must have exp, and issuer and audience must be set or left out in as
// many words. A secret that is shorter than RFC 7518 asks for is a mistake. The
// leeway is 5 s by default. Keys that cannot be had are 503, not 401. Encrypted
// tokens are not read, as in Ktor.
//
// Ktor: ktor-server-auth-jwt.
package jwt
