package app_test

import (
	"math"
	"math/bits"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestSetStatusKeepsTheNumberItWasGiven, so that one that is no status is
// refused, and not its low 16 bits taken for one, nor an informational response
// sent, whoever stands between.
func TestSetStatusKeepsTheNumberItWasGiven(t *testing.T) {
	statuses := []int{65536 + 200, -65336, 199, 1000, 102, math.MaxInt}
	if wide := int64(1) << 32; bits.UintSize == 64 {
		statuses = append(statuses, int(wide), int(wide+200))
	}
	for _, status := range statuses {
		for name, answer := range map[string]app.Handler{
			"respond": text("fine"),
			"reader":  func(c *app.Call) error { return c.Respond(strings.NewReader("fine")) },
			"write":   writes("fine"),
			"flush":   flushing,
		} {
			for wrapped, middleware := range map[string]app.Module{"": using(), ", wrapped": using(wrappingWriter)} {
				t.Run(strconv.Itoa(status)+", "+name+wrapped, func(t *testing.T) {
					a := start(t, middleware, answering(func(c *app.Call) error {
						c.SetStatus(status)
						return answer(c)
					}))
					response := do(t, a, request(1))
					assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
					assert.Equal(t, "Internal Server Error", body(t, response))
				})
			}
		}
	}
}
