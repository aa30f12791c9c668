package autoheadresponse_test

import (
	"testing"

	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
)

func TestConforms(t *testing.T) { plugintest.Conform(t, autoheadresponse.Plugin) }
