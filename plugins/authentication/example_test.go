package authentication_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/routing"
)

// A Visitor is who a ticket is for.
type Visitor struct {
	Name string
	VIP  bool
}

// tickets is a scheme of its own kind: a header names the visitor.
var tickets = authentication.New("tickets", authentication.Provider[Visitor]{
	Authenticate: func(c *app.Call) (Visitor, error) {
		ticket := c.Request.Header.Get("Ticket")
		if ticket == "" {
			return Visitor{}, authentication.ErrNoCredentials
		}
		name, isVIP := strings.CutPrefix(ticket, "VIP ")
		return Visitor{name, isVIP}, nil
	},
	Challenge: func(*app.Call, error) []string { return []string{"Ticket"} },
})

// vips are those visitors who may go further.
var vips = authentication.Map(tickets, func(_ *app.Call, visitor Visitor) (Visitor, error) {
	if !visitor.VIP {
		return visitor, authentication.ErrForbidden
	}
	return visitor, nil
})

func Example() {
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				r.Install(authentication.Require(tickets))
				r.Get("/hall", func(c *app.Call) error { return c.RespondText("Welcome, " + tickets.Principal(c).Name + "!") })

				r.Group(func(r *routing.Route) {
					r.Install(authentication.Require(vips))
					r.Get("/lounge", func(c *app.Call) error { return c.RespondText("What may it be, " + vips.Principal(c).Name + "?") })
				})
			})
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	for _, try := range []struct{ path, ticket string }{
		{"/hall", ""}, {"/hall", "Ann"}, {"/lounge", "Ann"}, {"/lounge", "VIP Bob"},
	} {
		request := httptest.NewRequest(http.MethodGet, try.path, http.NoBody)
		if try.ticket != "" {
			request.Header.Set("Ticket", try.ticket)
		}
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Println(recorder.Code, recorder.Body)
	}
	// Output:
	// 401 Unauthorized
	// 200 Welcome, Ann!
	// 403 Forbidden
	// 200 What may it be, Bob?
}
