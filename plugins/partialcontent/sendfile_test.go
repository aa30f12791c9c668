package partialcontent_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/cachingheaders"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/plugins/partialcontent"
)

// sendingWriter counts the bytes that it is given as a file of the system, which
// net/http's writer sends without copying them.
type sendingWriter struct {
	*httptest.ResponseRecorder

	sent int64
}

func (w *sendingWriter) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(w.ResponseRecorder, r)
	if limited, ok := r.(*io.LimitedReader); ok {
		if _, file := limited.R.(interface{ Fd() uintptr }); file {
			w.sent += n
		}
	}
	return n, err
}

// A file is sent without copying with all of the plugins, in whole and in part,
// but for the first 512 bytes, which the commit looks at.
func TestFilesAreStillSentWithoutCopying(t *testing.T) {
	name := filepath.Join(t.TempDir(), "film")
	require.NoError(t, os.WriteFile(name, make([]byte, 1<<20), 0o600))
	a := app.New(func(a *app.Application) {
		for _, plugin := range []app.Installable{compression.Plugin, partialcontent.Plugin, conditionalheaders.Plugin, cachingheaders.Plugin} {
			a.Install(plugin)
		}
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error { return c.RespondFile(nil, name) }
		})
	})
	require.NoError(t, a.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, a.Stop(context.WithoutCancel(t.Context()))) })
	for ranges, want := range map[string]int64{"": 1 << 20, "bytes=1000-99999": 99000, "bytes=-5000": 5000} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header.Set("Range", ranges)
		w := &sendingWriter{ResponseRecorder: httptest.NewRecorder()}
		a.ServeHTTP(w, request)
		assert.Equal(t, int(want), w.Body.Len(), ranges)
		assert.Equal(t, want-512, w.sent, ranges)
	}
}
