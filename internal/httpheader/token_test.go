package httpheader_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func TestIsToken(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"GET", "X-Request-Id", "br", "x-gzip", "*", "a0Z9", "!#$%&'*+-.^_`|~"} {
		assert.True(t, httpheader.IsToken(token), token)
	}
	for _, other := range []string{"", " ", "a b", "a,b", "a/b", "a;b", "a:b", "a\tb", "a\x00", "a\x7f", `"a"`, "(a)", "<a>", "a=b", "[a]", "{a}", `a\b`, "a?", "a@b", "é"} {
		assert.False(t, httpheader.IsToken(other), "%q", other)
	}
}

func TestIsOfOneBody(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Content-Length", "content-encoding", "TRANSFER-ENCODING", "Upgrade", "Trailer", "Content-Range"} {
		assert.True(t, httpheader.IsOfOneBody(name), name)
	}
	for _, name := range []string{"", "Content", "Content-Type", "Content-Language", "Vary", "X-Content-Length"} {
		assert.False(t, httpheader.IsOfOneBody(name), name)
	}
}

func TestEqualFold(t *testing.T) {
	t.Parallel()
	assert.True(t, httpheader.EqualFold("Gzip", "gZIP"))
	assert.True(t, httpheader.EqualFold("", ""))
	assert.False(t, httpheader.EqualFold("gzip", "gzi"))
	assert.False(t, httpheader.EqualFold("zstd", "z\u017ftd"), "the long s is no s")
	assert.False(t, httpheader.EqualFold("key", "\u212aey"), "the kelvin sign is no k")
}

// FuzzIsToken compares with the list of RFC 9110 section 5.6.2.
func FuzzIsToken(f *testing.F) {
	for _, seed := range []string{"", "gzip", "a b", "é", "\xff", "a\x00"} {
		f.Add(seed)
	}
	const tchar = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	f.Fuzz(func(t *testing.T, text string) {
		assert.Equal(t, text != "" && strings.Trim(text, tchar) == "" && strings.ToValidUTF8(text, "") == text, httpheader.IsToken(text))
	})
}
