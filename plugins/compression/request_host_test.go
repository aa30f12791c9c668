package compression_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// encode writes with the standard library where it can. "raw" is deflate
// without the zlib format. Several codings are applied in turn.
func encode(t testing.TB, data string, codings ...string) string {
	t.Helper()
	for _, coding := range codings {
		var encoded bytes.Buffer
		writer := encoder(t, coding, &encoded)
		_, err := io.WriteString(writer, data)
		require.NoError(t, err)
		require.NoError(t, writer.Close())
		data = encoded.String()
	}
	return data
}

func encoder(t testing.TB, coding string, to io.Writer) io.WriteCloser {
	t.Helper()
	var writer io.WriteCloser
	var err error
	switch coding {
	case "gzip":
		writer = gzip.NewWriter(to)
	case "deflate":
		writer = zlib.NewWriter(to)
	case "raw":
		writer, err = flate.NewWriter(to, flate.DefaultCompression)
	case "zstd":
		writer, err = zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
	default:
		writer = identityWriter{to}
	}
	require.NoError(t, err)
	return writer
}

type identityWriter struct{ io.Writer }

func (identityWriter) Close() error { return nil }

// post sends a body whose length is declared, with a header of names and values
// in turn.
func (h *host) post(path, body string, header ...string) result {
	h.t.Helper()
	return h.send(path, bytes.NewReader([]byte(body)), header...)
}

// send is post for a body whose length is not known, unless it is a
// *bytes.Reader.
func (h *host) send(path string, body io.Reader, header ...string) result {
	h.t.Helper()
	var options []apptest.RequestOption
	for i := 0; i < len(header); i += 2 {
		options = append(options, apptest.Header(header[i], header[i+1]))
	}
	response := h.served.Do(http.MethodPost, path, body, options...)
	raw, err := io.ReadAll(response.Body)
	require.NoError(h.t, err)
	return result{h.t, response.StatusCode, response.Header, raw}
}

// incompressible returns n bytes that no coding makes shorter, always the same.
func incompressible(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data)
	return data
}
