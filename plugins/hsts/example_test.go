package hsts_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/hsts"
)

func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(hsts.Plugin.With(func(c *hsts.Config) {
			c.MaxAge = 90 * 24 * time.Hour
			c.WithHost("legacy.example.com", func(h *hsts.HostConfig) { h.IncludeSubDomains = false })
		}))
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, host := range []string{"example.com", "legacy.example.com"} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Host, request.TLS = host, &tls.ConnectionState{}
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Println(recorder.Header().Get("Strict-Transport-Security"))
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// max-age=7776000; includeSubDomains
	// max-age=31536000
}
