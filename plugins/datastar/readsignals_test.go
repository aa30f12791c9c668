package datastar_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/datastar"
	"github.com/chitor-go/chitor/routing"
)

type form struct {
	Name string
	User struct{ Age int }
}

func TestReadSignals(t *testing.T) {
	t.Parallel()
	const whole = `{"name":"Ann\n","user":{"age":7},"more":[null]}`
	asQuery := "/?datastar=" + url.QueryEscape(whole)
	for name, test := range map[string]struct {
		method, target, body, kind string
		status                     int
		want                       string
	}{
		"GET":                        {method: http.MethodGet, target: asQuery, want: "Ann\n 7"},
		"GET without signals":        {method: http.MethodGet, target: "/", want: " 0"},
		"HEAD":                       {method: http.MethodHead, target: asQuery},
		"DELETE":                     {method: http.MethodDelete, target: asQuery, want: "Ann\n 7"},
		"DELETE without signals":     {method: http.MethodDelete, target: "/", want: " 0"},
		"DELETE with a body":         {method: http.MethodDelete, target: "/", body: whole, want: "Ann\n 7"},
		"POST":                       {method: http.MethodPost, target: "/", body: whole, kind: "application/json", want: "Ann\n 7"},
		"PUT":                        {method: http.MethodPut, target: "/", body: whole, kind: "Application/JSON; charset=utf-8", want: "Ann\n 7"},
		"PATCH":                      {method: http.MethodPatch, target: "/", body: whole, kind: "application/signals+json", want: "Ann\n 7"},
		"a query of POST is nothing": {method: http.MethodPost, target: asQuery, body: "{}", want: " 0"},
		"null":                       {method: http.MethodPost, target: "/", body: "null", want: " 0"},
		"as large as allowed":        {method: http.MethodPost, target: "/", body: whole + strings.Repeat(" ", 200-len(whole)), want: "Ann\n 7"},

		"no body":             {method: http.MethodPost, target: "/", status: http.StatusBadRequest},
		"half a body":         {method: http.MethodPost, target: "/", body: whole[:9], status: http.StatusBadRequest},
		"two bodies":          {method: http.MethodPost, target: "/", body: whole + whole, status: http.StatusBadRequest},
		"half a query":        {method: http.MethodGet, target: "/?datastar=%7B", status: http.StatusBadRequest},
		"a text for a number": {method: http.MethodPost, target: "/", body: `{"user":{"age":"7"}}`, status: http.StatusBadRequest},
		"a list":              {method: http.MethodPost, target: "/", body: `[]`, status: http.StatusBadRequest},
		"as deep as can be":   {method: http.MethodPost, target: "/", body: strings.Repeat("[", 200), status: http.StatusBadRequest},
		"a form":              {method: http.MethodPost, target: "/", body: "name=Ann", kind: "application/x-www-form-urlencoded", status: http.StatusUnsupportedMediaType},
		"JSON that hides":     {method: http.MethodPost, target: "/", body: whole, kind: "text/plain", status: http.StatusUnsupportedMediaType},
		"no type":             {method: http.MethodPost, target: "/", body: whole, kind: "a/b/c", status: http.StatusUnsupportedMediaType},
		"too large":           {method: http.MethodPost, target: "/", body: whole + strings.Repeat(" ", 201-len(whole)), status: http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got form
			var failure error
			host := apptest.Start(t, func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.BodyLimit = 200 })
				routing.Routes(a, func(r *routing.Route) {
					r.Handle("/", func(c *app.Call) error {
						got, failure = datastar.ReadSignals[form](c)
						if failure != nil {
							return failure
						}
						return c.RespondText(got.Name + " " + string(rune('0'+got.User.Age)))
					})
				})
			})
			var options []apptest.RequestOption
			if test.kind != "" {
				options = append(options, apptest.Header("Content-Type", test.kind))
			}
			response := host.Do(test.method, test.target, strings.NewReader(test.body), options...)
			text := apptest.Text(t, response)
			if test.status != 0 {
				assert.Equal(t, test.status, response.StatusCode, text)
				assert.NotContains(t, text, "json", "what went wrong is not for the client")
				assert.Zero(t, got)
				assert.Error(t, failure)
				return
			}
			require.NoError(t, failure)
			assert.Equal(t, test.want, text)
		})
	}
}
