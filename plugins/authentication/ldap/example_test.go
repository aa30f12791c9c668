package ldap_test

import (
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/ldap"
	"github.com/chitor-go/chitor/routing"
)

// A login that asks a directory. Package basic and package form do the same with
// Authenticate as their Validate.
func Example() {
	module := func(a *app.Application) {
		directory, err := ldap.New(func(c *ldap.Config) {
			c.URL = "ldaps://ldap.example.org"
			c.UserDN = "uid=%s,ou=people,dc=example,dc=org"
			c.Attributes = []string{"cn"}
		})
		if err != nil {
			a.Fail(err)
			return
		}
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/login", func(c *app.Call) error {
				form, err := c.ReceiveForm()
				if err != nil {
					return err
				}
				entry, err := directory.Authenticate(c.Context(), form.Get("name"), form.Get("password"))
				if errors.Is(err, authentication.ErrInvalidCredentials) {
					return c.RespondText("Wrong name or password.")
				}
				if err != nil {
					return err // the directory is down
				}
				return c.RespondText("Hello, " + entry.Get("cn") + "!")
			})
		})
	}
	server := engine.EmbeddedServer(module, engine.Port(8080))
	_ = server // server.Run() serves until the process is told to stop
	// Output:
}

// A user who searches, because names do not make distinguished names.
func ExampleNew() {
	directory, err := ldap.New(func(c *ldap.Config) {
		c.URL = "ldap://dc1.corp.example" // and TLS from there on
		c.SearchBase = "dc=corp,dc=example"
		c.SearchFilter = "(&(objectClass=user)(sAMAccountName=%s))"
		c.BindDN, c.BindPassword = "cn=web,ou=services,dc=corp,dc=example", "from a vault"
		c.Attributes = []string{"displayName", "memberOf"}
	})
	fmt.Println(directory != nil, err)
	// Output: true <nil>
}
