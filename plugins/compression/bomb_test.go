package compression_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
)

// devouring returns a function that serves one request whose handler reads the
// body without keeping it. It returns the status, how many bytes were read, and
// how many were allocated for all that.
func devouring(t testing.TB, configure func(*compression.Config)) func(body []byte, coding ...string) (status int, read, allocated int64) {
	t.Helper()
	var read int64
	application := app.New(func(a *app.Application) {
		a.Install(with(configure))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) (err error) {
				read, err = io.Copy(io.Discard, struct{ io.Reader }{c.Request.Body})
				return errors.Join(err, c.RespondStatus(http.StatusOK))
			}
		})
	})
	require.NoError(t, application.Start(t.Context()))
	return func(body []byte, coding ...string) (int, int64, int64) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
		request.Header["Content-Encoding"] = coding
		recorder := httptest.NewRecorder()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		application.ServeHTTP(recorder, request)
		runtime.ReadMemStats(&after)
		return recorder.Code, read, int64(after.TotalAlloc - before.TotalAlloc)
	}
}

// repeated encodes n times the same piece.
func repeated(t testing.TB, coding, piece string, n int) []byte {
	t.Helper()
	var encoded bytes.Buffer
	writer := encoder(t, coding, &encoded)
	for range n {
		_, err := io.WriteString(writer, piece)
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	return encoded.Bytes()
}

// What is small on the wire and large decoded is decoded up to the limit, in
// memory that does not depend on what it claims or could become.
func TestBombs(t *testing.T) {
	const kib, mib = int64(1) << 10, int64(1) << 20
	zeros := strings.Repeat("\x00", 1<<20)
	gzipped, framed := repeated(t, "gzip", zeros, 10), repeated(t, "zstd", zeros, 10)
	// 100,000 empty members.
	empty := repeated(t, "gzip", strings.Repeat(encode(t, "", "gzip"), 1000), 100)
	// Frames of zstd: magic, descriptor, window, length, then blocks that
	// repeat one byte 128 KiB times.
	magic, block, last := "\x28\xb5\x2f\xfd", "\x02\x00\x10x", "\x03\x00\x10x"
	for _, test := range []struct {
		name      string
		body      []byte
		coding    string
		wire      int64 // at most
		status    int
		read      int64
		allocated int64 // at most
	}{
		{"gzip", gzipped, "gzip", 11 * kib, 413, mib, 300 * kib},
		{"zlib", repeated(t, "deflate", zeros, 2), "deflate", 11 * kib, 413, mib, 300 * kib},
		{"deflate", repeated(t, "raw", zeros, 2), "deflate", 11 * kib, 413, mib, 300 * kib},
		{"zstd", framed, "zstd", 2 * kib, 413, mib, 9 * mib},
		{"gzip in gzip", repeated(t, "gzip", string(gzipped), 1), "gzip, gzip", kib, 413, mib, 300 * kib},
		{"zstd in gzip", repeated(t, "gzip", string(framed), 1), "zstd, gzip", kib, 413, mib, 9 * mib},
		{"nothing, in gzip in gzip", empty, "gzip, gzip", 20 * kib, 413, 0, 300 * kib},
		{"a quine has more than two", gzipped, "gzip, gzip, gzip", 11 * kib, 400, 0, 100 * kib},
		{"zstd, a window of 8 MiB for nothing", []byte(magic + "\x00\x68\x01\x00\x00"), "zstd", 9, 200, 0, 10 * mib},
		{"zstd, a larger window", []byte(magic + "\x00\x69\x01\x00\x00"), "zstd", 9, 400, 0, mib},
		{"zstd, the largest window", []byte(magic + "\x00\xff\x01\x00\x00"), "zstd", 9, 400, 0, mib},
		{"zstd, one segment of 2 EiB", []byte(magic + "\xe0\x00\x00\x00\x00\x00\x00\x00\x20\x01\x00\x00"), "zstd", 20, 400, 0, mib},
		{"zstd, a claim of 2 EiB", []byte(magic + "\xc0\x00\x00\x00\x00\x00\x00\x00\x00\x20" + last), "zstd", 20, 400, 0, mib},
		{"zstd, a skippable frame of 4 GiB", []byte("\x50\x2a\x4d\x18\xff\xff\xff\xff"), "zstd", 20, 400, 0, mib},
		{"zstd, one byte many times", []byte(magic + "\x00\x38" + strings.Repeat(block, 1000) + last), "zstd", 4 * kib, 413, mib, mib},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.LessOrEqual(t, int64(len(test.body)), test.wire)
			devour := devouring(t, func(c *compression.Config) {
				zstdStandard(c)
				c.MaxDecodedContentLength = mib
			})
			status, read, allocated := devour(test.body, test.coding)
			assert.Equal(t, test.status, status)
			assert.LessOrEqual(t, allocated, test.allocated)
			if test.status == http.StatusBadRequest {
				assert.LessOrEqual(t, read, int64(1)<<17)
			} else {
				assert.Equal(t, test.read, read)
			}
		})
	}
}

// The limit is on by default, at 50 MiB, and can be switched off.
func TestDecodedLimit(t *testing.T) {
	// Frames of blocks that repeat one byte 128 KiB times.
	frame, last := "\x28\xb5\x2f\xfd\x00\x38"+strings.Repeat("\x02\x00\x10x", 50*8-1), "\x03\x00\x10x"
	exact, above := []byte(frame+last), []byte(frame+"\x02\x00\x10x"+last)
	devour := devouring(t, onlyZstd)
	status, read, _ := devour(exact, "zstd")
	assert.Equal(t, http.StatusOK, status)
	assert.EqualValues(t, 50<<20, read)
	status, read, _ = devour(above, "zstd")
	assert.Equal(t, http.StatusRequestEntityTooLarge, status)
	assert.EqualValues(t, 50<<20, read)
	devour = devouring(t, func(c *compression.Config) {
		c.Zstd()
		c.MaxDecodedContentLength = 0
	})
	status, read, _ = devour(above, "zstd")
	assert.Equal(t, http.StatusOK, status)
	assert.EqualValues(t, 50<<20+128<<10, read)
}

// The number of codings is limited to two by default, and any number is allowed
// where that is switched off.
func TestChainLimit(t *testing.T) {
	for _, off := range []int{0, -1} {
		devour := devouring(t, func(c *compression.Config) { c.MaxEncodingChainLength = off })
		coded := encode(t, text, "gzip", "deflate", "raw", "gzip", "gzip")
		status, read, _ := devour([]byte(coded), "gzip, deflate, deflate", "gzip, gzip")
		assert.Equal(t, http.StatusOK, status)
		assert.EqualValues(t, len(text), read)
	}
	devour := devouring(t, func(*compression.Config) {})
	status, _, allocated := devour([]byte("x"), strings.Repeat("gzip,", 100_000))
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Less(t, allocated, int64(100<<10))
}
