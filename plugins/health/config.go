package health

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// A Check returns nil if something that the application needs works, such as a
// database that answers. Its context ends with [Config.Timeout], and with the
// application. It does not run twice at once.
type Check func(ctx context.Context) error

// Config configures [Plugin]. It is read when the plugin is installed. Start
// returns the mistakes in it, with the line of the installation.
type Config struct {
	// LivenessPath is where liveness is answered, below the root path. "/healthz"
	// by default; "" switches it off.
	LivenessPath string
	// ReadinessPath is where readiness is answered, below the root path. "/readyz"
	// by default; "" switches it off.
	ReadinessPath string
	// Timeout bounds each check. 800 ms by default, since a probe of Kubernetes
	// waits for a second; 0 sets no limit, and a negative one is a mistake.
	Timeout time.Duration
	// MaxAge is for how long the outcome of the checks counts. 1 s by default; 0
	// has them run for each probe, and a negative one is a mistake.
	MaxAge time.Duration

	checks   []namedCheck
	mistakes mistakes.List
}

type namedCheck struct {
	name string
	run  Check
}

func defaultConfig() Config {
	return Config{LivenessPath: "/healthz", ReadinessPath: "/readyz", Timeout: 800 * time.Millisecond, MaxAge: time.Second}
}

// Check adds a check of readiness. Its name is for the answer and the log. An
// empty name, a name that another check has, and a nil check are mistakes.
func (c *Config) Check(name string, check Check) {
	switch {
	case name == "":
		c.mistakes.Add(errors.New("the name of a check is empty"))
	case check == nil:
		c.mistakes.Add(fmt.Errorf("the check %q is nil", name))
	case slices.ContainsFunc(c.checks, func(other namedCheck) bool { return other.name == name }):
		c.mistakes.Add(fmt.Errorf("there are two checks %q", name))
	default:
		c.checks = append(c.checks, namedCheck{name, check})
	}
}

// verify returns all that is wrong.
func (c *Config) verify() error {
	wrong := c.mistakes
	for _, path := range []string{c.LivenessPath, c.ReadinessPath} {
		if path != "" && !strings.HasPrefix(path, "/") {
			wrong.Add(fmt.Errorf("the path %q does not begin with a slash", path))
		}
	}
	if c.LivenessPath != "" && c.LivenessPath == c.ReadinessPath {
		wrong.Add(fmt.Errorf("liveness and readiness have the same path %q", c.LivenessPath))
	}
	if c.Timeout < 0 {
		wrong.Add(errors.New("the field Timeout is negative"))
	}
	if c.MaxAge < 0 {
		wrong.Add(errors.New("the field MaxAge is negative"))
	}
	return wrong.Err()
}
