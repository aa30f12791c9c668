// Package authentication lets in calls of those who are known, and says who is
// calling.
//
//	users := basic.New("users", func(c *basic.Config[User]) {
//		c.Validate = func(_ *app.Call, credential basic.Credential) (User, error) {
//			return table.Find(credential.Name, credential.Password)
//		}
//	})
//	routing.Routes(a, func(r *routing.Route) {
//		r.Group(func(r *routing.Route) {
//			r.Install(authentication.Require(users))
//			r.Get("/me", func(c *app.Call) error {
//				return c.RespondText(users.Principal(c).Name)
//			})
//		})
//	})
//
// A [Scheme] is a value with the type of its principal. The packages below this
// one make them: basic, bearer, apikey, digest, form, session and jwt. [New] makes
// a scheme of any other kind. Package oauth, and oidc in a module of its own, log
// users in with a provider, and a session says who is calling then. Package ldap,
// another module, asks a directory for passwords.
//
// # What is required
//
// [Require] is installed on the application, on a route or in a group. One of
// its schemes has to accept a call. Of several that lie around a handler all
// have to: an inner one never opens what an outer one has closed. [Optional]
// lets calls in that have no credentials, and refuses wrong ones. [AnyOf] makes
// one scheme of several with the same type of principal, and [Map] another type
// of it, or fewer people: that is where roles are checked. With [OrAnonymous] who
// has no credentials is somebody, too.
//
// A handler asks the scheme: [Scheme.Principal] where it is required, and
// [Scheme.Get] where it may not be. A scheme is asked once for a call that it
// accepts.
//
// # Answers
//
// Who has no credentials, or wrong ones, gets 401 with the challenges of all
// schemes in WWW-Authenticate, or what the schemes or [Config.OnUnauthorized]
// answer. Who is known and not let in gets 403. A scheme that could not find
// out, since a database is down, has failed: its error ends the call with 500,
// and stands in the log. Calls that are answered already, such as preflights
// that CORS in front has answered, are left alone. Of a refused call nothing that
// lies further in hears, be it answered by a page or by an error.
//
// An event stream is refused before it begins, always with 401. One that lasts
// longer than the credentials is ended where sse.Config asks [Until].
//
// # Differences from Ktor
//
// There are no names to look schemes up by, and no default one. The strategies
// of Ktor are what nesting does: required ones are nested, the first that
// succeeds is a list, and optional is [Optional], which no other layer inherits.
// A failure of a scheme is 500, not 401.
//
// Ktor: Authentication.
package authentication
