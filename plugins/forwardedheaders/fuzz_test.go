package forwardedheaders_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// FuzzForwarded: whatever a client writes, what a trusted proxy appends is read,
// and what is believed can be written into a URL.
func FuzzForwarded(f *testing.F) {
	for _, seed := range []string{
		"", ",", `"`, `\"`, `for="`, `for="\`, `for="a\\"`, "for=10.0.0.1", `for="[2001:db8::1]:4711";by=_x;proto=https;host="a:1"`,
		`for=10.0.0.1, for="10.0.0.2"`, "for=unknown", "for=_hidden;host=x", `x="a,b\",c", for=10.0.0.1`, "FOR=10.0.0.1;PROTO=wss",
	} {
		f.Add(seed)
	}
	s := behind(f, trusted)
	f.Fuzz(func(t *testing.T, header string) {
		status, origin := s.ask([]string{header})
		if status != http.StatusBadRequest {
			assert.Equal(t, http.StatusNoContent, status)
			assert.Contains(t, []string{"http", "https"}, origin.Scheme)
			assert.Regexp(t, `^[a-z0-9._~:-]+$`, origin.Host)
			assert.NotEmpty(t, origin.RemoteHost())
		}
		for _, own := range []string{"for=203.0.113.7;proto=https", `proto="https";for="203.0.113.7:4711"`} {
			for _, lines := range [][]string{{header + "," + own}, {header, own}} {
				status, origin := s.ask(lines)
				assert.Equal(t, http.StatusNoContent, status)
				assert.Equal(t, "203.0.113.7", origin.RemoteHost())
				assert.Equal(t, "https", origin.Scheme)
			}
		}
	})
}
