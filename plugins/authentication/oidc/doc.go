// Package oidc logs users in with a provider of OpenID Connect, such as Google,
// Keycloak or Entra ID, and says who they are.
//
//	type Claims struct {
//		Subject string `json:"sub"`
//		Email   string `json:"email"`
//	}
//
//	google := oidc.New("google", func(c *oidc.Config[Claims]) {
//		c.Issuer = "https://accounts.google.com"
//		c.ClientID, c.ClientSecret = id, secret
//		c.RedirectURL = "https://shop.example/callback"
//		c.Scopes = []string{"email"}
//		c.OnLogin = func(c *app.Call, login *oidc.Login[Claims]) error {
//			return sessionOf.Set(c, UserSession{Email: login.Claims.Email})
//		}
//	})
//	routing.Routes(a, func(r *routing.Route) { google.Routes(r) })
//
// It is a module of its own, so that only those who want it depend on
// github.com/coreos/go-oidc/v3. It stands on package oauth: the routes, the state,
// PKCE, the path to return to and what becomes of failures are described there.
//
// # What is discovered
//
// The provider's endpoints are read from the document of its Issuer (OpenID
// Connect Discovery 1.0), by the first login and once a day from then on. A
// provider that is down keeps no application from starting, unless
// [Config.DiscoverAtStart] asks for it, and an old document is used while there is
// no new one. After a failure the provider is left alone for five seconds.
//
// # What is checked
//
// The ID token has to be signed with an asymmetric algorithm by a key that the
// provider publishes, for this client (aud and azp), by this issuer, now, for this
// login (nonce), and together with this access token, if it says so (at_hash). Keys
// are kept for an hour, or longer while the provider cannot be asked, and read
// again when a token names another one, at most every five seconds.
//
// # Logging out
//
// [Config.OnLogout] ends the application's session. With [Config.LogoutPath] the
// browser is then sent to the provider, whose session ends as well (RP-Initiated
// Logout 1.0), and back to [Config.AfterLogout], which is fixed. With
// [Config.BackChannelPath] the provider itself says that a user has logged out
// elsewhere (Back-Channel Logout 1.0).
//
// Package oidctest has a provider for tests.
//
// Ktor has none of it: its OAuth 2.0 is used with the userinfo of the provider.
package oidc
