package sessions_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
)

// TestPlantedCookies: of several cookies of a name the first counts, and the
// others are never looked at: none of them stands in for one that is wrong. Which
// one is the first is the browser's to say, which another host of the domain may
// have given one; a name that begins with __Host- is the defence.
func TestPlantedCookies(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			host := start(t, cookie(way))
			alice := sent(t, host.Get("/set/alice"), "user").Value
			mallory := sent(t, host.Get("/set/mallory"), "user").Value
			for header, want := range map[string]string{
				"user=" + alice + "; user=" + mallory: "alice ",
				"user=" + mallory + "; user=" + alice: "mallory ",
				"user=wrong; user=" + alice:           "nobody",
				"user=; user=" + alice:                "nobody",
				"USER=" + mallory + "; user=" + alice: "alice ",
				"__Host-user=" + mallory:              "nobody",
				"x=user=" + alice:                     "nobody",
				// A quote holds nothing together.
				`x="; user=` + alice + `"`:                                    "alice ",
				strings.Repeat("x=1; ", 10_000) + "user=" + alice:             "alice ",
				strings.Repeat("user; ", 9_000) + "user=" + alice:             "alice ",
				strings.Repeat(";", 50_000) + "user=" + alice:                 "alice ",
				"user=" + strings.Repeat("A", 50_000) + "; user=" + alice:     "nobody",
				"user=" + alice + "\t ;user=" + strings.Repeat("\xff", 1_000): "alice ",
			} {
				response := host.Get("/get", apptest.Header("Cookie", header))
				require.Equal(t, http.StatusOK, response.StatusCode)
				assert.Equal(t, want, text(t, response), "%.60s", header)
			}
		})
	}
}

// TestLogoutWins: of any number of calls that change a session at the same time as
// one ends it, none brings it back.
func TestLogoutWins(t *testing.T) {
	for name, storage := range map[string]sessions.Storage{"memory": sessions.NewMemory(), "directory": openDirectory(t, t.TempDir())} {
		t.Run(name, func(t *testing.T) {
			host := start(t, cookie(in(storage), func(c *sessions.CookieConfig) { c.Renew = 0 }))
			for round := range 20 {
				id := sent(t, host.Get("/set/alice"), "user").Value
				var all sync.WaitGroup
				for i, path := range []string{"/add/x", "/get", "/clear", "/add/y", "/set/bob"} {
					all.Go(func() {
						response := host.Get(path, with("user", id))
						assert.Equal(t, http.StatusOK, response.StatusCode, "%d %d", round, i)
					})
				}
				all.Wait()
				nobody(t, host, id)
			}
		})
	}
}

// TestEncryptedSaysNothing: of what is in it, and whether it has changed.
func TestEncryptedSaysNothing(t *testing.T) {
	host := start(t, cookie(encrypted))
	seen := map[string]bool{}
	for range 100 {
		value := sent(t, host.Get("/set/alice"), "user").Value
		data, err := base64.RawURLEncoding.DecodeString(value)
		require.NoError(t, err)
		assert.NotContains(t, string(data), "alice")
		for i := 0; i+8 <= len(data); i++ {
			part := fmt.Sprintf("%x", data[i:i+8])
			assert.False(t, seen[part], "the same bytes again, at %d", i)
			seen[part] = true
		}
	}
}
