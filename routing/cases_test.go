package routing_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/routing"
)

// conformance is testdata/routing-cases.json: sets of routes, requests, and
// what answers them. Want is our answer where it differs from Ktor's.
type conformance struct {
	Sets  map[string]routeSet
	Cases []conformanceCase
}

type routeSet struct {
	Routes json.RawMessage // an object, whose order is the order of registration
	Opts   struct {
		AutoHead, IgnoreTrailingSlash bool
		RootPath                      string
	}
}

type conformanceCase struct {
	ID  string
	Set string
	Req struct {
		M, P, Host string
		H          map[string]string
	}
	Want struct {
		Route  string
		Params map[string][]string
		Status int
		Build  string
	}
	Ktor json.RawMessage // its answer where that is another one
}

// chain is a route of a set: the steps from the root to its handler.
type chain struct {
	name  string
	steps []string
}

func (s routeSet) chains(t *testing.T) []chain {
	decoder := json.NewDecoder(strings.NewReader(string(s.Routes)))
	_, err := decoder.Token() // the opening brace
	require.NoError(t, err)
	var chains []chain
	for decoder.More() {
		name, err := decoder.Token()
		require.NoError(t, err)
		added := chain{name: name.(string)}
		require.NoError(t, decoder.Decode(&added.steps))
		chains = append(chains, added)
	}
	return chains
}

var method = regexp.MustCompile(`^([A-Z]+)(?: (.*))?$`)

var names = regexp.MustCompile(`\{([^}.?]*)(?:\.\.\.|\?)?\}|\(\?<(\w+)>`)

// declare declares the chain's route. It answers with its name and what its
// path caught.
func (ch chain) declare(r *routing.Route) {
	parameters := map[string]bool{}
	for _, found := range names.FindAllStringSubmatch(strings.Join(ch.steps, ""), -1) {
		name := found[1] + found[2]
		parameters[name] = name != ""
	}
	asked := slices.DeleteFunc(slices.Clone(ch.steps), func(step string) bool { return !strings.Contains(step, "aram:") })
	handler := func(c *app.Call) error {
		c.Header().Set("Route", ch.name)
		for parameter, named := range parameters {
			if named {
				c.Header().Add("Param", parameter+"="+c.PathParam(parameter))
			}
		}
		// Ktor captures what these find in the query; here it is looked up there.
		for _, step := range asked {
			_, parameter, _ := strings.Cut(step, ":")
			if c.Query().Has(parameter) {
				c.Header().Add("Param", parameter+"="+strings.Join(c.Query()[parameter], "/"))
			}
		}
		return c.RespondStatus(http.StatusOK)
	}
	if len(ch.steps) == 0 {
		r.Handle("", handler)
	}
	for i, step := range ch.steps {
		last := i == len(ch.steps)-1
		path := strings.TrimPrefix(step, "path:")
		if strings.HasPrefix(step, "transparent:") {
			if r = r.Group(block); last {
				r.Handle("", handler)
			}
		} else if step == "static" { // no node of its own: see plugins/static
			continue
		} else if condition, is := strings.CutPrefix(step, "path:"); !is && conditions.MatchString(condition) {
			if r = declareCondition(r, step); last {
				r.Handle("", handler)
			}
		} else if parts := method.FindStringSubmatch(step); parts != nil && last {
			r.Method(parts[1], parts[2], handler)
		} else if parts != nil {
			r = r.Route(parts[2], block).ForMethod(parts[1])
		} else if last {
			r.Handle(path, handler)
		} else {
			r = r.Route(path, block)
		}
	}
}

var conditions = regexp.MustCompile(`^(header|accept|contentType|param|optionalParam|host|hostRegex|port|localPort|regex):(.*)$`)

// declareCondition returns the part of r with the condition of a step.
func declareCondition(r *routing.Route, step string) *routing.Route {
	parts := conditions.FindStringSubmatch(step)
	text := parts[2]
	name, value, hasValue := strings.Cut(text, "=")
	number, _ := strconv.Atoi(text)
	switch parts[1] {
	case "header":
		return r.Header(name, value)
	case "regex":
		return r.Regexp(text)
	case "accept":
		return r.Accept(strings.Split(text, ",")...)
	case "contentType":
		return r.ContentType(strings.Split(text, ",")...)
	case "optionalParam":
		return r.OptionalParam(text)
	case "host":
		return r.Host(strings.Split(text, ",")...)
	case "hostRegex":
		return r.HostRegexp(text)
	case "port":
		return r.Port(number)
	case "localPort":
		return r.LocalPort(number)
	default:
		if hasValue {
			return r.ParamValue(name, value)
		}
		return r.Param(text)
	}
}

