package httpheader_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func TestParseOrigin(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		origin httpheader.Origin
		text   string
	}{
		"https://example.com":         {httpheader.Origin{Scheme: "https", Host: "example.com", Port: 443}, "https://example.com"},
		"http://example.com":          {httpheader.Origin{Scheme: "http", Host: "example.com", Port: 80}, "http://example.com"},
		"HTTPS://Example.COM:443/":    {httpheader.Origin{Scheme: "https", Host: "example.com", Port: 443}, "https://example.com"},
		"http://localhost:8080":       {httpheader.Origin{Scheme: "http", Host: "localhost", Port: 8080}, "http://localhost:8080"},
		"http://[2001:DB8::1]":        {httpheader.Origin{Scheme: "http", Host: "2001:db8::1", Port: 80}, "http://[2001:db8::1]"},
		"https://[::1]:80":            {httpheader.Origin{Scheme: "https", Host: "::1", Port: 80}, "https://[::1]:80"},
		"chrome-extension://abcdefgh": {httpheader.Origin{Scheme: "chrome-extension", Host: "abcdefgh"}, "chrome-extension://abcdefgh"},
		"x+1.2-y://host:1":            {httpheader.Origin{Scheme: "x+1.2-y", Host: "host", Port: 1}, "x+1.2-y://host:1"},
	} {
		origin, ok := httpheader.ParseOrigin(text)
		require.True(t, ok, text)
		assert.Equal(t, want.origin, origin, text)
		assert.Equal(t, want.text, origin.String(), text)
	}
	for _, text := range []string{
		"", "null", "example.com", "://example.com", "https://", "https:///", "https://example.com/path", "https://example.com//", "https://a?b",
		"https://user@example.com", "https://example.com:", "https://example.com:0", "1http://a", "+http://a", "ht@tp://a", "h\x4dtp\x20://a", "https:example.com",
		"https://a b", "https://a,b", "https://\x00", "[ttp://a", "@ttp://a",
	} {
		origin, ok := httpheader.ParseOrigin(text)
		assert.False(t, ok, "%q", text)
		assert.Zero(t, origin, "%q", text)
	}
	assert.Equal(t, "null", httpheader.Origin{}.String())
}

// FuzzParseOrigin: what is read as an origin is read as the same one when it was
// written again.
func FuzzParseOrigin(f *testing.F) {
	for _, seed := range []string{"https://example.com:8443", "http://[::1]", "null", "A+b://C:1/", "https://a@b", "http:///"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		origin, ok := httpheader.ParseOrigin(text)
		if !ok {
			assert.Zero(t, origin)
			return
		}
		again, ok := httpheader.ParseOrigin(origin.String())
		assert.True(t, ok, origin.String())
		assert.Equal(t, origin, again)
	})
}

func TestAnOriginIsTheServersOwn(t *testing.T) {
	for name, test := range map[string]struct {
		page, scheme, host string
		port               int
		own                bool
	}{
		"the same":                         {"http://localhost:8080", "http", "localhost", 8080, true},
		"another host":                     {"http://other:8080", "http", "localhost", 8080, false},
		"another port":                     {"http://localhost:8081", "http", "localhost", 8080, false},
		"https behind a proxy":             {"https://shop.example.com", "http", "shop.example.com", 80, true},
		"https behind a proxy with a port": {"https://shop.example.com:8443", "http", "shop.example.com", 8443, true},
		"http of a server by https":        {"http://shop.example.com", "https", "shop.example.com", 443, false},
		"another scheme":                   {"ftp://localhost:8080", "http", "localhost", 8080, false},
		"a server without a name":          {"http://localhost", "http", "", 80, false},
	} {
		t.Run(name, func(t *testing.T) {
			page, ok := httpheader.ParseOrigin(test.page)
			require.True(t, ok)
			assert.Equal(t, test.own, page.IsOwn(test.scheme, test.host, test.port))
		})
	}
	assert.False(t, httpheader.Origin{}.IsOwn("http", "", 0))
}
