package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestNegativeLimitsAreMistakes: 0 switches a limit off, and less means nothing.
func TestNegativeLimitsAreMistakes(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(c *app.Config){
		"WriteTimeout":    func(c *app.Config) { c.WriteTimeout = -time.Second },
		"ReadTimeout":     func(c *app.Config) { c.ReadTimeout = -time.Second },
		"MinReadRate":     func(c *app.Config) { c.MinReadRate = -1 },
		"BodyLimit":       func(c *app.Config) { c.BodyLimit = -1 },
		"PartLimit":       func(c *app.Config) { c.PartLimit = -1 },
		"ShutdownGrace":   func(c *app.Config) { c.ShutdownGrace = -time.Second },
		"ShutdownTimeout": func(c *app.Config) { c.ShutdownTimeout = -time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var site string
			err := app.New(func(a *app.Application) {
				site = below()
				a.Configure(set)
			}).Start(t.Context())
			require.EqualError(t, err, site+": configure: "+name+" is negative")
		})
	}
	assert.NoError(t, app.New(func(a *app.Application) { a.Configure(func(c *app.Config) { *c = app.Config{} }) }).Start(t.Context()))
}
