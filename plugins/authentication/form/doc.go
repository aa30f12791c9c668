// Package form lets people in by the name and the password of a form that they
// post.
//
//	users := form.New("users", func(c *form.Config[User]) {
//		c.LoginPath = "/login"
//		c.Validate = func(c *app.Call, given form.Credential) (User, error) {
//			if err := table.Authenticate(c.Context(), given.Name, given.Password); err != nil {
//				return User{}, err
//			}
//			return User{Name: given.Name}, nil
//		}
//	})
//	r.Post("/login", greet).Install(authentication.Require(users))
//
// The form is URL-encoded or multipart. The handler can still receive it: it is put
// back, and DoubleReceive is not needed. A body of another type, a call without a
// body, and a form without the two fields have no credentials. What cannot be read
// ends the call with 400, and what is over the body limit with 413.
//
// One posts a form once: what keeps people logged in is a session, which the handler
// begins.
//
// # Who is refused
//
// Without [Config.LoginPath] the answer is 401, and with it a redirect there. A GET
// is sent with the path that it asked for: /login?return_to=/cart. A form that posts
// to the address of its page keeps it, also where the password was wrong, and
// [ReturnPath] gives it to the handler that has logged somebody in. It has to be a
// path of the application: a link must not send people on to another site. An event
// stream is never redirected, nor is what a script asks for, as the header
// Sec-Fetch-Mode tells, nor the page itself.
//
// A page of another site can post a form, too, and log its visitors in under a name
// of its own: install package csrf.
//
// Ktor: form.
package form
