package defaultheaders

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Config says which headers an installation of [Plugin] adds. It is read when
// the plugin is installed; later changes have no effect. A mistake in it is
// returned by Start, with the line of the installation.
// Ktor: DefaultHeadersConfig.
type Config struct {
	// Server is the value of the Server header, unless [Config.Header] names
	// one. "Chitor" by default; empty adds none.
	Server string

	headers  []header
	mistakes []error
}

// header is a name in its canonical form with all of its values. The values are
// shared by all answers.
type header struct {
	name   string
	values []string
}

func defaultConfig() Config { return Config{Server: "Chitor"} }

// Header adds a header. One that is added twice is sent with both values.
// Headers that belong to one body or to the connection cannot have a default:
// Content-Length, Transfer-Encoding and Upgrade.
// Ktor: header.
func (c *Config) Header(name, value string) {
	canonical := http.CanonicalHeaderKey(name)
	switch {
	case !isToken(name):
		c.mistakes = append(c.mistakes, fmt.Errorf("header %q: that is not the name of a header", name))
	case strings.ContainsFunc(value, isControl):
		c.mistakes = append(c.mistakes, fmt.Errorf("header %s: the value %q has control characters", name, value))
	case canonical == "Content-Length", canonical == "Transfer-Encoding", canonical == "Upgrade":
		c.mistakes = append(c.mistakes, fmt.Errorf("header %s: it cannot have a default", name))
	default:
		c.add(canonical, value)
	}
}

func (c *Config) add(name, value string) {
	for i := range c.headers {
		if c.headers[i].name == name {
			c.headers[i].values = append(c.headers[i].values, value)
			return
		}
	}
	c.headers = append(c.headers, header{name, []string{value}})
}

// build returns the headers to add, or all that is wrong with them.
func (c *Config) build() ([]header, error) {
	if c.Server != "" {
		if !slices.ContainsFunc(c.headers, func(known header) bool { return known.name == "Server" }) {
			c.Header("Server", c.Server)
		}
	}
	built := slices.Clone(c.headers)
	for i := range built {
		built[i].values = slices.Clip(built[i].values) // who appends to the header of an answer gets a copy
	}
	return built, errors.Join(c.mistakes...)
}

// isToken reports whether text can be the name of a header (RFC 9110 section
// 5.6.2).
func isToken(text string) bool {
	for _, r := range text {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return text != ""
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
