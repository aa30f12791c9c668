package brotli

import (
	"fmt"

	reference "github.com/andybalholm/brotli"

	"github.com/chitor-go/chitor/plugins/compression"
)

// window is the binary logarithm of the window, 256 KiB. Larger windows
// compress hardly better, and cost every open response many times the memory.
const window = 18

// Encoder returns the encoder for [compression.Config.Encoder]: "br", with the
// qualities 1 to 11, and 4 for level 0. It decodes requests as well. A body
// that is being decoded holds a window of up to 16 MiB, whose size the client
// chooses, and up to 4 MiB besides: it counts as that much for
// [compression.Config.MaxDecoderMemory].
func Encoder() compression.Encoder {
	made := encoder(4, 1, reference.BestCompression)
	made.NewReader = newReader
	return made
}

// EventStreamEncoder returns the encoder for
// [compression.EventStreamConfig.Encoder]: "br", with the qualities 3 to 6, and
// 5 for level 0. At lower ones small events grow, at higher ones a stream holds
// 10 MiB and more and becomes hardly smaller. It decodes no requests.
func EventStreamEncoder() compression.Encoder { return encoder(5, 3, 6) }

func encoder(byDefault, lowest, highest int) compression.Encoder {
	return compression.Encoder{Name: "br", NewWriter: func(level int) (compression.Writer, error) {
		switch {
		case level == 0:
			level = byDefault
		case level < lowest || level > highest:
			return nil, fmt.Errorf("level %d is not between %d and %d", level, lowest, highest)
		}
		return reference.NewWriterOptions(nil, reference.WriterOptions{Quality: level, LGWin: window}), nil
	}}
}
