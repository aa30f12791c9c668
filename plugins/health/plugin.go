package health

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Plugin answers probes for liveness and readiness. It is installed on the
// application.
var Plugin = app.NewPlugin("Health", defaultConfig, setup)

// probe marks a call that the plugin answers.
var probe = app.NewKey[struct{}]("Health")

// IsProbe reports whether the plugin has answered a call, so that a log can leave
// it out.
func IsProbe(c *app.Call) bool {
	_, is := probe.Get(c)
	return is
}

func setup(b *app.PluginBuilder[Config]) error {
	config := *b.Config()
	if err := config.verify(); err != nil {
		return err
	}
	a := b.Application()
	checks := newChecks(a, &config)
	b.InterceptUntilCommit(app.PhasePlugins, func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			path, below := strings.CutPrefix(c.Request.URL.Path, a.RootPath())
			get := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
			switch {
			case !get || !below || path == "" || c.Answered():
				return next(c)
			case path == config.LivenessPath:
				return respond(c, answer{Status: up})
			case path == config.ReadinessPath:
				return checks.respond(c)
			default:
				return next(c)
			}
		}
	})
	return nil
}

// The states of the application and of its checks.
const (
	up       = "up"
	down     = "down"
	draining = "draining"
)

// answer is the body of a response.
type answer struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
	Errors map[string]string `json:"errors,omitempty"` // in development mode
}

func respond(c *app.Call, a answer) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	probe.Set(c, struct{}{})
	c.Header().Set("Content-Type", "application/json")
	c.Header().Set("Cache-Control", "no-store")
	if a.Status != up {
		c.SetStatus(http.StatusServiceUnavailable)
	}
	return c.RespondBytes(append(body, '\n'))
}
