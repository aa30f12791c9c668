// Package basic asks browsers and programs for a name and a password, by the
// header Authorization (RFC 7617).
//
//	users := basic.New("users", func(c *basic.Config[User]) {
//		c.Realm = "Access to the '/' path"
//		c.Validate = func(c *app.Call, given basic.Credential) (User, error) {
//			if err := table.Authenticate(c.Context(), given.Name, given.Password); err != nil {
//				return User{}, err
//			}
//			return User{Name: given.Name}, nil
//		}
//	})
//	r.Install(authentication.Require(users))
//
// The table is one of package passwords, which keeps hashes. A browser shows a
// dialog when it is refused, and sends the password with every call from then on:
// that is for TLS alone, each call costs a hash, and nobody can log out. A form
// and a session are better for people.
//
// # What is refused
//
// A header whose scheme is no name at all is 400. One of another scheme is none,
// and so the call has no credentials. What says Basic and cannot be read is wrong:
// no Base64, no colon, more than 4 KiB, control characters (RFC 7617 section 2), or
// bytes that are not UTF-8 where that is the charset. Validate is not asked then.
//
// Ktor: basic.
package basic
