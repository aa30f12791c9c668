package httpheader_test

import (
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func TestParseHost(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]struct {
		host string
		port int
	}{
		"example.com":        {"example.com", 0},
		"EXAMPLE.com:8080":   {"example.com", 8080},
		"example.com.":       {"example.com.", 0},
		"my_host-1.~x":       {"my_host-1.~x", 0},
		"192.0.2.1:1":        {"192.0.2.1", 1},
		"[::1]":              {"::1", 0},
		"[2001:DB8::1]:443":  {"2001:db8::1", 443},
		"[::ffff:192.0.2.1]": {"::ffff:192.0.2.1", 0},
		"localhost:65535":    {"localhost", 65535},
		"localhost:0080":     {"localhost", 80},
	} {
		host, port, ok := httpheader.ParseHost(value)
		require.True(t, ok, value)
		assert.Equal(t, want.host, host, value)
		assert.Equal(t, want.port, port, value)
	}
	for _, value := range []string{
		"", ":", ":80", "a:", "a:0", "a:65536", "a:-1", "a:+1", "a: 1", "a:1:2", "a:99999999999999999999", "::1", "[", "[]", "[]:1", "[::1", "[::1]1",
		"[::1]x:1", "[::1%eth0]", "[192.0.2.1]", "[example.com]", "a/b", "a?b", "a#b", "user@a", `a\b`, "a b", "a,b", "a\r\nb", "a\x00", "é", "a%2fb", " a", "a ",
	} {
		_, _, ok := httpheader.ParseHost(value)
		assert.False(t, ok, "%q", value)
	}
}

// FuzzParseHost: what is taken for a host is one for net/url as well, so that a
// URL made of it leads nowhere else, and reads the same the second time.
func FuzzParseHost(f *testing.F) {
	for _, seed := range []string{"example.com", "a:80", "[::1]:8080", "[::ffff:1.2.3.4]", "a@b", "a/b:80", "[::1%25eth0]", ":1", "é:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		host, port, ok := httpheader.ParseHost(value)
		if !ok {
			assert.Empty(t, host)
			assert.Zero(t, port)
			return
		}
		text := host
		if strings.Contains(host, ":") {
			text = "[" + host + "]"
		}
		if port != 0 {
			text = net.JoinHostPort(host, strconv.Itoa(port))
		}
		parsed, err := url.Parse("https://" + text + "/")
		require.NoError(t, err)
		assert.Equal(t, host, parsed.Hostname())
		again, samePort, ok := httpheader.ParseHost(text)
		assert.True(t, ok)
		assert.Equal(t, host, again)
		assert.Equal(t, port, samePort)
	})
}
