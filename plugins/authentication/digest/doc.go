// Package digest authenticates calls by a password that is never sent: digest
// authentication (RFC 7616).
//
//	users := digest.New("users", func(c *digest.Config[string]) {
//		c.Realm = "Access to the '/' path"
//		c.DigestProvider = func(
//			c *app.Call, user, realm string, a digest.Algorithm,
//		) ([]byte, error) {
//			password, found := passwords[user]
//			if !found {
//				return nil, nil
//			}
//			return a.HA1(user, realm, password), nil
//		}
//	})
//	r.Get("/", func(c *app.Call) error {
//		return c.RespondText("Hello, " + users.Principal(c) + "!")
//	}).Install(authentication.Require(users))
//
// A client gets a challenge for each of [Config.Algorithms], and answers the first
// that it knows with a digest of the password, of a nonce of the server, of one of
// its own and of the request. Both sides have to know the password, or its digest
// for the realm: a table of bcrypt or argon2 hashes cannot be used, and who steals
// a table of digests can log in. Over TLS, package basic with such hashes is the
// better choice. Digests are for clients that ask for them, and for names and
// passwords that are not to reach a proxy.
//
// # What is checked
//
// The realm, the algorithm and the quality of protection have to be among those
// that were offered, and the URI has to be the request's own. Then the response is
// compared, in constant time; an unknown user costs what a wrong password costs.
// With [AuthInt] it covers the body, which is read before, and which the handler
// can receive all the same.
//
// At last the nonce: it has to be one that this scheme has made, younger than
// [Config.NonceLifetime], and the request's count of it has to be new, so that a
// request that somebody has listened to cannot be sent again. Requests that a client
// sends at once may arrive in any order, as long as a count is one of the last 64.
// A client whose nonce is refused is told so (stale=true) if it knows the password,
// and goes on with a new one without asking its user.
//
// Nonces cost no memory until somebody logs in with one, and then
// [Config.MaxNonces] bounds it. They hold in one process: on several nodes a client
// that reaches another one is given a new nonce, so calls of one client should
// reach one node.
//
// A response has Authentication-Info, by which a client can see that the server
// knows the password, too.
//
// # Differences from Ktor
//
// A nonce has to be the server's; by default Ktor believes any. A request without
// qop is refused, since nothing in it is new each time. MD5 is not offered unless
// it is asked for. The URI is compared with the request's.
//
// Ktor: digest.
package digest
