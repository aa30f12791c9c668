package basic_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/authentication/passwords"
	"github.com/chitor-go/chitor/routing"
)

// Users whose passwords are kept as hashes.
func Example() {
	application := app.New(func(a *app.Application) {
		table, err := passwords.NewTable(map[string]string{
			"ada": "$argon2id$v=19$m=4096,t=3,p=4$c29tZXNhbHQ$poE/0h2cjbv+UlPDgRVOHqwlmCAYo5LF5leMrvQqVrI",
		})
		if err != nil {
			a.Fail(err)
			return
		}
		users := basic.New("users", func(c *basic.Config[User]) {
			c.Realm = "Access to the '/' path"
			c.Validate = func(c *app.Call, given basic.Credential) (User, error) {
				if err := table.Authenticate(c.Context(), given.Name, given.Password); err != nil {
					return User{}, err
				}
				return User{Name: given.Name}, nil
			}
		})
		routing.Routes(a, func(r *routing.Route) {
			r.Install(authentication.Require(users))
			r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, " + users.Principal(c).Name + "!") })
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	for _, password := range []string{"password", "secret"} {
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		request.SetBasicAuth("ada", password)
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Printf("%d %s %s\n", recorder.Code, recorder.Body, recorder.Header()["Www-Authenticate"])
	}
	// Output:
	// 200 Hello, ada! []
	// 401 Unauthorized [Basic realm="Access to the '/' path", charset="UTF-8"]
}
