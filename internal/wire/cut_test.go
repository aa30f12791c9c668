package wire_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/wire"
)

// TestAStuckWriteIsCutWhenItsContextEnds, however it got stuck.
func TestAStuckWriteIsCutWhenItsContextEnds(t *testing.T) {
	for name, write := range map[string]func(context.Context, *wire.Wire) error{
		"a flush": func(ctx context.Context, w *wire.Wire) error { return w.Flush(ctx) },
		"a long write": func(ctx context.Context, w *wire.Wire) error {
			_, err := w.Write(ctx, make([]byte, 33<<10))
			return err
		},
		"a long text": func(ctx context.Context, w *wire.Wire) error { return w.WriteText(ctx, string(make([]byte, 33<<10))) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer()
				s.stuck = true
				w := open(t, s, nil)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				require.Error(t, write(ctx, w))
				assert.Equal(t, 3*time.Second, time.Since(s.began))
				assert.Equal(t, []string{"write deadline 10s", "write deadline past"}, s.seen())
				w.Finish()
				w.Close()
				assert.Empty(t, s.seen(), "the cut has set the last deadline")
			})
		})
	}
}

// TestAStuckWriteIsCutByHand, after a first flush, and nothing lifts the cut.
func TestAStuckWriteIsCutByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		w := open(t, s, nil)
		w.Cut() // nothing can be stuck yet
		require.NoError(t, w.Flush(t.Context()))
		s.stuck = true
		s.seen()
		time.AfterFunc(3*time.Second, w.Cut)
		require.Error(t, w.Flush(t.Context()))
		assert.Equal(t, 3*time.Second, time.Since(s.began))
		assert.Equal(t, []string{"write deadline 10s", "write deadline past"}, s.seen())
		w.Finish()
		w.Close()
		assert.Empty(t, s.seen(), "the cut has set the last deadline")
	})
}

func TestAWriteThatIsNotCutEndsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		s.stuck = true
		w := open(t, s, nil)
		defer w.Close()
		require.Error(t, w.Flush(t.Context()))
		assert.Equal(t, 10*time.Second, time.Since(s.began))
	})
}

func TestNoCutComesAfterTheEnd(t *testing.T) {
	for name, end := range map[string]func(*wire.Wire){
		"finished":               (*wire.Wire).Finish,
		"closed without finish":  (*wire.Wire).Close,
		"finished, closed twice": func(w *wire.Wire) { w.Finish(); w.Close(); w.Close() },
		"hijacked":               func(w *wire.Wire) { _, _, _ = w.Hijack() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer()
				w := open(t, s, nil)
				ctx, cancel := context.WithCancel(t.Context())
				require.NoError(t, w.Flush(ctx))
				end(w)
				s.seen()
				cancel()
				synctest.Wait()
				assert.Empty(t, s.seen(), "the connection may be another request's")
				_ = s.SetWriteDeadline(time.Time{})
			})
		})
	}
}

func TestAConnectionThatWasCutIsNotHijacked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		w := open(t, s, nil)
		defer w.Close()
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, w.Flush(ctx))
		cancel()
		synctest.Wait()
		_, _, err := w.Hijack()
		require.ErrorIs(t, err, context.Canceled)
		assert.NotContains(t, s.seen(), "hijack")
	})
}

// TestAHijackThatFailsLeavesTheCut: HTTP/2 cannot be hijacked, and a stream goes
// on when it has been told so.
func TestAHijackThatFailsLeavesTheCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		s.kept = true
		w := open(t, s, nil)
		defer w.Close()
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, w.Flush(ctx))
		_, _, err := w.Hijack()
		require.ErrorIs(t, err, http.ErrNotSupported)
		require.NoError(t, w.Flush(ctx))
		cancel()
		synctest.Wait()
		assert.Contains(t, s.seen(), "write deadline past")
	})
}

// TestTheCutEndsReadingToo where net/http reads a body before it sends anything.
func TestTheCutEndsReadingToo(t *testing.T) {
	for name, test := range map[string]struct {
		major int
		body  *silentBody
		want  bool
	}{
		"HTTP/1.1 with a body":    {1, &silentBody{}, true},
		"HTTP/1.1 without a body": {1, nil, false},
		"HTTP/2 with a body":      {2, &silentBody{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer()
				w := open(t, s, request(t, test.major, http.MethodPost, test.body))
				defer w.Close()
				ctx, cancel := context.WithCancel(t.Context())
				require.NoError(t, w.Flush(ctx))
				s.seen()
				cancel()
				synctest.Wait()
				want := []string{"write deadline past"}
				if test.want {
					want = append(want, "read deadline past")
				}
				assert.Equal(t, want, s.seen())
			})
		})
	}
}

func TestLittleIsNotWorthACut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		w := open(t, s, nil)
		defer w.Close()
		ctx, cancel := context.WithCancel(t.Context())
		_, err := w.Write(ctx, make([]byte, 32<<10))
		require.NoError(t, err)
		s.seen()
		cancel()
		synctest.Wait()
		assert.Empty(t, s.seen())
		_ = s.SetWriteDeadline(time.Time{})
	})
}
