package httpsredirect

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says where [Plugin] sends clients, and which it leaves alone. It is
// read when the plugin is installed; later changes have no effect. Start returns
// the mistakes in it, with the line of the installation.
//
// Ktor: HttpsRedirectConfig.
type Config struct {
	// SSLPort is the port that clients are sent to. 443 by default, which the
	// URL does not name; what is no port is a mistake.
	//
	// Ktor: sslPort.
	SSLPort int
	// PermanentRedirect allows clients to remember the redirect. True by default.
	//
	// Ktor: permanentRedirect.
	PermanentRedirect bool
	// Host is the host that clients are sent to, without a port. Empty, the
	// default, is the one that they have named. What can be no host is a
	// mistake.
	Host string

	excludes []func(c *app.Call) bool
	mistakes mistakes.List
}

func defaultConfig() Config { return Config{SSLPort: 443, PermanentRedirect: true} }

// ExcludePrefix leaves calls alone whose path begins so. An empty prefix, which
// would leave all of them alone, is a mistake.
//
// Ktor: excludePrefix.
func (c *Config) ExcludePrefix(prefix string) { c.excludePart("prefix", prefix, strings.HasPrefix) }

// ExcludeSuffix leaves calls alone whose path ends so. An empty suffix, which
// would leave all of them alone, is a mistake.
//
// Ktor: excludeSuffix.
func (c *Config) ExcludeSuffix(suffix string) { c.excludePart("suffix", suffix, strings.HasSuffix) }

func (c *Config) excludePart(what, part string, has func(path, part string) bool) {
	if part == "" {
		c.mistakes.Add(fmt.Errorf("exclude: the %s is empty, so that no call would be redirected", what))
		return
	}
	c.Exclude(func(call *app.Call) bool { return has(requested(call.Request).Path, part) })
}

// Exclude leaves the calls alone for which predicate returns true. It runs for
// calls of several goroutines at once. Nil is a mistake.
//
// Ktor: exclude.
func (c *Config) Exclude(predicate func(c *app.Call) bool) {
	if predicate == nil {
		c.mistakes.Add(errors.New("exclude: the predicate is nil"))
		return
	}
	c.excludes = append(c.excludes, predicate)
}

// check returns what is wrong with the configuration.
func (c *Config) check() error {
	if c.SSLPort < 1 || c.SSLPort > math.MaxUint16 {
		c.mistakes.Add(fmt.Errorf("SSLPort is %d, which is no port", c.SSLPort))
	}
	if _, port, ok := httpheader.ParseHost(c.Host); c.Host != "" && (!ok || port != 0) {
		c.mistakes.Add(fmt.Errorf("host %q: it is a name or an address without a port", c.Host))
	}
	return c.mistakes.Err()
}
