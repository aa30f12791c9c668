package oauth_test

import (
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/plugins/authentication/oauth"
)

// Tokens are kept for a moment, so many and no more, and failures not at all.
func TestRefreshesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refreshes oauth.Refreshes
		asked := 0
		refresh := func(token string, err error) error {
			_, err = refreshes.Do(t.Context(), token, func() (*oauth2.Token, error) {
				asked++
				return &oauth2.Token{AccessToken: "new"}, err
			})
			return err
		}
		for range 2 {
			assert.Error(t, refresh("failed", errors.New("down")))
		}
		assert.Equal(t, 2, asked)
		assert.Zero(t, refreshes.Len())
		for i := range 3 * oauth.MaxKept {
			assert.NoError(t, refresh(strconv.Itoa(i), nil))
		}
		assert.Equal(t, oauth.MaxKept, refreshes.Len())
		time.Sleep(30 * time.Second)
		assert.NoError(t, refresh("later", nil))
		assert.Equal(t, 1, refreshes.Len())

		// One that panics is as one that has failed.
		assert.Panics(t, func() {
			_, _ = refreshes.Do(t.Context(), "panics", func() (*oauth2.Token, error) { panic("x") })
		})
		assert.NoError(t, refresh("panics", nil))
	})
}
