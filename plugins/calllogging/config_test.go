package calllogging_test

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/calllogging"
)

// TestFilters: one that holds is enough, and what is not logged is not
// formatted.
func TestFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logbook
		var formatted []string
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.Filter(func(c *app.Call) bool { return c.Request.URL.Path == "/a" })
				c.Filter(func(c *app.Call) bool { return c.Status() >= 500 })
				c.Format = func(c *app.Call) string {
					formatted = append(formatted, c.Request.URL.Path)
					return "formatted"
				}
			}),
			answering(func(c *app.Call) error {
				if c.Request.URL.Path == "/broken" {
					return errors.New("it is broken")
				}
				return c.RespondText("OK")
			}),
		})
		for _, path := range []string{"/a", "/b", "/broken"} {
			host.Get(path)
			synctest.Wait()
		}
		assert.Equal(t, []string{"/a", "/broken"}, formatted)
		assert.Len(t, log.lines("msg=formatted"), 2)
	})
}

// TestHiddenLevel: a line that nobody sees costs no format.
func TestHiddenLevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.Level = slog.LevelDebug - 8
				c.Format = func(*app.Call) string { t.Error("the line is formatted"); return "" }
			}),
			answering(text("OK")),
		})
		host.Get("/")
		synctest.Wait()
		assert.Empty(t, log.lines("status="))
	})
}

func TestMistakes(t *testing.T) {
	provider := func(*app.Call) (string, bool) { return "", false }
	for name, test := range map[string]struct {
		configure func(*calllogging.Config)
		want      string
	}{
		"filter":   {func(c *calllogging.Config) { c.Filter(nil) }, "a filter is nil"},
		"name":     {func(c *calllogging.Config) { c.MDC("", provider) }, "an MDC entry has no name"},
		"own":      {func(c *calllogging.Config) { c.MDC("status", provider) }, "the MDC entry status: every line has an attribute of that name"},
		"provider": {func(c *calllogging.Config) { c.MDC("a", nil) }, "the MDC entry a: the provider is nil"},
		"twice":    {func(c *calllogging.Config) { c.MDC("a", provider); c.MDC("a", provider) }, "the MDC entry a is there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			err := app.New(install(test.configure)).Start(t.Context())
			require.ErrorContains(t, err, "calllogging/host_test.go:")
			assert.ErrorContains(t, err, "install CallLogging: "+test.want)
		})
	}
}
