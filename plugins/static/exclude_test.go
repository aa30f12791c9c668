package static_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// TestWhatIsExcludedCannotBeReachedAroundIt: a folder is excluded with what is
// in it, a file with its variants.
func TestWhatIsExcludedCannotBeReachedAroundIt(t *testing.T) {
	files := tree{
		"index.html": "index", "private/plan.txt": "secret", "private/deep/index.html": "secret", "draft.txt": "secret", "draft.txt.gz": "secret",
		"draft.txt.br": "secret", "private.txt": "open", "open/private": "open", "draft.txt.zip": "open",
	}
	overEach(t, files, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/", func(c *static.Config) {
				c.Exclude = func(name string) bool { return name == "private" || name == "draft.txt" }
				c.PreCompressed, c.Extensions = []static.Coding{static.Brotli, static.Gzip}, []string{"txt", "html"}
			})
		})
		for _, path := range []string{
			"/private", "/private/", "/private/plan.txt", "/private/plan", "/private/deep", "/private/deep/", "/private/none", "/draft.txt", "/draft",
			"/draft.txt.gz", "/draft.txt.br",
		} {
			assertStatus(t, h, path, http.StatusForbidden)
			assert.Equal(t, http.StatusForbidden, h.Head(path, accepting("gzip")).StatusCode, path)
		}
		for _, path := range []string{"/private.txt", "/open/private", "/draft.txt.zip"} {
			assertBody(t, h, path, "open")
		}
	})
}
