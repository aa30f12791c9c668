package chirouter_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

type (
	greetInput struct {
		Name string `path:"name" minLength:"2"`
	}
	greetOutput struct {
		Body struct {
			Text string `json:"text"`
		}
	}
)

type roomInput struct {
	Name string `path:"name" minLength:"2"`
	Loud bool   `query:"loud"`
	Body struct {
		Text string `json:"text"`
	}
}

type roomOutput struct {
	Tenant string `header:"X-Tenant"`
	Body   struct {
		Text string `json:"text"`
	}
}

// TestHumaOnAChiRouter has huma declare typed operations on the router that
// Route.Chi hands out: they work as on a router of huma's own, below a parameter
// of ours.
func TestHumaOnAChiRouter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(compression.Plugin)
			a.Install(calllogging.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				router := r.Chi("/{tenant}/api")
				config := huma.DefaultConfig("Rooms", "1")
				config.Servers = []*huma.Server{{URL: "/acme/api"}}
				api := humachi.New(router, config)
				huma.Get(api, "/greet/{name}", func(ctx context.Context, in *greetInput) (*greetOutput, error) {
					out := &greetOutput{}
					out.Body.Text = "hello " + in.Name + " of " + chi.URLParamFromCtx(ctx, "tenant")
					return out, nil
				})
				huma.Post(api, "/rooms/{name}", func(ctx context.Context, in *roomInput) (*roomOutput, error) {
					out := &roomOutput{Tenant: chi.URLParamFromCtx(ctx, "tenant")}
					if out.Body.Text = in.Body.Text; in.Loud {
						out.Body.Text = strings.ToUpper(out.Body.Text)
					}
					return out, nil
				})
			})
		})
		assert.Contains(t, readAll(t, http.StatusOK, host.Get("/acme/api/greet/ann")), `"text":"hello ann of acme"`)
		problem := host.Get("/acme/api/greet/a")
		assert.Equal(t, "application/problem+json", problem.Header.Get("Content-Type"))
		assert.Contains(t, readAll(t, http.StatusUnprocessableEntity, problem), "expected length >= 2")
		posted := host.Post("/acme/api/rooms/red?loud=true", "application/json", strings.NewReader(`{"text":"hi"}`))
		assert.Equal(t, "acme", posted.Header.Get("X-Tenant"))
		assert.Contains(t, readAll(t, http.StatusOK, posted), `"text":"HI"`)
		document := readAll(t, http.StatusOK, host.Get("/acme/api/openapi.json"))
		assert.Contains(t, document, "/rooms/{name}")
		assert.Contains(t, readAll(t, http.StatusOK, host.Get("/acme/api/docs")), "openapi")
		readAll(t, http.StatusMethodNotAllowed, host.Post("/acme/api/greet/ann", "text/plain", strings.NewReader("")))
	})
}

func readAll(t *testing.T, status int, response *http.Response) string {
	t.Helper()
	require.Equal(t, status, response.StatusCode)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}
