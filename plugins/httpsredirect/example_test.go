package httpsredirect_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/httpsredirect"
)

func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(httpsredirect.Plugin.With(func(c *httpsredirect.Config) {
			c.SSLPort = 8443
			c.ExcludePrefix("/.well-known/acme-challenge/")
		}))
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/basket?item=7", "/.well-known/acme-challenge/token"} {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Println(recorder.Code, recorder.Header().Get("Location"))
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// 301 https://example.com:8443/basket?item=7
	// 404
}
