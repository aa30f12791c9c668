package app_test

import (
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// showing returns a handler that answers with what it reads from a call.
func showing[T any](read func(c *app.Call) (T, error)) app.Handler {
	return func(c *app.Call) error {
		value, err := read(c)
		if err != nil {
			return err
		}
		return c.RespondText(fmt.Sprint(value))
	}
}

func showingQuery[T any](name string) app.Handler {
	return showing(func(c *app.Call) (T, error) { return app.QueryParam[T](c, name) })
}

func TestKtorRequireRequestParameterTest(t *testing.T) {
	module := routed(func(r *routing.Route) {
		r.Get("/query", showingQuery[string]("name"))
		r.Get("/header", showing(func(c *app.Call) (string, error) { return app.RequestHeader[string](c, "X-Custom") }))
		r.Get("/cookie", showing(func(c *app.Call) (string, error) {
			session, found := c.Cookie("session")
			if !found {
				return "", app.NewError(http.StatusBadRequest, "who are you?")
			}
			return session, nil
		}))
		r.Get("/users/{id}", showing(func(c *app.Call) (string, error) { return app.PathParam[string](c, "id") }))
		r.Get("/users", showing(func(c *app.Call) (string, error) { return app.PathParam[string](c, "id") }))
	})
	cookie := apptest.Header("Cookie", "session=abc123")
	cases := map[string]ktorCase{}
	for name, test := range map[string]struct {
		path   string
		option apptest.RequestOption
		status int
		text   string
	}{
		"requireQueryParameter returns value when present": {"/query?name=hello", nil, 200, "hello"},
		"requireQueryParameter returns 400 when missing":   {"/query", nil, 400, "query parameter name is missing"},
		"requireHeader returns value when present":         {"/header", apptest.Header("X-Custom", "myvalue"), 200, "myvalue"},
		"requireHeader returns 400 when missing":           {"/header", nil, 400, "header X-Custom is missing"},
		"requireCookie returns value when present":         {"/cookie", cookie, 200, "abc123"},
		"requireCookie returns 400 when missing":           {"/cookie", nil, 400, "who are you?"},
		"requirePathParameter returns value when present":  {"/users/42", nil, 200, "42"},
		// The route has none: no client can send one.
		"requirePathParameter returns 400 when missing": {"/users", nil, 500, "Internal Server Error"},
	} {
		cases[name] = ktorCase{module, func(t *testing.T, host *apptest.Host) {
			options := []apptest.RequestOption{}
			if test.option != nil {
				options = append(options, test.option)
			}
			expect(t, host.Get(test.path, options...), test.status, test.text)
		}}
	}
	runKtor(t, cases)
}

func TestKtorParametersTest(t *testing.T) {
	t.Parallel()
	optional := func(name string) app.Handler {
		return showing(func(c *app.Call) (int, error) { return app.OptionalQueryParam(c, name, -1) })
	}
	const parameters = "/?single=a&another=2&multiple=3&multiple=4&value=a"
	for name, test := range map[string]struct {
		handler app.Handler
		status  int
		text    string
	}{
		"testSingleValues text":              {showingQuery[string]("single"), 200, "a"},
		"testSingleValues number":            {showingQuery[int]("another"), 200, "2"},
		"testMultipleAsStrings":              {showing(func(c *app.Call) ([]string, error) { return app.QueryParams[string](c, "multiple") }), 200, "[3 4]"},
		"testMultipleAsIntegers":             {showing(func(c *app.Call) ([]int, error) { return app.QueryParams[int](c, "multiple") }), 200, "[3 4]"},
		"testMultipleAsLongIntegers":         {showing(func(c *app.Call) ([]int64, error) { return app.QueryParams[int64](c, "multiple") }), 200, "[3 4]"},
		"testNullableValues there":           {optional("another"), 200, "2"},
		"testNullableValues missing":         {optional("missing"), 200, "-1"},
		"testNullableValueConversionFailure": {optional("value"), 400, "query parameter value cannot be read"},
		"testMissingNonNullValue":            {showingQuery[string]("missing"), 400, "query parameter missing is missing"},
		"several for a scalar":               {showingQuery[int]("multiple"), 400, "query parameter multiple is given 2 times"},
		"several for an optional scalar":     {optional("multiple"), 400, "query parameter multiple is given 2 times"},
		"none for a list":                    {showing(func(c *app.Call) ([]int, error) { return app.QueryParams[int](c, "missing") }), 200, "[]"},
		"one of a list":                      {showing(func(c *app.Call) ([]int, error) { return app.QueryParams[int](c, "single") }), 400, "query parameter single cannot be read"},
		"another case":                       {showingQuery[string]("Single"), 400, "query parameter Single is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := get(t, start(t, answering(test.handler)), parameters)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.text, body(t, response))
		})
	}
}

