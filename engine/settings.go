package engine

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/chitor-go/chitor/app"
)

// settings is what a configuration may say at ktor, but for ktor.deployment and
// ktor.security.
type settings struct {
	Development *bool
	Application struct {
		ID             string
		Startup        string
		StartupTimeout *time.Duration `property:"startupTimeoutMillis"` // as is every number
	}
}

func settingsOf(properties app.Properties) (settings, error) {
	var s settings
	if err := properties.Decode("ktor", &s); err != nil {
		return s, err
	}
	// Ktor's concurrent modules take turns on one thread, where they wait for
	// something. What has to be waited for is in a start hook here, so that both
	// are the same.
	switch s.Application.Startup {
	case "", "sequential", "concurrent":
	default:
		return s, wrongAt(properties, "ktor.application.startup", "it is neither sequential nor concurrent")
	}
	if timeout := s.Application.StartupTimeout; timeout != nil && *timeout < 0 {
		return s, wrongAt(properties, "ktor.application.startupTimeoutMillis", "it is negative")
	}
	return s, nil
}

// wrongAt returns an error of the property at path, with where it stands.
func wrongAt(properties app.Properties, path, text string) error {
	return fmt.Errorf("%s: %s: %s", properties.Site(path), path, text)
}

func (g *settings) apply(s *Server) {
	setIf(&s.startup, g.Application.StartupTimeout)
	s.application.Configure(func(c *app.Config) {
		setIf(&c.Development, g.Development)
		if id := g.Application.ID; id != "" {
			c.Logger = s.application.Logger().With(slog.String("application", id))
		}
	})
}
