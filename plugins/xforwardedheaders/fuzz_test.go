package xforwardedheaders_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// FuzzXForwardedFor: whatever a client writes, what a trusted proxy appends is
// read, and what is believed can be written into a URL.
func FuzzXForwardedFor(f *testing.F) {
	for _, seed := range []string{"", ",", "10.0.0.1", "10.0.0.1, 10.0.0.2", "[2001:db8::1]:4711", "unknown", "_hidden", "unix:", "::ffff:10.0.0.1", "a:1"} {
		f.Add(seed, seed, seed)
	}
	s := behind(f, trusted)
	f.Fuzz(func(t *testing.T, chain, host, port string) {
		status, origin := s.ask(http.Header{"X-Forwarded-For": {chain}, "X-Forwarded-Host": {host}, "X-Forwarded-Port": {port}})
		if status != http.StatusBadRequest {
			assert.Equal(t, http.StatusNoContent, status)
			assert.Regexp(t, `^[a-z0-9._~:-]+$`, origin.Host)
			assert.NotEmpty(t, origin.RemoteHost())
			assert.True(t, origin.Port > 0 && origin.Port < 1<<16)
		}
		for _, lines := range [][]string{{chain + ", 203.0.113.7"}, {chain, "203.0.113.7"}} {
			status, origin := s.ask(http.Header{"X-Forwarded-For": lines})
			assert.Equal(t, http.StatusNoContent, status)
			assert.Equal(t, "203.0.113.7", origin.RemoteHost())
		}
	})
}
