package routing_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/routing"
)

// github declares the routes of GitHub's REST API, which many routers are
// measured with.
func github(t *testing.T) func(*routing.Route) {
	t.Helper()
	file, err := os.Open("testdata/github.txt")
	require.NoError(t, err)
	defer file.Close()
	var routes [][2]string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		method, pattern, _ := strings.Cut(lines.Text(), " ")
		routes = append(routes, [2]string{method, pattern})
	}
	require.Len(t, routes, 203)
	return func(r *routing.Route) {
		for _, route := range routes {
			r.Method(route[0], route[1], text(route[1]))
		}
	}
}

// TestShareOfWalks counts the routes that chi does not find alone. bench/routing
// prints what it logs.
func TestShareOfWalks(t *testing.T) {
	t.Parallel()
	t.Logf("share: | GitHub's routes | routes | of them by a walk |")
	t.Logf("share: | --- | --- | --- |")
	tail := func(r *routing.Route) { r.Get("/{path...}", text("")) }
	accept := func(r *routing.Route) { r.Accept("application/json").Get("/users/{user}", text("")) }
	affix := func(r *routing.Route) { r.Get("/repos/{owner}/{repo}/issues/{number}.json", text("")) }
	for _, test := range []struct {
		name   string
		beside []func(*routing.Route)
		walked int
	}{
		{"alone", nil, 0},
		{"with a tail at the root", []func(*routing.Route){tail}, 0},
		{"with an `Accept` route beside `/users/{user}`", []func(*routing.Route){accept}, 2},
		{"with `/repos/{owner}/{repo}/issues/{number}.json`", []func(*routing.Route){affix}, 2},
		{"with all three", []func(*routing.Route){tail, accept, affix}, 5},
	} {
		a := serve(t, func(r *routing.Route) {
			github(t)(r)
			for _, declare := range test.beside {
				declare(r)
			}
		})
		walked, declared := routing.Walks(a)
		t.Logf("share: | %s | %d | %d |", test.name, declared, walked)
		assert.Equal(t, test.walked, walked, test.name)
	}
}
