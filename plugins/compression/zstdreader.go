package compression

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// zstdMaxWindow is what RFC 9659 lets a body in HTTP ask for.
const zstdMaxWindow = 8 << 20

func newZstdReader() (Reader, error) {
	decoder, err := zstd.NewReader(nil,
		zstd.WithDecoderMaxMemory(zstdMaxWindow), // of streams, the window
		zstd.WithDecoderConcurrency(1),           // on the goroutine that reads
		zstd.WithDecoderLowmem(true),
	)
	return &zstdReader{decoder: decoder, hold: func(int64) error { return nil }}, err
}

// A zstdReader reads the frames of a body one by one, so that it knows the
// window that each asks for before the library takes the memory for it.
type zstdReader struct {
	decoder *zstd.Decoder
	frame   zstdFrame
	hold    func(bytes int64) error
	window  uint64 // the largest so far, whose memory is held
}

func (z *zstdReader) SetBudget(hold func(bytes int64) error) { z.hold = hold }

func (z *zstdReader) Reset(r io.Reader) error {
	z.frame.input = buffered(r)
	return z.next()
}

// next begins a frame. There is at least its first byte.
func (z *zstdReader) next() error {
	window, err := z.frame.begin()
	if err != nil {
		return err
	}
	if window > z.window && window <= zstdMaxWindow { // the decoder refuses a larger one
		if err := z.hold(zstdMemory(window)); err != nil {
			return err
		}
		z.window = window
	}
	return z.decoder.Reset(&z.frame)
}

// zstdMemory returns what a decoder holds for a window: the window, with room
// for two blocks, a block as it came and one decoded, and tables.
func zstdMemory(window uint64) int64 {
	const largestBlock, tables = 128 << 10, 64 << 10
	return int64(window) + 4*int64(min(window, largestBlock)) + tables
}

func (z *zstdReader) Read(p []byte) (int, error) {
	for {
		n, err := z.decoder.Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		if _, err := z.frame.input.Peek(1); err != nil {
			return n, err
		}
		if err := z.next(); err != nil || n > 0 {
			return n, err
		}
	}
}

// A zstdFrame reads the bytes of one frame (RFC 8878 section 3.1), and none
// behind it.
type zstdFrame struct {
	input    *bufio.Reader
	left     int64 // bytes of the part that is being read
	blocks   bool  // a block follows that part
	checksum bool  // the last block is followed by a checksum
}

// begin finds out where the frame's header ends, and returns the window that it
// asks for, 0 if the frame is to be skipped.
func (f *zstdFrame) begin() (window uint64, err error) {
	var header zstd.Header
	size := 5 // no header is shorter
	for {
		head, err := f.input.Peek(size)
		if err != nil {
			return 0, unexpected(err)
		}
		if err = header.Decode(head); err == nil {
			break
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err
		}
		size++
	}
	f.left, f.blocks, f.checksum = int64(size), !header.Skippable, header.HasCheckSum
	switch {
	case header.Skippable:
		f.left += int64(header.SkippableSize)
		return 0, nil
	case header.SingleSegment:
		return header.FrameContentSize, nil
	default:
		return header.WindowSize, nil
	}
}

func (f *zstdFrame) Read(p []byte) (int, error) {
	if f.left == 0 {
		if !f.blocks {
			return 0, io.EOF
		}
		if err := f.nextBlock(); err != nil {
			return 0, err
		}
	}
	n, err := f.input.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	return n, unexpected(err)
}

// nextBlock finds out where the next block ends (RFC 8878 section 3.1.1.2).
func (f *zstdFrame) nextBlock() error {
	head, err := f.input.Peek(3)
	if err != nil {
		return unexpected(err)
	}
	const last, kinds, repeated = 1, 3, 1
	header := int64(head[0]) | int64(head[1])<<8 | int64(head[2])<<16
	f.left = 3 + header>>3
	if header>>1&kinds == repeated {
		f.left = 3 + 1 // the byte that is repeated
	}
	if header&last != 0 {
		f.blocks = false
		if f.checksum {
			f.left += 4
		}
	}
	return nil
}
