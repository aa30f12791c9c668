package sse_test

import (
	"testing"

	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/sse"
)

func TestConforms(t *testing.T) { plugintest.Conform(t, sse.Plugin) }
