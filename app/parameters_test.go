package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// inCall runs f in a call of GET target, which is routed by its path.
func inCall(t *testing.T, target string, f func(c *app.Call)) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("X-Number", "7")
	served := false
	a := start(t, func(a *app.Application) {
		routes(a, func(root *branch) {
			root.handle(r.URL.Path, func(c *app.Call) error { served = true; f(c); return c.RespondText("x") })
		})
	})
	do(t, a, r)
	require.True(t, served)
}

type level string

func TestParameters(t *testing.T) {
	t.Parallel()
	inCall(t, "/users/42?last=query&page=3&Page=4&wait=1500ms&warm=true&rate=0.5&ip=192.0.2.1&level=high&empty=&two=1&two=2&big=300&bad=x",
		func(c *app.Call) {
			assert.Equal(t, "42", c.PathParam("last"))
			assert.Equal(t, "42", c.Param("last"), "the path comes first")
			assert.Equal(t, "3", c.Param("page"))
			assert.Equal(t, "3", c.QueryParam("page"))
			assert.Equal(t, "4", c.QueryParam("Page"), "names are case-sensitive")
			assert.Empty(t, c.Param("none"))

			requireParam(t, 42, func() (int, error) { return app.PathParam[int](c, "last") })
			requireParam(t, 3, func() (int8, error) { return app.QueryParam[int8](c, "page") })
			requireParam(t, 3, func() (uint, error) { return app.QueryParam[uint](c, "page") })
			requireParam(t, 0.5, func() (float64, error) { return app.QueryParam[float64](c, "rate") })
			requireParam(t, true, func() (bool, error) { return app.QueryParam[bool](c, "warm") })
			requireParam(t, 1500*time.Millisecond, func() (time.Duration, error) { return app.QueryParam[time.Duration](c, "wait") })
			requireParam(t, netip.MustParseAddr("192.0.2.1"), func() (netip.Addr, error) { return app.QueryParam[netip.Addr](c, "ip") })
			requireParam(t, level("high"), func() (level, error) { return app.QueryParam[level](c, "level") })
			requireParam(t, "", func() (string, error) { return app.QueryParam[string](c, "empty") })
			requireParam(t, 3, func() (int, error) { return app.OptionalQueryParam(c, "page", 1) })
			requireParam(t, 1, func() (int, error) { return app.OptionalQueryParam(c, "none", 1) })
			requireParam(t, 7, func() (int, error) { return app.RequestHeader[int](c, "x-number") })
			requireParam(t, []int{1, 2}, func() ([]int, error) { return app.QueryParams[int](c, "two") })
			requireParam(t, []int{}, func() ([]int, error) { return app.QueryParams[int](c, "none") })
		})
}

func requireParam[T any](t *testing.T, want T, read func() (T, error)) {
	t.Helper()
	got, err := read()
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestParametersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		read func(c *app.Call) error
		want string
	}{
		"missing in the path": {func(c *app.Call) error { _, err := app.PathParam[int](c, "none"); return err }, "path parameter none is missing"},
		"missing":             {func(c *app.Call) error { _, err := app.QueryParam[string](c, "none"); return err }, "query parameter none is missing"},
		"missing header":      {func(c *app.Call) error { _, err := app.RequestHeader[string](c, "None"); return err }, "header None is missing"},
		"not a number":        {func(c *app.Call) error { _, err := app.QueryParam[int](c, "bad"); return err }, "query parameter bad cannot be read"},
		"not unsigned":        {func(c *app.Call) error { _, err := app.QueryParam[uint](c, "minus"); return err }, "query parameter minus cannot be read"},
		"not a float":         {func(c *app.Call) error { _, err := app.QueryParam[float32](c, "bad"); return err }, "query parameter bad cannot be read"},
		"not a boolean":       {func(c *app.Call) error { _, err := app.QueryParam[bool](c, "bad"); return err }, "query parameter bad cannot be read"},
		"not a duration":      {func(c *app.Call) error { _, err := app.QueryParam[time.Duration](c, "bad"); return err }, "query parameter bad cannot be read"},
		"not an address":      {func(c *app.Call) error { _, err := app.QueryParam[netip.Addr](c, "bad"); return err }, "query parameter bad cannot be read"},
		"too big":             {func(c *app.Call) error { _, err := app.QueryParam[int8](c, "big"); return err }, "query parameter big cannot be read"},
		"not a kind we read":  {func(c *app.Call) error { _, err := app.QueryParam[[]int](c, "big"); return err }, "query parameter big cannot be read"},
		"twice":               {func(c *app.Call) error { _, err := app.QueryParam[int](c, "two"); return err }, "query parameter two stands there 2 times"},
		"one of several":      {func(c *app.Call) error { _, err := app.QueryParams[int](c, "mixed"); return err }, "query parameter mixed cannot be read"},
		"optional, but there": {func(c *app.Call) error { _, err := app.OptionalQueryParam(c, "bad", 1); return err }, "query parameter bad cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCall(t, "/x?bad=x&minus=-1&big=300&two=1&two=2&mixed=1&mixed=x", func(c *app.Call) {
				var shown *app.Error
				require.ErrorAs(t, test.read(c), &shown)
				assert.Equal(t, http.StatusBadRequest, shown.StatusCode())
				assert.Equal(t, test.want, shown.Message)
			})
		})
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		value, ok := c.Cookie("session")
		assert.True(t, ok)
		assert.Equal(t, "first", value)
		_, ok = c.Cookie("none")
		assert.False(t, ok)
		require.NoError(t, c.SetCookie(&http.Cookie{Name: "a", Value: "1", HttpOnly: true}))
		require.NoError(t, c.SetCookie(&http.Cookie{Name: "b", Value: "2"}))
		require.Error(t, c.SetCookie(&http.Cookie{Name: "not allowed", Value: "3"}))
		return c.RespondText("x")
	}))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", "session=first; session=second")
	assert.Equal(t, []string{"a=1; HttpOnly", "b=2"}, do(t, a, r).Header["Set-Cookie"])
}
