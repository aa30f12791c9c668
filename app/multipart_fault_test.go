package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestMultipartBodyThatFailsSaysWhy, wherever in it that is: in a boundary, in
// the head of a part or in its body. A limit is 413, a late body 408.
func TestMultipartBodyThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	sent := form(`name="a"`, "1", `name="file"; filename="x.txt"`, "content", `name="b"`, "two\r\nlines")
	sent = strings.TrimSuffix(sent, "\r\n") // of which the last line has no need
	ways := map[string]app.Handler{
		"every part is read": readers["multipart"],
		"no part is read": func(c *app.Call) error {
			for _, err := range c.ReceiveMultipart() {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"form": readers["form"],
	}
	for name, fault := range map[string]struct {
		err    error
		status int
	}{
		"limit":             {&http.MaxBytesError{Limit: 1}, 413},
		"limit, wrapped":    {fmt.Errorf("inflate: %w", &http.MaxBytesError{Limit: 1}), 413},
		"late":              {app.NewError(http.StatusRequestTimeout, "late"), 408},
		"breaks off":        {io.ErrUnexpectedEOF, 400},
		"application stops": {app.ErrStopping, 503},
		"it ends there":     {io.EOF, 400},
	} {
		for way, handler := range ways {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				a := start(t, answering(handler))
				for at := range len(sent) {
					body := io.MultiReader(strings.NewReader(sent[:at]), iotest.ErrReader(fault.err))
					r := httptest.NewRequest(http.MethodPost, "/", body)
					r.Header.Set("Content-Type", formData)
					assert.Equal(t, fault.status, do(t, a, r).StatusCode, "after %q", sent[:at])
				}
			})
		}
	}
}
