// Package sessions keeps what a client has done from one call to the next, in
// values of your own types.
//
//	type UserSession struct{ Name string }
//
//	var users = sessions.New[UserSession]("user_session")
//
//	func Module(a *app.Application) {
//		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
//			c.Cookie(users, func(c *sessions.CookieConfig) { c.Storage = sessions.NewMemory() })
//		}))
//		routing.Routes(a, func(r *routing.Route) {
//			r.Get("/me", func(c *app.Call) error {
//				user, ok, err := users.Get(c)
//				…
//
// # Where a session is
//
// With [Settings.Storage] the client has a random ID, in a cookie or a header,
// and the storage has the session: [Memory], [Directory], or one of a module of
// its own such as sessions/redis. Without, the client has the session itself,
// which [Settings.Sign] keeps it from changing and [Settings.Encrypt] from
// reading too. That needs no storage, and nothing on the server can end it before
// its [Settings.Lifetime] is over: for logouts that must hold, use a storage.
//
// # When it is read and sent
//
// It is read when somebody first asks for it, once for each call; a call that
// asks for none costs two allocations. It is sent with the head of the response
// if it was changed, and anew when [Settings.Renew] has passed since it was sent,
// so that it lasts as long as the client comes back. A call that only reads
// writes no data back.
//
// Of two calls of one session that change it at once, the last one wins. By value
// that is the one whose response comes last to the client.
//
// # Caches
//
// A response whose call has asked for a session varies by Cookie, or by the
// header; one that sends a session is private, unless it is that already, or may
// not be stored at all.
//
// # What does not count
//
// What was changed by anybody, what is too old, IDs that are unknown, and sessions
// that another call has ended are none, and the client is not told: a cookie that
// it got in between, by a login in another tab, would be taken back as well. No
// ID of a client is ever used for a new session.
//
// # Differences from Ktor
//
// A session is reached by a handle, not by its type. By value it is signed or
// encrypted, or the configuration says that it need not be, and the server goes by
// its age. It is sent when it was changed and as it ages, not with every response.
// A storage knows a hash of the ID, IDs are random, and a session that was ended
// stays so. Memory is bounded. Nothing of Ktor's is read: neither its signatures
// nor what it has encrypted.
//
// Ktor: Sessions.
package sessions
