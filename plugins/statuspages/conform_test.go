package statuspages_test

import (
	"io/fs"
	"net/http"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/statuspages"
)

// TestConforms: with pages for what does not happen.
func TestConforms(t *testing.T) {
	plugintest.Conform(t, statuspages.Plugin.With(func(c *statuspages.Config) {
		statuspages.Exception(c, func(call *app.Call, _ *fs.PathError) error { return call.RespondText("no such file") })
		c.Status(http.StatusGone, func(call *app.Call, _ int) error { return call.RespondText("gone") })
	}))
}