// reads returns what a query parameter is as a T.
func reads[T any](t *testing.T, text string) (value any, err error) {
	t.Helper()
	a := start(t, answering(func(c *app.Call) error {
		value, err = app.QueryParam[T](c, "x")
		return c.RespondStatus(http.StatusOK)
	}))
	get(t, a, "/?"+url.Values{"x": {text}}.Encode())
	return value, err
}

type color string

func TestParameterIsReadAsItsType(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		read func(t *testing.T, text string) (any, error)
		text string
		want any // nil if it cannot be read
	}{
		"text":                    {reads[string], "a b+c", "a b+c"},
		"empty text":              {reads[string], "", ""},
		"text of a named type":    {reads[color], "red", color("red")},
		"boolean":                 {reads[bool], "true", true},
		"number as boolean":       {reads[bool], "1", true},
		"no boolean":              {reads[bool], "yes", nil}, // false in Ktor
		"int":                     {reads[int], "-7", -7},
		"empty int":               {reads[int], "", nil},
		"int with space":          {reads[int], " 7", nil},
		"hexadecimal int":         {reads[int], "0x7", nil},
		"fraction as int":         {reads[int], "7.0", nil},
		"int8":                    {reads[int8], "-128", int8(-128)},
		"int8 too large":          {reads[int8], "128", nil},
		"int64":                   {reads[int64], "9223372036854775807", int64(math.MaxInt64)},
		"int64 too large":         {reads[int64], "9223372036854775808", nil},
		"uint16":                  {reads[uint16], "65535", uint16(65535)},
		"uint16 too large":        {reads[uint16], "65536", nil},
		"negative uint":           {reads[uint], "-1", nil},
		"float64":                 {reads[float64], "2.5e3", 2500.0},
		"float32 too large":       {reads[float32], "1e39", nil},
		"float32":                 {reads[float32], "0.5", float32(0.5)},
		"duration":                {reads[time.Duration], "1m30s", 90 * time.Second},
		"duration without unit":   {reads[time.Duration], "90", nil},
		"TextUnmarshaler":         {reads[netip.Addr], "192.0.2.1", netip.MustParseAddr("192.0.2.1")},
		"TextUnmarshaler refuses": {reads[netip.Addr], "192.0.2", nil},
		"time":                    {reads[time.Time], "2026-01-02T03:04:05Z", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value, err := test.read(t, test.text)
			if test.want != nil {
				require.NoError(t, err)
				assert.Equal(t, test.want, value)
				return
			}
			var shown *app.Error
			require.ErrorAs(t, err, &shown)
			assert.Equal(t, http.StatusBadRequest, shown.StatusCode())
			assert.Equal(t, "query parameter x cannot be read", shown.Message, "what was sent is not sent back")
			assert.Error(t, shown.Unwrap(), "the log knows why")
		})
	}
}

// TestPathParametersOfEachKindOfRoute: a parameter of one segment and one of
// the rest of the path; the path comes before the query.
func TestPathParametersOfEachKindOfRoute(t *testing.T) {
	a := start(t, routed(func(r *routing.Route) {
		r.Get("/users/{id}", showing(func(c *app.Call) (int, error) { return app.PathParam[int](c, "id") }))
		r.Get("/files/{path...}", showing(func(c *app.Call) (string, error) { return app.PathParam[string](c, "path") }))
		r.Get("/either/{id}", func(c *app.Call) error { return c.RespondText(c.Param("id") + " " + c.Param("other")) })
	}))
	for target, want := range map[string]struct {
		status int
		text   string
	}{
		"/users/7":                 {200, "7"},
		"/users/7?id=8":            {200, "7"},
		"/users/seven":             {400, "path parameter id cannot be read"},
		"/users/%37":               {200, "7"},
		"/files/a/b%20c":           {200, "a/b c"},
		"/files/":                  {400, "path parameter path is missing"},
		"/either/1?id=2&other=3":   {200, "1 3"},
		"/either/1?ID=2&other=3;4": {200, "1 "},
	} {
		response := get(t, a, target)
		assert.Equal(t, want.status, response.StatusCode, target)
		assert.Equal(t, want.text, body(t, response), target)
	}
}

