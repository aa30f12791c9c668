// Package bearer lets in calls by a token that whoever has it may use (RFC 6750):
// one that the application has given out itself and looks up, for instance.
//
//	users := bearer.New("users", func(c *bearer.Config[User]) {
//		c.Validate = func(c *app.Call, given bearer.Credential) (User, error) {
//			return tokens.Find(c.Context(), given.Token)
//		}
//	})
//	r.Install(authentication.Require(users))
//
// Tokens that are signed and say themselves who is calling are for package jwt.
//
// Keep tokens as their SHA-256 sum and look that up: then a comparison tells nothing
// by its time, and who reads the table has no token. Two tokens are compared by
// crypto/subtle.
//
// # Where a token stands
//
// In the header Authorization, behind Bearer. [Config.Sources] names other places: a
// cookie, or the query, for a browser's EventSource, which cannot send headers. What
// has other characters than a token may (RFC 6750 section 2.1), or more than 8 KiB,
// is refused, and Validate is not asked.
//
// # What a refused call is told
//
// The challenge of a call without a token has the realm and the scope, and that of
// one with a wrong token error="invalid_token" besides (RFC 6750 section 3). Nothing
// of what Validate has returned is sent.
//
// Ktor: bearer.
package bearer
