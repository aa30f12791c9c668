package routing_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/routing"
)

// Of the ranges that fit a type the most precise one gives its q-value: RFC
// 9110 section 12.5.1. A parameter makes a range more precise than the same one
// without it, and less precise than any range that names more of the type.
func TestTheMostPreciseRangeOfAcceptCounts(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Accept("text/html; level=1; charset=utf-8").Get("/", text("html"))
		r.Accept("image/*").Get("/", text("image"))
		r.Accept("text/plain").Get("/", text("plain"))
	})
	for name, test := range map[string]struct{ accept, want string }{
		"a parameter beats none":                  {"text/html;level=1;q=0.1, text/html, text/plain;q=0.5", "plain"},
		"whichever comes first":                   {"text/html, text/html;level=1;q=0.1, text/plain;q=0.5", "plain"},
		"and where it is accepted more":           {"text/html;level=1;q=0.9, text/html;q=0.1, text/plain;q=0.5", "html"},
		"two parameters beat one":                 {"text/html;level=1;charset=utf-8;q=0.1, text/html;level=1, text/plain;q=0.5", "plain"},
		"a subtype beats a parameter":             {"text/*;level=1, text/html;q=0.1, text/plain;q=0.5", "plain"},
		"a type beats a parameter":                {"*/*;level=1, text/*;q=0.1, text/plain;q=0.5, image/*;q=0", "plain"},
		"another value is another type":           {"text/html;level=2, text/plain;q=0.5", "plain"},
		"an unknown parameter is ignored":         {"text/html;depth=1, text/plain;q=0.5", "html"},
		"and less precise than none":              {"text/html;depth=1, text/html;q=0.1, text/plain;q=0.5", "plain"},
		"in any order":                            {"text/html;q=0.1, text/html;depth=1, text/plain;q=0.5", "plain"},
		"but more precise than a range of types":  {"text/html;depth=1;q=0.1, text/*, text/plain;q=0.5", "plain"},
		"a charset is a parameter like others":    {"text/plain; charset=utf-8, text/html;q=0.5", "plain"},
		"in quotes as well":                       {`text/plain; charset="UTF-8", text/html;q=0.5`, "plain"},
		"one unknown beside one that is the same": {"text/html;level=1;depth=2;q=0.1, text/html;depth=2, text/plain;q=0.5", "plain"},
		"a value in another case is the same":     {"text/html;charset=UTF-8, text/plain;q=0.5", "html"},
		"of two as precise the better counts":     {"text/html;level=1;q=0.2, text/html;charset=utf-8;q=0.8, text/plain;q=0.5", "html"},
		"and in the other order":                  {"text/html;level=1;q=0.8, text/html;charset=utf-8;q=0.2, text/plain;q=0.5", "html"},
		"any type in a range of the route does":   {"image/png;level=3;q=0.7, text/plain;q=0.5", "image"},
		"the better type in a range of the route": {"image/png;q=0.4, image/gif;q=0.7, text/plain;q=0.5", "image"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, ask(t, a, "GET /", "Accept", test.accept).body)
		})
	}
}

func TestAContentTypeHasAllParametersThatTheRouteAsksFor(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.ContentType("application/soap+xml; action=run; charset=*").Post("/", text("run"))
	})
	for name, test := range map[string]struct {
		sent   string
		status int
	}{
		"all that the route asks for":    {`application/soap+xml; action="Run"; charset=utf-8`, http.StatusOK},
		"and more":                       {"application/soap+xml; action=run; charset=x; depth=1", http.StatusOK},
		"another value":                  {"application/soap+xml; action=walk; charset=utf-8", http.StatusUnsupportedMediaType},
		"one that is missing":            {"application/soap+xml; charset=utf-8", http.StatusUnsupportedMediaType},
		"one of any value that is empty": {`application/soap+xml; action=run; charset=""`, http.StatusOK},
		"one of any value, missing":      {"application/soap+xml; action=run", http.StatusUnsupportedMediaType},
		"none":                           {"application/soap+xml", http.StatusUnsupportedMediaType},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.status, ask(t, a, "POST /", "Content-Type", test.sent).status)
		})
	}
}