// TestRequestHeaderMustComeOnce: a header that comes twice is no scalar.
func TestRequestHeaderMustComeOnce(t *testing.T) {
	a := start(t, answering(showing(func(c *app.Call) (int, error) { return app.RequestHeader[int](c, "x-count") })))
	for want, values := range map[string][]string{
		"7":                               {"7"},
		"header x-count is missing":       nil,
		"header x-count cannot be read":   {"7, 8"},
		"header x-count is given 2 times": {"7", "8"},
	} {
		r := request(1)
		r.Header["X-Count"] = values
		response := do(t, a, r)
		assert.Equal(t, want == "7", response.StatusCode == http.StatusOK)
		assert.Equal(t, want, body(t, response))
	}
}

// TestQueryThatCannotBeRead: whoever asks for a parameter that may be in a pair
// which cannot be read is told so, optional or not, and never that it is
// missing. Other pairs disturb nobody.
//
// Ktor: NettySpecificTest's badRequestOnInvalidQueryString.
func TestQueryThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const refused = "query parameter n cannot be read"
	many := "/?" + strings.Repeat("a&", 20_000)
	for target, want := range map[string]struct{ one, optional, all string }{
		"/":                {"query parameter n is missing", "7", "[]"},
		"/?n=%35":          {"5", "5", "[5]"},
		"/?n=5&m=%zz":      {"5", "5", "[5]"},
		"/?m=%zz&n=5&m=;":  {"5", "5", "[5]"},
		"/?m=%zz":          {"query parameter n is missing", "7", "[]"},
		"/?nn=%zz&N=;":     {"query parameter n is missing", "7", "[]"},
		"/?n=%zz":          {refused, refused, refused},
		"/?n=%":            {refused, refused, refused},
		"/?%6e=%zz":        {refused, refused, refused},
		"/?n=5&n=%zz":      {refused, refused, refused},
		"/?n=5;m=1":        {refused, refused, refused},
		"/?m=1;n=5":        {refused, refused, refused},
		"/?m=1;k=2":        {"query parameter n is missing", "7", "[]"},
		"/?n=5&%zz=1":      {"5", "5", "[5]"},
		"/?%zz=1":          {refused, refused, refused},
		many:               {refused, refused, refused}, // the limit is that of net/url
		"/?n=":             {refused, refused, refused},
		"/?n":              {refused, refused, refused},
		"/?n=5&n=6&m=%zz":  {"query parameter n is given 2 times", "query parameter n is given 2 times", "[5 6]"},
		"/?&&n=5&=%35&&":   {"5", "5", "[5]"},
		"/?n=5%26n%3D%3B1": {refused, refused, refused}, // as a number
	} {
		for way, read := range map[string]struct {
			handler app.Handler
			want    string
		}{
			"one":      {showingQuery[int]("n"), want.one},
			"optional": {showing(func(c *app.Call) (int, error) { return app.OptionalQueryParam(c, "n", 7) }), want.optional},
			"all":      {showing(func(c *app.Call) ([]int, error) { return app.QueryParams[int](c, "n") }), want.all},
		} {
			t.Run(way+" "+target[:min(len(target), 20)], func(t *testing.T) {
				t.Parallel()
				response := get(t, start(t, answering(read.handler)), target)
				assert.Equal(t, read.want, body(t, response))
				assert.Equal(t, strings.Contains(read.want, "parameter"), response.StatusCode == http.StatusBadRequest)
			})
		}
	}
}

