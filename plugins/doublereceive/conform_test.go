package doublereceive_test

import (
	"testing"

	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/doublereceive"
)

func TestConforms(t *testing.T) {
	for name, cache := range map[string]bool{"raw bodies": true, "values": false} {
		t.Run(name, func(t *testing.T) {
			plugintest.Conform(t, doublereceive.Plugin.With(func(c *doublereceive.Config) { c.CacheRawRequest = cache }), plugintest.Scoped())
		})
	}
}
