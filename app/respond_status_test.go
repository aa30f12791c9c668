package app_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestSetStatusKeepsTheNumberItWasGiven, so that one that is no status is
// refused, and not its low 16 bits taken for one.
func TestSetStatusKeepsTheNumberItWasGiven(t *testing.T) {
	for _, status := range []int{65536 + 200, 1 << 32, 1<<32 + 200, -65336, 199, 1000, 102} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			a := start(t, answering(func(c *app.Call) error {
				c.SetStatus(status)
				return c.RespondText("fine")
			}))
			response := do(t, a, request(1))
			assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
			assert.Equal(t, "Internal Server Error", body(t, response))
		})
	}
}
