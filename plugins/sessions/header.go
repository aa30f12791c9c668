package sessions

import (
	"errors"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// HeaderConfig configures a session in a header, for clients that are no
// browsers. The client sends what the last response has had in the header of that
// name; an empty one says that the session is over.
//
// Ktor: HeaderSessionBuilder.
type HeaderConfig struct {
	Settings
}

func defaultHeaderConfig() HeaderConfig {
	return HeaderConfig{defaultSettings()}
}

// maxHeader is how long a header can be for proxies to take it: half of what they
// take for a line, usually.
const maxHeader = 4096

func (c *HeaderConfig) check(name string) {
	taken := httpheader.IsOfOneBody(name)
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Cache-Control", "Connection", "Cookie", "Host", "Set-Cookie", "Vary":
		taken = true
	}
	if taken {
		c.mistakes.Add(errors.New("the header has another meaning: choose a name of your own"))
	}
}

// headerTransport carries a session in a header.
//
// Ktor: SessionTransportHeader.
type headerTransport struct {
	name string // canonical
}

func newHeaderTransport(name string) *headerTransport {
	return &headerTransport{http.CanonicalHeaderKey(name)}
}

func (t *headerTransport) receive(r *http.Request) string { return r.Header.Get(t.name) }
func (t *headerTransport) varies() string                 { return t.name }
func (t *headerTransport) longest() int                   { return maxHeader }

func (t *headerTransport) fits(value string) error {
	if length := len(t.name) + len(": ") + len(value); length > maxHeader {
		return tooLong("the header", length, maxHeader)
	}
	return nil
}

func (t *headerTransport) send(header http.Header, value string, _ time.Duration, _ bool) {
	header[t.name] = []string{value}
}

func (t *headerTransport) clear(header http.Header, _ bool) { header[t.name] = []string{""} }
func (t *headerTransport) unsend(header http.Header)        { delete(header, t.name) }
