package wire_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/wire"
)

// TestDeadlinesGuardBytesOnTheirWay: what the server's writer is told, for each
// threshold and on both sides of it.
func TestDeadlinesGuardBytesOnTheirWay(t *testing.T) {
	const kib = 1 << 10
	write := func(n int) func(*wire.Wire) {
		return func(w *wire.Wire) { _, _ = w.Write(context.Background(), make([]byte, n)) }
	}
	text := func(n int) func(*wire.Wire) {
		return func(w *wire.Wire) { _ = w.WriteText(context.Background(), strings.Repeat("x", n)) }
	}
	flush := func(w *wire.Wire) { _ = w.Flush(context.Background()) }
	pause := func(d time.Duration) func(*wire.Wire) { return func(*wire.Wire) { time.Sleep(d) } }
	steps := func(steps ...func(*wire.Wire)) []func(*wire.Wire) { return steps }
	tests := map[string]struct {
		major int
		steps []func(*wire.Wire)
		want  []string
	}{
		"2 KiB stay in the buffer":         {1, steps(write(2 * kib)), []string{"write 2048"}},
		"a byte more may leave":            {1, steps(write(2*kib + 1)), []string{"write deadline 10s", "write 2049"}},
		"a text as well":                   {1, steps(text(2*kib + 1)), []string{"write deadline 10s", "write 2049"}},
		"small ones add up":                {1, steps(write(2*kib), write(1)), []string{"write 2048", "write deadline 10s", "write 1"}},
		"a flush leaves, and lifts":        {1, steps(write(1), flush), []string{"write 1", "write deadline 10s", "flush", "write deadline lifted"}},
		"a flush empties the buffer":       {1, steps(write(2*kib), flush, write(1)), []string{"write 2048", "write deadline 10s", "flush", "write deadline lifted", "write 1"}},
		"a young deadline does for little": {1, steps(write(3*kib), pause(2*time.Second), write(100)), []string{"write deadline 10s", "write 3072", "write 100"}},
		"not for much":                     {1, steps(write(3*kib), pause(2*time.Second), write(2*kib)), []string{"write deadline 10s", "write 3072", "write deadline 12s", "write 2048"}},
		"an old one is renewed":            {1, steps(write(3*kib), pause(2500*time.Millisecond), write(100)), []string{"write deadline 10s", "write 3072", "write deadline 12.5s", "write 100"}},
		"HTTP/2 has it lifted at once":     {2, steps(write(3 * kib)), []string{"write deadline 10s", "write 3072", "write deadline lifted"}},
		"each piece has its own":           {1, steps(write(256*kib + 1)), []string{"write deadline 10s", "write 262144", "write 1"}},
		"each large piece has its own":     {1, steps(text(512 * kib)), []string{"write deadline 10s", "write 262144", "write deadline 10s", "write 262144"}},
		"nothing is still a write":         {1, steps(write(0)), []string{"write 0"}},
		"hints leave at once": {1, steps(func(w *wire.Wire) { w.WriteHeader(context.Background(), http.StatusEarlyHints) }),
			[]string{"write deadline 10s", "head 103", "write deadline lifted"}},
		"a head waits": {1, steps(func(w *wire.Wire) { w.WriteHeader(context.Background(), http.StatusOK) }), []string{"head 200"}},
		"the switch of protocols is a head": {1, steps(func(w *wire.Wire) { w.WriteHeader(context.Background(), http.StatusSwitchingProtocols) }),
			[]string{"head 101"}},
		"the last flush has one": {1, steps(pause(time.Second), (*wire.Wire).Finish), []string{"write deadline 11s"}},
		"no limit": {1, steps(func(w *wire.Wire) { w.SetWriteTimeout(0) }, write(3*kib), flush, (*wire.Wire).Finish),
			[]string{"write 3072", "flush"}},
		"a limit of its own": {1, steps(func(w *wire.Wire) { w.SetWriteTimeout(time.Second) }, flush),
			[]string{"write deadline 1s", "flush", "write deadline lifted"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer()
				w := open(t, s, request(t, test.major, http.MethodGet, nil))
				defer w.Close()
				for _, step := range test.steps {
					step(w)
				}
				assert.Equal(t, test.want, s.seen())
				_ = s.SetWriteDeadline(time.Time{})
			})
		})
	}
}