// readConformance returns the table.
func readConformance(t *testing.T) conformance {
	data, err := os.ReadFile("testdata/routing-cases.json")
	require.NoError(t, err)
	var table conformance
	require.NoError(t, json.Unmarshal(data, &table))
	return table
}

// TestConformance runs the rows of the conformance table, over a socket, since
// some requests never get past net/http.
func TestConformance(t *testing.T) {
	t.Parallel()
	table := readConformance(t)
	transposed, different := 0, 0
	for _, row := range table.Cases {
		if row.Ktor != nil {
			different++
		} else {
			transposed++
		}
		t.Run(row.ID+" "+row.Set, func(t *testing.T) { row.run(t, table.Sets[row.Set], plainly) })
	}
	page, err := os.ReadFile("../docs/conformance.md")
	require.NoError(t, err)
	counted := fmt.Sprintf("| the cases of the table | %d | %d | %d | 0 |", len(table.Cases), transposed, different)
	assert.Contains(t, string(page), counted)
}

// TestConformanceInGroups runs them with each route in two groups of its own.
// That changes the answers to two, whose routes share a node in the table and
// have two of them here: of those the longer one is the better one.
func TestConformanceInGroups(t *testing.T) {
	t.Parallel()
	table := readConformance(t)
	changed := map[string]string{"R326": "O", "R328": "O"}
	for _, row := range table.Cases {
		if route := changed[row.ID]; route != "" {
			require.NotEqual(t, route, row.Want.Route)
			row.Want.Route = route
		}
		t.Run(row.ID+" "+row.Set, func(t *testing.T) { row.run(t, table.Sets[row.Set], inGroups) })
	}
}

func plainly(r *routing.Route) *routing.Route { return r }

func inGroups(r *routing.Route) *routing.Route { return r.Group(block).Group(block) }

func (row conformanceCase) run(t *testing.T, set routeSet, around func(*routing.Route) *routing.Route) {
	a := app.New(func(a *app.Application) {
		switch {
		case set.Opts.AutoHead:
			a.Install(autoheadresponse.Plugin)
		case set.Opts.IgnoreTrailingSlash:
			a.Install(routing.IgnoreTrailingSlash)
		}
		a.Configure(func(c *app.Config) { c.RootPath = set.Opts.RootPath })
		routing.Routes(a, func(r *routing.Route) {
			for _, chain := range set.chains(t) {
				chain.declare(around(r))
			}
		})
	})
	quiet(a)
	err := a.Start(t.Context())
	if row.Want.Build != "" {
		require.Error(t, err)
		return
	}
	require.NoError(t, err)
	port80 := func(w http.ResponseWriter, r *http.Request) {
		a.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{Port: 80})))
	}
	server := httptest.NewServer(http.HandlerFunc(port80))
	defer server.Close()
	response := row.send(t, server.Listener.Addr().String())
	defer response.Body.Close()
	if row.Want.Route == "" {
		require.Equal(t, row.Want.Status, response.StatusCode)
		require.Equal(t, row.Want.Status == http.StatusMethodNotAllowed, response.Header.Get("Allow") != "")
		return
	}
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, row.Want.Route, response.Header.Get("Route"))
	var want []string
	for name, values := range row.Want.Params {
		// Ktor's parameters for host and port, which a request has without them.
		if strings.HasPrefix(name, "$") {
			continue
		}
		want = append(want, name+"="+strings.Join(values, "/"))
	}
	got := slices.DeleteFunc(response.Header.Values("Param"), func(s string) bool {
		name, value, _ := strings.Cut(s, "=")
		return value == "" && row.Want.Params[name] == nil // nothing remained for a tail
	})
	require.ElementsMatch(t, want, got)
}

// send writes the request as it is in the table.
func (row conformanceCase) send(t *testing.T, address string) *http.Response {
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	host := row.Req.Host
	if host == "" {
		host = "localhost"
	}
	var head strings.Builder
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", row.Req.M, row.Req.P, host)
	for name, value := range row.Req.H {
		fmt.Fprintf(&head, "%s: %s\r\n", name, value)
	}
	_, err = conn.Write([]byte(head.String() + "\r\n"))
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: row.Req.M})
	require.NoError(t, err)
	return response
}
