package hsts

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// A HostConfig says what browsers are told about a host.
//
// Ktor: HSTSHostConfig.
type HostConfig struct {
	// MaxAge is how long they ask for the host by https alone, in whole seconds.
	// One year by default; 0 makes them forget it; a negative one is a mistake, and
	// so is a part of a second.
	//
	// Ktor: maxAgeInSeconds.
	MaxAge time.Duration
	// IncludeSubDomains means all domains below the host as well. True by
	// default.
	//
	// Ktor: includeSubDomains.
	IncludeSubDomains bool
	// Preload allows the host to be put on the list that browsers come with,
	// which they ask the host's owner about. That cannot be undone for months.
	// False by default. The list wants a MaxAge of a year and IncludeSubDomains.
	//
	// Ktor: preload.
	Preload bool

	directives []string
	mistakes   mistakes.List
}

// Config configures an installation of [Plugin]: what browsers are told about
// every host that WithHost does not name. It is read when the plugin is
// installed; later changes have no effect. Start returns the mistakes in it,
// with the line of the installation.
//
// Ktor: HSTSConfig.
type Config struct {
	HostConfig

	filter func(c *app.Call) bool
	hosts  map[string]HostConfig
}

const year = 365 * 24 * time.Hour

func defaultHostConfig() HostConfig { return HostConfig{MaxAge: year, IncludeSubDomains: true} }

func defaultConfig() Config {
	return Config{HostConfig: defaultHostConfig(), hosts: map[string]HostConfig{}}
}

// Directive adds a directive that some browser knows. An empty value adds the
// name alone. A name that is no token, or is there already, and control
// characters in the value are mistakes.
//
// Ktor: customDirectives.
func (h *HostConfig) Directive(name, value string) {
	switch {
	case !httpheader.IsToken(name):
		h.mistakes.Add(fmt.Errorf("directive %q: that is not the name of a directive", name))
		return
	case strings.ContainsFunc(value, isControl):
		h.mistakes.Add(fmt.Errorf("directive %s: the value %q has control characters", name, value))
		return
	}
	text := name
	switch {
	case httpheader.IsToken(value):
		text += "=" + value
	case value != "":
		text += `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
	}
	h.directives = append(h.directives, text)
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// WithHost tells browsers something else about one host, a name or an address
// without a port. Configure is given the defaults to change, not what stands in
// the Config around it. What can be no host, one that is named twice, and a nil
// configure are mistakes.
//
// Ktor: withHost.
func (c *Config) WithHost(host string, configure func(*HostConfig)) {
	name, port, ok := httpheader.ParseHost(host)
	if !ok || port != 0 {
		c.mistakes.Add(fmt.Errorf("with host %q: it is a name or an address without a port", host))
		return
	}
	if _, twice := c.hosts[name]; twice {
		c.mistakes.Add(fmt.Errorf("with host %q: it is named twice", host))
	}
	config := defaultHostConfig()
	if configure == nil {
		c.mistakes.Add(fmt.Errorf("with host %q: the configuration function is nil", host))
	} else {
		configure(&config)
	}
	c.hosts[name] = config
}

// Filter sets which of the calls whose origin is https are told, in place of the
// rule that the port is 443. It runs for calls of several goroutines at once.
// Nil is a mistake.
//
// Ktor: filter.
func (c *Config) Filter(filter func(c *app.Call) bool) {
	if filter == nil {
		c.mistakes.Add(errors.New("the filter is nil"))
		return
	}
	c.filter = filter
}

// value returns the value of the header, or all mistakes in h.
func (h *HostConfig) value() (string, error) {
	switch {
	case h.MaxAge < 0:
		h.mistakes.Add(fmt.Errorf("MaxAge is %v: it is negative", h.MaxAge))
	case h.MaxAge > 0 && h.MaxAge < time.Second:
		h.mistakes.Add(fmt.Errorf("MaxAge is %v, which browsers would take for 0: write the unit, as in 10 * time.Second", h.MaxAge))
	}
	parts := []string{"max-age=" + strconv.FormatInt(int64(h.MaxAge/time.Second), 10)}
	if h.IncludeSubDomains {
		parts = append(parts, "includeSubDomains")
	}
	if h.Preload {
		parts = append(parts, "preload")
	}
	parts = append(parts, h.directives...)
	seen := map[string]bool{}
	for _, part := range parts {
		name, _, _ := strings.Cut(strings.ToLower(part), "=")
		if seen[name] {
			h.mistakes.Add(fmt.Errorf("directive %s: it is there twice", name))
		}
		seen[name] = true
	}
	return strings.Join(parts, "; "), h.mistakes.Err()
}

// A policy is what runs where the plugin is installed. It never changes.
type policy struct {
	filter func(c *app.Call) bool // nil for the rule about the port
	value  []string               // shared by all responses, and never written
	hosts  map[string][]string
}

// newPolicy returns what config describes, or all mistakes in it.
func newPolicy(config Config) (*policy, error) {
	value, err := config.value()
	p := &policy{filter: config.filter, value: []string{value}, hosts: map[string][]string{}}
	errs := []error{err}
	for _, host := range slices.Sorted(maps.Keys(config.hosts)) {
		settings := config.hosts[host]
		value, err := settings.value()
		if err != nil {
			errs = append(errs, fmt.Errorf("with host %q: %w", host, err))
		}
		p.hosts[host] = []string{value}
	}
	return p, errors.Join(errs...)
}