func TestFlushedSaysWhetherThereIsAnythingToFlush(t *testing.T) {
	w := open(t, newServer(), nil)
	defer w.Close()
	assert.True(t, w.Flushed())
	w.Hold()
	assert.False(t, w.Flushed(), "an encoder holds something")
	require.NoError(t, w.Flush(t.Context()))
	assert.True(t, w.Flushed())
	_, err := w.Write(t.Context(), []byte("x"))
	require.NoError(t, err)
	assert.False(t, w.Flushed())
}

// unwrapping is a writer around another, as a middleware outside of the
// application passes it on.
type unwrapping struct{ http.ResponseWriter }

func (w unwrapping) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// opaque is a writer that can do nothing but write.
type opaque struct{ http.ResponseWriter }

func TestDeadlinesAreFoundBelowWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		w := open(t, unwrapping{unwrapping{s}}, nil)
		defer w.Close()
		require.NoError(t, w.Flush(t.Context()))
		assert.Equal(t, []string{"write deadline 10s", "flush", "write deadline lifted"}, s.seen())
		assert.Equal(t, unwrapping{unwrapping{s}}, w.Server())
	})
}

func TestAWriterWithoutDeadlinesIsWrittenToAllTheSame(t *testing.T) {
	s := newServer()
	w := open(t, opaque{s}, nil)
	defer w.Close()
	n, err := w.Write(t.Context(), make([]byte, 100_000))
	require.NoError(t, err)
	assert.Equal(t, 100_000, n)
	require.ErrorIs(t, w.Flush(t.Context()), http.ErrNotSupported)
	assert.False(t, w.Broken(), "it cannot flush, but nothing is lost")
	w.Finish()
	assert.Equal(t, []string{"write 100000"}, s.seen())
}

// failing is a server's writer whose connection is gone.
type failing struct{ *server }

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
func (failing) FlushError() error         { return io.ErrClosedPipe }

func TestNothingIsGuardedOnceAWriteHasFailed(t *testing.T) {
	file := openFile(t, 100)
	for name, write := range map[string]func(context.Context, *wire.Wire) error{
		"a write": func(ctx context.Context, w *wire.Wire) error { _, err := w.Write(ctx, []byte("x")); return err },
		"a text":  func(ctx context.Context, w *wire.Wire) error { return w.WriteText(ctx, "x") },
		"a flush": func(ctx context.Context, w *wire.Wire) error { return w.Flush(ctx) },
		"a file": func(ctx context.Context, w *wire.Wire) error {
			_, able, err := w.ReadFrom(ctx, &io.LimitedReader{R: file, N: 100})
			assert.True(t, able)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer()
			w := open(t, readingFrom{failing{s}, io.ErrClosedPipe}, nil)
			defer w.Close()
			require.ErrorIs(t, write(t.Context(), w), io.ErrClosedPipe)
			assert.True(t, w.Broken())
			s.seen()
			_ = w.Flush(t.Context())
			w.Finish()
			assert.Empty(t, s.seen(), "no deadline is set any more")
			_ = s.SetWriteDeadline(time.Time{})
		})
	}
}

// readingFrom is a server's writer that reads files by itself.
type readingFrom struct {
	http.ResponseWriter
	err error
}

func (w readingFrom) Unwrap() http.ResponseWriter { return w.ResponseWriter }
func (w readingFrom) FlushError() error {
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w readingFrom) ReadFrom(r io.Reader) (int64, error) {
	if w.err != nil {
		return 0, w.err
	}
	return io.Copy(opaque{w.ResponseWriter}, r)
}

// openFile returns a file of n bytes.
func openFile(t *testing.T, n int) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, make([]byte, n), 0o600))
	file, err := os.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func TestFilesGoOutInPieces(t *testing.T) {
	s := newServer()
	w := open(t, readingFrom{s, nil}, nil)
	defer w.Close()
	n, able, err := w.ReadFrom(t.Context(), &io.LimitedReader{R: openFile(t, 300_000), N: 280_000})
	require.NoError(t, err)
	assert.True(t, able)
	assert.EqualValues(t, 280_000, n, "no more than was asked for")

	_, able, err = open(t, s, nil).ReadFrom(t.Context(), &io.LimitedReader{R: openFile(t, 1), N: 1})
	require.NoError(t, err)
	assert.False(t, able, "this writer reads nothing by itself")
	_ = s.SetWriteDeadline(time.Time{})
}
