package ratelimit_test

import (
	"testing"
	"time"

	"github.com/chitor-go/chitor/internal/plugintest"
)

// Nothing reaches the limit.
func TestConforms(t *testing.T) {
	plugintest.Conform(t, limited(1_000_000, time.Second), plugintest.Layer(), plugintest.Adds(
		"RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"))
}
