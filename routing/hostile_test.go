package routing_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/routing"
)

// TestHostilePathsAreSegmentsLikeAnyOther has chi choose, and a walk.
func TestHostilePathsAreSegmentsLikeAnyOther(t *testing.T) {
	t.Parallel()
	for name, beside := range map[string]func(*routing.Route){
		"chi chooses": block,
		"a walk does": func(r *routing.Route) { r.Header("X", "1").Handle("/{...}", text("")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(r *routing.Route) {
				r.Get("/p/{id}", param("id"))
				r.Get("/t/{rest...}", param("rest"))
				r.Get("/p/admin", text("admin"))
				deep := r.Route("/deep", block)
				for depth := range 200 {
					deep = deep.Route(fmt.Sprintf("/{d%d}", depth), block)
				}
				deep.Get("/end", param("d199"))
				beside(r)
			})
			deep := "/deep" + strings.Repeat("/x", 199) + "/y"
			long := strings.Repeat("/%2F%00..%25", 5000)
			for line, want := range map[string]string{
				"GET /p/%2e%2e":               "..",
				"GET /p/..%2F..%2Fetc%2Fpass": "../../etc/pass",
				"GET /p/%00":                  "\x00",
				"GET /p/adm%69n":              "admin",
				"GET //p//%61dmin":            "admin",
				"GET /p/admin%00":             "admin\x00",
				"GET /p/%61dmin%2F":           "admin/",
				"GET /t/../../p/admin":        "../../p/admin",
				"GET /t" + long:               strings.Repeat("//\x00..%", 5000)[1:],
				"GET " + deep + "/end":        "y",
				"GET /p" + strings.Repeat("/", 9000) + "admin": "admin",
			} {
				got := ask(t, a, line)
				assert.Equal(t, http.StatusOK, got.status, "%.60s", line)
				assert.Equal(t, want, got.body, "%.60s", line)
			}
			for line, status := range map[string]int{
				"GET /p/../p/admin/":   http.StatusNotFound,
				"GET " + deep:          http.StatusNotFound,
				"GET " + deep + "/en":  http.StatusNotFound,
				"PUT " + deep + "/end": http.StatusMethodNotAllowed,
				"PUT /p" + long:        http.StatusNotFound,
				"PUT /t" + long:        http.StatusNotFound,
			} {
				assert.Equal(t, status, ask(t, a, line, "X", "2").status, "%.60s", line)
			}
			assert.Equal(t, "GET", ask(t, a, "PUT "+deep+"/end", "X", "2").header.Get("Allow"))
		})
	}
}

// TestManyConditionsAreTriedInTurn declares hundreds of each kind for one
// path, and sends headers that are as long as a server takes them.
func TestManyConditionsAreTriedInTurn(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		for i := range 300 {
			r.Header("X", fmt.Sprint(i)).Get("/header", text(fmt.Sprint(i)))
			r.Header(fmt.Sprint("X-", i%10), fmt.Sprint(i)).Get("/headers", text(fmt.Sprint(i)))
			r.Accept(fmt.Sprint("a/", i)).Get("/accept", text(fmt.Sprint(i)))
			r.Param(fmt.Sprint("p", i)).Get("/param", text(fmt.Sprint(i)))
		}
	})
	assert.Equal(t, "277", ask(t, a, "GET /header", "X", strings.Repeat("x, ", 10_000)+"277;q=0.5, 278;q=0.4").body)
	assert.Equal(t, "277", ask(t, a, "GET /headers", "X-7", "277").body)
	assert.Equal(t, "277", ask(t, a, "GET /accept", "Accept", strings.Repeat("b/b, ", 1000)+"a/277, a/278;q=0.4").body)
	assert.Equal(t, "277", ask(t, a, "GET /param?"+strings.Repeat("a=b&", 5000)+"p277").body)
	got := ask(t, a, "PUT /headers")
	assert.Equal(t, http.StatusMethodNotAllowed, got.status)
	assert.Equal(t, "GET", got.header.Get("Allow"))
}

// TestExpressionsLookAtNoMoreThanTheirLimit: what is longer matches none, however
// it came there.
func TestExpressionsLookAtNoMoreThanTheirLimit(t *testing.T) {
	t.Parallel()
	const limit = 8 << 10
	a := serve(t, func(r *routing.Route) {
		r.Get("/one/{x:a*}", text("one"))
		r.Get("/other/{x:a*}", text("other"))
		r.Get("/other/{x:b*}", text("other"))
		r.Get("/affixed/x{x:a*}", text("affixed"))
		r.Regexp("span/a*").Get("", text("span"))
		r.Get("/{rest...}", text("rest"))
	})
	for path, body := range map[string]string{"/one/": "one", "/other/": "other", "/affixed/x": "affixed"} {
		assert.Equal(t, body, ask(t, a, "GET "+path+strings.Repeat("a", limit)).body, path)
		assert.Equal(t, "rest", ask(t, a, "GET "+path+strings.Repeat("a", limit+1)).body, path)
	}
	assert.Equal(t, "span", ask(t, a, "GET /span/"+strings.Repeat("a", limit-len("span/"))).body)
	assert.Equal(t, "rest", ask(t, a, "GET /span/"+strings.Repeat("a", limit-len("span/")+1)).body)
}
