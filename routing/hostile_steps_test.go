package routing_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// TestAWalkTriesNothingTwice counts what a walk does for paths that go through
// hundreds of routes in many ways: as many steps for a path of 4,000 segments as
// for one of 100.
func TestAWalkTriesNothingTwice(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		selectors int // that are declared
		declare   func(*routing.Route)
	}{
		"tails at one place": {50 * 3, func(r *routing.Route) {
			for i := range 50 {
				r.Header("X", strconv.Itoa(i)).Get("/{rest...}", text(""))
			}
		}},
		"tails one below the other": {50 * 4, func(r *routing.Route) {
			for i := range 50 {
				r = r.Route("/{p"+strconv.Itoa(i)+"}", block)
				r.Header("X", "1").Get("/{rest...}", text(""))
			}
		}},
		"optional parameters": {50 * 4, func(r *routing.Route) {
			for i := range 50 {
				r = r.Route("/{p"+strconv.Itoa(i)+"?}", block)
				r.Header("X", "1").Get("/{rest...}", text(""))
			}
		}},
		"expressions over all that remains": {50 * 4, func(r *routing.Route) {
			for i := range 50 {
				r.Regexp("(?<all>x(/x)*)").Header("X", strconv.Itoa(i)).Get("/{rest...}", text(""))
			}
		}},
		"texts around parameters": {50 * 4, func(r *routing.Route) {
			for i := range 50 {
				r = r.Route("/{p"+strconv.Itoa(i)+"}x", block)
				r.Header("X", "1").Get("x{rest...}", text(""))
			}
		}},
		"constants and parameters that all fit": {3 + 9 + 27 + 81 + 243*4, func(r *routing.Route) {
			branches := []*routing.Route{r}
			for range 5 {
				var deeper []*routing.Route
				for _, branch := range branches {
					deeper = append(deeper, branch.Route("/x", block), branch.Route("/{p}", block), branch.Route("/*", block))
				}
				branches = deeper
			}
			for _, branch := range branches {
				branch.Header("X", "1").Get("/{rest...}", text(""))
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := 0
			a, _ := start(t, func(a *app.Application) {
				routing.Routes(a, test.declare)
				routing.Trace(a, func(_ *app.Call, r *routing.Resolution) { steps = len(r.Steps) })
			})
			taken := map[int]int{}
			for _, segments := range []int{100, 4000} {
				target := &url.URL{Path: strings.Repeat("/x", segments)}
				request := &http.Request{Method: http.MethodGet, URL: target, Header: http.Header{}, ProtoMajor: 1, ProtoMinor: 1}
				a.ServeHTTP(&sink{http.Header{}}, request.WithContext(t.Context()))
				taken[segments] = steps
			}
			assert.Positive(t, taken[100])
			assert.Equal(t, taken[100], taken[4000])
			assert.LessOrEqual(t, steps, 1+test.selectors)
		})
	}
}
