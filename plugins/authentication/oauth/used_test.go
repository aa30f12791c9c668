package oauth_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/authentication/oauth"
)

// Memory is bounded by number and by time.
func TestUsedStatesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var used oauth.Used
		expires := time.Now().Add(time.Minute)
		assert.True(t, used.Add("first", expires))
		assert.False(t, used.Add("first", expires))
		for i := range 3 * oauth.MaxUsed {
			assert.True(t, used.Add(strconv.Itoa(i), expires))
		}
		assert.Equal(t, oauth.MaxUsed, used.Len())
		assert.False(t, used.Add(strconv.Itoa(3*oauth.MaxUsed-1), expires))
		time.Sleep(2 * time.Minute)
		assert.True(t, used.Add("later", time.Now()))
		assert.Equal(t, 1, used.Len())
	})
}

// What comes out is a path of the host that it is sent to, however browsers read
// it.
func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/", "/cart?x=1", "//evil", `/\evil`, "/\t/evil", "https:evil", "/%2f%2fevil", "/a#b", "/..//evil"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://shop.example/login")
	assert.NoError(f, err)
	f.Fuzz(func(t *testing.T, path string) {
		clean, ok := oauth.LocalPath(path)
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
		again, ok := oauth.LocalPath(clean)
		assert.True(t, ok || len(clean) > 1024, "%q", clean)
		if ok {
			assert.Equal(t, clean, again)
		}
	})
}
