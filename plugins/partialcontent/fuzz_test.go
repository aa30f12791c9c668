package partialcontent_test

import (
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/partialcontent"
)

// FuzzRanges: whatever is asked for, and in whatever pieces the body is written,
// what is sent is a part of the body, where Content-Range says.
func FuzzRanges(f *testing.F) {
	for _, seed := range []string{"bytes=0-0", "bytes=-5", "bytes=100-", "bytes=0-0,5-9,-1", "bytes=5-5,0-0", "bytes=900-901,903-", "x", "bytes=2000-"} {
		f.Add(seed, uint16(7), uint16(1000))
	}
	body := strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyz", 50)
	var piece, size int
	a := app.New(func(a *app.Application) {
		a.Install(partialcontent.Plugin)
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				c.Header().Set("Content-Length", strconv.Itoa(size))
				c.Header().Set("Content-Type", "text/plain")
				for rest := body[:size]; rest != ""; {
					n := min(piece, len(rest))
					if _, err := io.WriteString(c.Writer(), rest[:n]); err != nil {
						return err
					}
					rest = rest[n:]
				}
				return nil
			}
		})
	})
	require.NoError(f, a.Start(context.Background()))
	f.Cleanup(func() { _ = a.Stop(context.Background()) })
	f.Fuzz(func(t *testing.T, ranges string, pieces, length uint16) {
		piece, size = max(1, int(pieces)), min(int(length), len(body))
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header.Set("Range", ranges)
		recorder := httptest.NewRecorder()
		a.ServeHTTP(recorder, request)
		sent, head := recorder.Body.String(), recorder.Header()
		switch recorder.Code {
		case http.StatusOK:
			require.Equal(t, body[:size], sent)
		case http.StatusRequestedRangeNotSatisfiable:
			require.Empty(t, sent)
			require.Equal(t, "bytes */"+strconv.Itoa(size), head.Get("Content-Range"))
		case http.StatusPartialContent:
			require.Equal(t, strconv.Itoa(len(sent)), head.Get("Content-Length"))
			require.LessOrEqual(t, len(sent), size)
			if head.Get("Content-Range") != "" {
				require.Equal(t, cut(t, body[:size], head.Get("Content-Range")), sent)
				return
			}
			_, parameters, err := mime.ParseMediaType(head.Get("Content-Type"))
			require.NoError(t, err)
			reader := multipart.NewReader(recorder.Body, parameters["boundary"])
			for parts := 0; ; parts++ {
				part, err := reader.NextRawPart()
				if err == io.EOF {
					require.Greater(t, parts, 1)
					return
				}
				require.NoError(t, err)
				data, err := io.ReadAll(part)
				require.NoError(t, err)
				require.Equal(t, cut(t, body[:size], part.Header.Get("Content-Range")), string(data))
			}
		default:
			require.Fail(t, "another status", recorder.Code)
		}
	})
}

// cut returns what a Content-Range is of a body.
func cut(t *testing.T, body, contentRange string) string {
	t.Helper()
	span, of, _ := strings.Cut(strings.TrimPrefix(contentRange, "bytes "), "/")
	require.Equal(t, strconv.Itoa(len(body)), of)
	from, to, _ := strings.Cut(span, "-")
	first, err := strconv.Atoi(from)
	require.NoError(t, err)
	last, err := strconv.Atoi(to)
	require.NoError(t, err)
	return body[first : last+1]
}
