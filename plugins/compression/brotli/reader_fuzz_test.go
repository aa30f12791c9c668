package brotli_test

import (
	"bufio"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/compression/brotli"
)

// FuzzReader reads what is hardly ever Brotli. Whatever it is, the reader ends
// with an error or io.EOF, and reads the next body as if it were its first.
func FuzzReader(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("hardly Brotli"))
	f.Add([]byte{0x0b, 0x02, 0x80, 'h', 'e', 'l', 'l', 'o', 0x03})
	reader, err := brotli.Encoder().NewReader()
	require.NoError(f, err)
	writer, err := brotli.Encoder().NewWriter(0)
	require.NoError(f, err)
	var next bytes.Buffer
	writer.Reset(&next)
	_, err = io.WriteString(writer, text)
	require.NoError(f, err)
	require.NoError(f, writer.Close())
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := reader.Reset(bufio.NewReader(bytes.NewReader(data))); err == nil {
			io.Copy(io.Discard, io.LimitReader(reader, 1<<20))
		}
		require.NoError(t, reader.Reset(bufio.NewReader(bytes.NewReader(next.Bytes()))))
		decoded, err := io.ReadAll(reader)
		assert.NoError(t, err)
		assert.Equal(t, text, string(decoded))
	})
}
