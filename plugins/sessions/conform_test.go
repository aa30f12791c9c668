package sessions_test

import (
	"testing"

	"github.com/chitor-go/chitor/internal/plugintest"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, cookie(signed), plugintest.Scoped())
}