// TestQueryIsReadOnce, and anew where a middleware has passed on another one.
func TestQueryIsReadOnce(t *testing.T) {
	a := start(t, func(a *app.Application) {
		a.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c, _ := app.CallFrom(r.Context())
				assert.Equal(t, "outside", c.QueryParam("q"))
				changed := r.Clone(r.Context())
				changed.URL.RawQuery = "q=inside"
				next.ServeHTTP(w, changed)
				assert.Equal(t, "outside", c.QueryParam("q"))
			})
		})
	}, answering(func(c *app.Call) error {
		assert.Equal(t, url.Values{"q": {"inside"}}, c.Query())
		c.Request.URL.RawQuery = "a=1&b=2&c=3"
		allocs, _ := perRun(100, func() {
			for _, name := range []string{"a", "b", "c", "d"} {
				_, err := app.OptionalQueryParam(c, name, 7)
				assert.NoError(t, err)
			}
		})
		assert.LessOrEqual(t, allocs, uint64(3), "one for each value, and none for the query")
		c.Request.URL.RawQuery = ""
		empty := c.Query()
		empty.Set("a", "1")
		assert.Empty(t, c.Query())
		return c.RespondText("")
	}))
	assert.Equal(t, http.StatusOK, get(t, a, "/?q=outside").StatusCode)
}

// TestMistakesOfParametersAreTheServers: what no client can mend is answered
// with 500, and the log says what to do.
func TestMistakesOfParametersAreTheServers(t *testing.T) {
	t.Parallel()
	const types = "text is read into strings, numbers, booleans, time.Duration, and types whose pointer is an encoding.TextUnmarshaler"
	for name, test := range map[string]struct {
		read func(c *app.Call) (any, error)
		want string
	}{
		"another name": {
			func(c *app.Call) (any, error) { return app.PathParam[int](c, "ident") },
			"path parameter ident: the route /users/{id}/{rest...} has none of that name, but id, rest",
		},
		"a type for the path": {
			func(c *app.Call) (any, error) { return app.PathParam[*int](c, "id") },
			"path parameter id: a *int cannot be read: " + types,
		},
		"a type for a query": {
			func(c *app.Call) (any, error) { return app.QueryParam[[]byte](c, "n") },
			"query parameter n: a []uint8 cannot be read: " + types,
		},
		"an optional one": {
			func(c *app.Call) (any, error) { return app.OptionalQueryParam(c, "n", struct{}{}) },
			"query parameter n: a struct {} cannot be read: " + types,
		},
		"several": {
			func(c *app.Call) (any, error) { return app.QueryParams[map[int]int](c, "n") },
			"query parameter n: a map[int]int cannot be read: " + types,
		},
		"a header": {
			func(c *app.Call) (any, error) { return app.RequestHeader[chan int](c, "X-N") },
			"header X-N: a chan int cannot be read: " + types,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := &logbook{}
			a := start(t, logs.module, routed(func(r *routing.Route) { r.Get("/users/{id}/{rest...}", showing(test.read)) }))
			r := httptest.NewRequest(http.MethodGet, "/users/7/x?n=1", nil)
			r.Header.Set("X-N", "1")
			response := do(t, a, r)
			assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
			assert.Equal(t, "Internal Server Error", body(t, response))
			require.Len(t, logs.at(slog.LevelError), 1)
			assert.Equal(t, test.want, logs.at(slog.LevelError)[0].attributes["error"])
		})
	}
	for name, test := range map[string]struct {
		module app.Module
		want   string
	}{
		"a route without": {routed(func(r *routing.Route) {
			r.Get("/", showing(func(c *app.Call) (int, error) { return app.PathParam[int](c, "id") }))
		}), "path parameter id: the route / has none"},
		"before routing": {answering(func(c *app.Call) error {
			_, err := app.PathParam[int](c, "id")
			return err
		}), "path parameter id: no route has been reached, which could have it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := &logbook{}
			assert.Equal(t, http.StatusInternalServerError, get(t, start(t, logs.module, test.module), "/").StatusCode)
			require.Len(t, logs.at(slog.LevelError), 1)
			assert.Equal(t, test.want, logs.at(slog.LevelError)[0].attributes["error"])
		})
	}
}
