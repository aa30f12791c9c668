package brotli_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	reference "github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/compression/brotli"
)

// FuzzWriter writes, flushes and resets at random, with one writer for each
// quality that goes from body to body. What was flushed can be decoded at that
// moment, what is whole comes back whole, and what was given up never looks
// whole.
func FuzzWriter(f *testing.F) {
	f.Add(uint64(1), uint8(3), []byte("text"))
	f.Add(uint64(2), uint8(10), []byte("0123456789"))
	f.Add(uint64(3), uint8(31), []byte{0})
	var writers []compression.Writer
	for quality := 1; quality <= 9; quality++ {
		writer, err := brotli.Encoder().NewWriter(quality)
		require.NoError(f, err)
		writers = append(writers, writer)
	}
	events, err := brotli.EventStreamEncoder().NewWriter(0)
	require.NoError(f, err)
	writers = append(writers, events)
	f.Fuzz(func(t *testing.T, seed uint64, count uint8, data []byte) {
		random := rand.New(rand.NewPCG(seed, 0))
		writer := writers[random.IntN(len(writers))]
		var sent bytes.Buffer
		var whole []byte
		writer.Reset(&sent)
		for range count % 32 {
			switch random.IntN(8) {
			case 0: // given up
				writer.Reset(nil)
				if len(whole) > 0 {
					_, err := io.ReadAll(reference.NewReader(&sent))
					assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
				}
				whole = nil
				sent.Reset()
				writer.Reset(&sent)
			case 1, 2, 3:
				require.NoError(t, writer.Flush())
				readable := make([]byte, len(whole))
				_, err := io.ReadFull(reference.NewReader(bytes.NewReader(sent.Bytes())), readable)
				require.NoError(t, err)
				require.True(t, bytes.Equal(whole, readable), "what was flushed can be decoded")
			default:
				piece := make([]byte, random.IntN(1<<random.IntN(15)))
				for i := range piece {
					if len(data) > 0 && random.IntN(8) > 0 {
						piece[i] = data[i%len(data)]
					} else {
						piece[i] = byte(random.Uint32())
					}
				}
				n, err := writer.Write(piece)
				require.NoError(t, err)
				require.Equal(t, len(piece), n)
				whole = append(whole, piece...)
			}
		}
		require.NoError(t, writer.Close())
		decoded, err := io.ReadAll(reference.NewReader(&sent))
		require.NoError(t, err)
		require.True(t, bytes.Equal(whole, decoded), "the body is the same")
	})
}
