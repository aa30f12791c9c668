package defaultheaders

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says which headers an installation of [Plugin] adds. It is read when
// the plugin is installed; later changes have no effect. Start returns the
// mistakes in it, with the line of the installation.
//
// Ktor: DefaultHeadersConfig.
type Config struct {
	// Server is the value of the Server header, unless [Config.Header] names
	// one. "Chitor" by default; empty adds none.
	Server string

	headers  []header
	mistakes mistakes.List
}

// A header is a name in its canonical form with all of its values.
type header struct {
	name   string
	values []string // shared by all responses, and never written
}

func defaultConfig() Config { return Config{Server: "Chitor"} }

// Header adds a header. One that is added twice is sent with both values.
// Headers that belong to one body or to the connection cannot have a default:
// Content-Encoding, Content-Length, Content-Range, Trailer, Transfer-Encoding
// and Upgrade. These, a name that is no token (RFC 9110 section 5.1) and control
// characters in the value are mistakes.
//
// Ktor: header.
func (c *Config) Header(name, value string) {
	switch {
	case !httpheader.IsToken(name):
		c.mistakes.Add(fmt.Errorf("header %q: that is not the name of a header", name))
	case strings.ContainsFunc(value, isControl):
		c.mistakes.Add(fmt.Errorf("header %s: the value %q has control characters", name, value))
	case httpheader.IsOfOneBody(name):
		c.mistakes.Add(fmt.Errorf("header %s: it cannot have a default", name))
	default:
		c.add(http.CanonicalHeaderKey(name), value)
	}
}

func (c *Config) add(name, value string) {
	if i := c.index(name); i >= 0 {
		c.headers[i].values = append(c.headers[i].values, value)
		return
	}
	c.headers = append(c.headers, header{name, []string{value}})
}

// index returns where the header of that name is, negative if nowhere.
func (c *Config) index(name string) int {
	return slices.IndexFunc(c.headers, func(known header) bool { return known.name == name })
}

// newHeaders returns the headers to add, or all mistakes in config.
func newHeaders(config Config) ([]header, error) {
	if config.Server != "" && config.index("Server") < 0 {
		config.Header("Server", config.Server)
	}
	headers := slices.Clone(config.headers)
	for i := range headers {
		// Appending to a response's header copies.
		headers[i].values = slices.Clip(headers[i].values)
	}
	return headers, config.mistakes.Err()
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
