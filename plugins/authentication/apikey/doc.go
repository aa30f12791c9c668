// Package apikey lets in programs by a key that they send in a header.
//
//	partners := apikey.New("partners", func(c *apikey.Config[Partner]) {
//		c.Validate = func(c *app.Call, given apikey.Credential) (Partner, error) {
//			return table.FindByKey(c.Context(), given.Key)
//		}
//	})
//	r.Install(authentication.Require(partners))
//
// The header is X-Api-Key, unless [Config.HeaderName] names another one;
// [Config.Sources] looks elsewhere. Keep keys as their SHA-256 sum and look that up:
// then a comparison tells nothing by its time, and who reads the table has no key.
// Two keys are compared by crypto/subtle. A key of more than 8 KiB is refused, and
// Validate is not asked.
//
// Ktor: apiKey.
package apikey
