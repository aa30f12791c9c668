// Package session says who is calling by a session, which a login has set.
//
//	var sessionOf = sessions.New[UserSession]("user_session")
//
//	users := session.New("users", sessionOf, func(c *session.Config[UserSession, User]) {
//		c.Validate = func(_ *app.Call, s UserSession) (User, error) {
//			return table.ByID(s.UserID)
//		}
//		c.LoginPath = "/login"
//	})
//	routing.Routes(a, func(r *routing.Route) {
//		r.Post("/login", func(c *app.Call) error {
//			// Who has proven his name and password:
//			return errors.Join(sessionOf.RenewID(c), sessionOf.Set(c, UserSession{UserID: id}))
//		})
//		r.Group(func(r *routing.Route) {
//			r.Install(authentication.Require(users))
//			r.Get("/me", func(c *app.Call) error { return c.Respond(users.Principal(c)) })
//		})
//	})
//
// Package sessions keeps the sessions, and its plugin has to be installed where
// the scheme is required, or around it: Start says so if it is not. A route without
// the scheme does not ask for the session.
//
// # Logging in and out
//
// A login sets the session, in the handler of a form, in the OnLogin of package
// oauth, or after any other scheme, and calls RenewID first where there may be a
// session already, so that nobody can plant one (session fixation). A logout
// clears it. What proves that a session is still good, such as that the user
// exists, belongs into [Config.Validate], which is asked for each call.
//
// # Who is not logged in
//
// Without a session, or with one that Validate refuses, a call gets 401, or where
// [Config.LoginPath] is set a redirect to it. An event stream, and what a script has
// fetched, is never redirected: nobody would see the page.
//
// A session ends the streams that were opened with it where sse.Config asks
// authentication.Until.
//
// Ktor: session, and SessionAuthenticationScheme.
package session
