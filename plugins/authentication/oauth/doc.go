// Package oauth logs users in with a provider such as Google or GitHub: the code
// flow of OAuth 2.0 (RFC 6749 section 4.1), with PKCE (RFC 7636) and a state that
// is bound to the browser.
//
//	google := oauth.New("google", func(c *oauth.Config) {
//		c.Settings = oauth2.Config{
//			ClientID:     id,
//			ClientSecret: secret,
//			Endpoint:     endpoints.Google,
//			RedirectURL:  "https://shop.example/callback",
//			Scopes:       []string{"https://www.googleapis.com/auth/userinfo.profile"},
//		}
//		c.OnLogin = func(c *app.Call, login *oauth.Login) error {
//			return users.Set(c, UserSession{Token: login.Token})
//		}
//	})
//	routing.Routes(a, func(r *routing.Route) { google.Routes(r) })
//
// [Flow.Routes] declares two routes. GET /login sends the browser to the provider,
// and /callback, the path of the RedirectURL, is where it comes back to. There the
// code is exchanged for a token, [Config.OnLogin] is called, and the browser goes
// on to the path that the login was asked for with, as /login?return_to=/cart, or
// to [Config.Home]. From then on a session says who is calling: see package
// plugins/authentication/session.
//
// # What is checked
//
// A login is remembered in a cookie of its own, encrypted and for ten minutes: its
// state, the PKCE verifier, the nonce and where to return to. It is HttpOnly and
// SameSite=Lax, and with https Secure and named with __Host-, so that no other
// host can plant one. Without the cookie that belongs to its state an answer is
// refused ([ErrState]): nobody can log others in as himself. A state counts once,
// and for one flow. A browser has at most four logins at a time.
//
// Only a path of the application is returned to, never another site. The
// RedirectURL is that of the configuration, whatever the Host header says. The
// answer of the provider is bounded in time and in length, redirects of its token
// endpoint are not followed, and its texts reach no client.
//
// # Tokens
//
// [Flow.TokenSource] refreshes a token that was stored, and [Fetch] asks the
// provider's API with one, such as who the user is.
//
// # Differences from Ktor
//
// The callback does not authenticate a call, it ends a login: what is stored then
// does. PKCE cannot be switched off. The state is bound to the browser without
// further code, and also an answer with an error has to have it. A code that the
// provider refuses ends with 401, and does not begin anew. Parameters of the token
// request are in its body, never in its URL. Neither OAuth 1.0a nor the password
// grant, which RFC 9700 section 2.4 forbids, is there.
//
// Ktor: oauth, and oauth2 of the typed API.
package oauth
