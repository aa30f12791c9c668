package compression_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// connection is a server's writer that keeps deadlines, and counts what was
// flushed.
type connection struct {
	sink
	left     int // bytes that were flushed
	flushes  int
	deadline time.Time
}

func (c *connection) Flush() {
	c.left = c.length
	c.flushes++
}

func (c *connection) SetWriteDeadline(deadline time.Time) error {
	c.deadline = deadline
	return nil
}

// Some library keeps each of these from a stream that writes through it.
func TestStreams(t *testing.T) {
	for name, right := range map[string]func(w http.ResponseWriter, c *connection) bool{
		"the head leaves before the first byte": func(w http.ResponseWriter, c *connection) bool {
			return http.NewResponseController(w).Flush() == nil && c.flushes > 0
		},
		"an event leaves at once": func(w http.ResponseWriter, c *connection) bool {
			_ = http.NewResponseController(w).Flush() // the head
			before := c.left
			_, _ = io.WriteString(w, "data: an event\r\n\r\n")
			return http.NewResponseController(w).Flush() == nil && c.left > before
		},
		"deadlines are reached": func(w http.ResponseWriter, c *connection) bool {
			return http.NewResponseController(w).SetWriteDeadline(time.Now()) == nil && !c.deadline.IsZero()
		},
	} {
		t.Run(name, func(t *testing.T) {
			var wrong []string
			for library, wrap := range variants(t) {
				to := &connection{sink: sink{header: http.Header{}}}
				request := httptest.NewRequest(http.MethodGet, "/", nil)
				request.Header.Set("Accept-Encoding", "gzip")
				asked := false
				wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "text/event-stream")
					if asked = true; !right(w, to) {
						wrong = append(wrong, library)
					}
				})).ServeHTTP(to, request)
				assert.True(t, asked, library)
			}
			slices.Sort(wrong)
			assert.NotContains(t, wrong, ours)
			assert.NotEmpty(t, wrong, "no library has this fault")
			t.Logf("wrong: %s", strings.Join(wrong, ", "))
		})
	}
}
