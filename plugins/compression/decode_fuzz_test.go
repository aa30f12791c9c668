package compression_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
)

// fuzzLimit is the length that a decoded body may have in the fuzz tests.
const fuzzLimit = 1 << 10

// fuzzHost returns a function that sends a body and returns its status and what
// was read of it.
func fuzzHost(t testing.TB) func(t *testing.T, coding string, body io.Reader) (status int, read []byte) {
	t.Helper()
	var read []byte
	application := app.New(func(a *app.Application) {
		a.Install(with(func(c *compression.Config) {
			zstdStandard(c)
			c.MaxDecodedContentLength = fuzzLimit
		}))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) (err error) {
				read, err = io.ReadAll(c.Request.Body)
				return errors.Join(err, c.RespondStatus(http.StatusOK))
			}
		})
	})
	require.NoError(t, application.Start(t.Context()))
	return func(t *testing.T, coding string, body io.Reader) (int, []byte) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", body)
		request.Header.Set("Content-Encoding", coding)
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		require.LessOrEqual(t, len(read), fuzzLimit)
		return recorder.Code, read
	}
}

// decodedElsewhere decodes with the standard library where it can. It is empty
// for what is not of the coding, which a real body never is without an error.
func decodedElsewhere(format string, coded []byte) ([]byte, error) {
	source := bytes.NewReader(coded)
	var decoder io.Reader
	var err error
	switch format {
	case "gzip":
		if len(coded) > 3 && coded[3]&0xe0 != 0 {
			// RFC 1952 section 2.3.1.2 wants an error, compress/gzip has none.
			return nil, errors.New("reserved bits are set")
		}
		decoder, err = gzip.NewReader(source)
	case "deflate":
		decoder, err = zlib.NewReader(source)
	case "raw":
		decoder = flate.NewReader(source)
	default:
		var framed *zstd.Decoder
		if framed, err = zstd.NewReader(source, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20)); err == nil {
			defer framed.Close()
		}
		decoder = framed
	}
	if err != nil {
		return nil, err
	}
	decoded, err := io.ReadAll(io.LimitReader(decoder, fuzzLimit+1))
	if err == nil && len(decoded) > fuzzLimit {
		_, err = io.Copy(io.Discard, io.LimitReader(decoder, 64<<20)) // the rest may be broken
	}
	if err == nil && source.Len() > 0 {
		err = errors.New("something is left")
	}
	return decoded, err
}

// FuzzDecode sends hostile bodies: each ends in memory that is bounded, and in
// the bytes that another implementation finds or a status that says why not.
func FuzzDecode(f *testing.F) {
	for _, format := range []string{"gzip", "deflate", "raw", "zstd"} {
		for _, body := range []string{"", "text", text, strings.Repeat("\x00", 3*fuzzLimit)} {
			f.Add([]byte(encode(f, body, format)))
		}
		f.Add([]byte(encode(f, text, format)[:30]))
		f.Add([]byte(encode(f, text, format) + "garbage"))
		f.Add([]byte(encode(f, text, format, "gzip")))
	}
	f.Add([]byte("\x1f\x8b\x08\x1f\x00\x00\x00\x00\x00\xff\x00\x00name\x00comment\x00"))
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x68\x01\x00\x00"))
	f.Add([]byte("\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x00\x00\x20\x01\x00\x00"))
	f.Add([]byte("\x50\x2a\x4d\x18\x01\x00\x00\x00x"))
	f.Add([]byte("\x78\xbb\x00\x00\x00\x01\x03\x00\x00\x00\x00\x01"))
	send := fuzzHost(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		for coding, formats := range map[string][]string{
			"gzip": {"gzip"}, "deflate": {"deflate", "raw"}, "zstd": {"zstd"}, "deflate, gzip": nil, "zstd, zstd": nil,
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			status, read := send(t, coding, bytes.NewReader(body))
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(body)*20+20<<20), coding)
			require.Contains(t, []int{http.StatusOK, http.StatusBadRequest, http.StatusRequestEntityTooLarge}, status, coding)
			inPieces, again := send(t, coding, iotest.OneByteReader(bytes.NewReader(body)))
			require.Equal(t, status, inPieces, coding)
			if status == http.StatusOK {
				require.Equal(t, read, again, coding)
			}
			if len(body) == 0 {
				require.Equal(t, http.StatusOK, status, coding)
				continue
			}
			for _, format := range formats {
				decoded, err := decodedElsewhere(format, body)
				switch {
				case err != nil:
					continue
				case len(decoded) > fuzzLimit:
					require.Equal(t, http.StatusRequestEntityTooLarge, status, format)
				default:
					require.Equal(t, http.StatusOK, status, format)
					require.Equal(t, decoded, read, format)
				}
				formats = nil // it was found to be whole
				break
			}
			if len(formats) > 0 {
				require.NotEqual(t, http.StatusOK, status, coding)
			}
		}
	})
}

// FuzzRoundTrip sends bodies in every coding and in two at once, whole, cut,
// and with something behind.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("text"), uint16(3))
	f.Add([]byte(text[:fuzzLimit]), uint16(40))
	f.Add([]byte(text[:fuzzLimit+1]), uint16(0))
	f.Add(incompressible(100), uint16(99))
	f.Add(incompressible(fuzzLimit), uint16(9)) // which the first of two codings makes longer
	send := fuzzHost(f)
	writers := map[string]io.WriteCloser{} // making one takes long
	// encode also returns how long the longest of what is decoded is.
	encode := func(t *testing.T, body []byte, formats ...string) (coded []byte, longest int) {
		for _, format := range formats {
			longest = max(longest, len(body))
			var encoded bytes.Buffer
			if writers[format] == nil {
				writers[format] = encoder(t, format, nil)
			}
			writers[format].(interface{ Reset(io.Writer) }).Reset(&encoded)
			_, err := writers[format].Write(body)
			require.NoError(t, errors.Join(err, writers[format].Close()))
			body = encoded.Bytes()
		}
		return body, longest
	}
	f.Fuzz(func(t *testing.T, body []byte, cut uint16) {
		for coding, formats := range map[string][]string{
			"gzip": {"gzip"}, "deflate": {"deflate"}, "Deflate": {"raw"}, "zstd": {"zstd"},
			"zstd, x-gzip": {"zstd", "gzip"}, "gzip,deflate": {"gzip", "deflate"},
		} {
			coded, longest := encode(t, body, formats...)
			status, read := send(t, coding, bytes.NewReader(coded))
			if longest > fuzzLimit {
				require.Equal(t, http.StatusRequestEntityTooLarge, status, coding)
				continue
			}
			require.Equal(t, http.StatusOK, status, coding)
			require.True(t, bytes.Equal(body, read), coding)
			status, _ = send(t, coding, iotest.HalfReader(bytes.NewReader(append(slices.Clip(coded), 'x'))))
			assert.Equal(t, http.StatusBadRequest, status, coding)
			if n := int(cut) % len(coded); n > 0 {
				status, _ = send(t, coding, bytes.NewReader(coded[:n]))
				assert.Equal(t, http.StatusBadRequest, status, coding)
			}
		}
	})
}
