package localpath_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/authentication/internal/localpath"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/": "/", "/cart?x=1": "/cart?x=1", "/a b?c d": "/a%20b?c%20d", "/é?é": "/%C3%A9?%C3%A9", "/a#b": "/a#b", "/..//evil": "/..//evil",
		"/a//b": "/a//b", "/%2F%2Fevil": "/%2F%2Fevil", "/a?u=https://evil": "/a?u=https://evil",
		"": "", "cart": "", "?a": "", "//evil": "", "///evil": "", `/\evil`: "", `\\evil`: "", "https:evil": "", "https://evil/": "", "javascript:x": "",
		"/\t/evil": "", "/a\r\nSet-Cookie: b": "", "/a\x00": "", "/%zz": "", "/a\x7f": "", "/" + strings.Repeat("a", 1024): "",
		"/" + strings.Repeat("a", 1023): "/" + strings.Repeat("a", 1023), "/" + strings.Repeat("é", 171): "", "/?" + strings.Repeat(" ", 341): "",
	} {
		got, ok := localpath.Clean(path)
		assert.Equal(t, want, got, "%q", path)
		assert.Equal(t, want != "", ok, "%q", path)
	}
}

// What comes out is a path of the host that it is sent to, however browsers read
// it.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{"/", "/cart?x=1", "//evil", `/\evil`, "/\t/evil", "https:evil", "/%2f%2fevil", "/a#b", "/..//evil"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://shop.example/login")
	assert.NoError(f, err)
	f.Fuzz(func(t *testing.T, path string) {
		clean, ok := localpath.Clean(path)
		if !ok {
			return
		}
		for _, r := range clean {
			assert.True(t, r > ' ' && r < 0x7f && r != '\\', "%q", clean)
		}
		// A browser drops tabs and line breaks, and takes backslashes for slashes.
		read := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(clean)
		target, err := base.Parse(read)
		if assert.NoError(t, err, "%q", clean) {
			assert.Equal(t, "https://shop.example", target.Scheme+"://"+target.Host, "%q", clean)
		}
		again, ok := localpath.Clean(clean)
		assert.True(t, ok, "%q", clean)
		assert.Equal(t, clean, again)
		assert.LessOrEqual(t, len(clean), 1024)
	})
}
