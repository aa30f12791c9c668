package websockets_test

import (
	"testing"

	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/websockets"
)

func TestConforms(t *testing.T) { plugintest.Conform(t, websockets.Plugin) }
