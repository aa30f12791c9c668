package compression_test

import (
	"testing"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/compression"
)

// TestConforms: with everything encoded, whatever it is and however short.
func TestConforms(t *testing.T) {
	for _, coding := range []string{"gzip", "deflate"} {
		t.Run(coding, func(t *testing.T) {
			plugintest.Conform(t, compression.Plugin.With(func(c *compression.Config) {
				always := func(e *compression.EncoderConfig) { e.MinimumSize(0) }
				c.Gzip(always)
				c.Deflate(always)
			}), plugintest.Scoped(), plugintest.Request(apptest.Header("Accept-Encoding", coding)))
		})
	}
}
