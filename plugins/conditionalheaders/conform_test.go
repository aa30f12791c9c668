package conditionalheaders_test

import (
	"testing"

	"github.com/chitor-go/chitor/internal/plugintest"
)

// Versions are told in headers, and nothing is asked about them.
func TestConforms(t *testing.T) {
	plugintest.Conform(t, of(tag{Tag: "v1"}), plugintest.Scoped(), plugintest.Adds("ETag"))
}
