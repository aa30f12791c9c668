// Package ldap asks a directory, such as OpenLDAP or Active Directory, whether a
// name and a password belong together.
//
//	directory, err := ldap.New(func(c *ldap.Config) {
//		c.URL = "ldaps://ldap.example.org"
//		c.UserDN = "uid=%s,ou=people,dc=example,dc=org"
//	})
//	if err != nil {
//		a.Fail(err)
//		return
//	}
//	users := basic.New("users", func(c *basic.Config[User]) {
//		c.Validate = func(c *app.Call, given basic.Credential) (User, error) {
//			entry, err := directory.Authenticate(c.Context(), given.Name, given.Password)
//			if err != nil {
//				return User{}, err
//			}
//			return User{Name: entry.Get("cn")}, nil
//		}
//	})
//
// It is a module of its own, so that only those who have a directory depend on
// github.com/go-ldap/ldap/v3. It goes with package basic, form, or whatever else
// has a name and a password.
//
// # Two ways
//
// With [Config.UserDN] the name of the user makes the distinguished name that is
// bound to, that is, logged in as. Where the names of a directory are not made like
// that, [Config.SearchBase] has the entry searched, as a user of the application's
// own, and then bound to.
//
// What users write is escaped, in distinguished names (RFC 4514) and in filters
// (RFC 4515), so that it is a value and nothing else. An empty password is refused
// without a question: a directory takes it for no password at all, and says yes
// (RFC 4513 section 5.1.2).
//
// # What is a refusal, and what is a failure
//
// An unknown name and a wrong password are authentication.ErrInvalidCredentials,
// and take the same round trips: whoever is not found is bound to as well. All else, a
// directory that is down, a time-out, a service user whose password is wrong, is a
// failure: the call ends with 500, or 504 if its time was over, and nobody is told
// that his password is wrong.
//
// # What it costs
//
// Each question is a connection of its own, because a bind changes who a
// connection belongs to. [Config.MaxConnections] bounds their number: further
// calls wait. The time of [Config.Timeout] is for all of it.
//
// # TLS
//
// A connection to ldap:// is made one with TLS before anything is sent, and one
// that cannot be is not used. [Plaintext] has passwords sent as they are.
//
// Ktor: ldapAuthenticate.
package ldap
