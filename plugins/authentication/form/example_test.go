package form_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/routing"
)

// Who has logged in goes on to where they wanted to go.
func Example() {
	users := form.New("users", func(c *form.Config[User]) {
		c.LoginPath = "/login"
		c.Validate = byName // or a table of package passwords
	})
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/cart", func(c *app.Call) error { return c.RespondText("the cart") }).Install(authentication.Require(users))
			r.Get("/login", func(c *app.Call) error { return c.RespondText("a form that posts to this address") })
			r.Post("/login", func(c *app.Call) error { return c.RespondRedirect(form.ReturnPath(c, "/")) }).
				Install(authentication.Require(users))
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	show := func(request *http.Request) {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Println(recorder.Code, recorder.Header().Get("Location"))
	}
	show(httptest.NewRequest(http.MethodGet, "/cart", http.NoBody))
	for _, password := range []string{"ada", "secret"} {
		login := httptest.NewRequest(http.MethodPost, "/login?return_to=/cart", strings.NewReader("user=ada&password="+password))
		login.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		show(login)
	}
	// Output:
	// 302 /login?return_to=%2Fcart
	// 302 /cart
	// 302 /login?return_to=%2Fcart
}
