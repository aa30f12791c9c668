package oauth_test

import (
	"strconv"
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
