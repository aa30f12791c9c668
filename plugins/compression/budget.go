package compression

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
)

// A budget is the memory that the decoders of an installation may hold
// together. A client need not send much for that: the header of a body of zstd
// asks for a window, and a client that then falls silent holds it.
type budget struct {
	limit int64 // 0: no limit
	held  atomic.Int64

	// full is the error of a body whose decoder would go beyond the limit. It
	// has no cause: a server that is busy on purpose does not fill the log.
	full *app.Error

	mu   sync.Mutex
	said time.Time // when it was last logged that bodies are refused
}

func newBudget(limit int64) *budget {
	return &budget{
		limit: limit,
		full:  app.NewError(http.StatusServiceUnavailable, "too many request bodies are being decoded"),
	}
}

// take reports whether so many bytes were left, and are the caller's now.
func (b *budget) take(bytes int64) bool {
	if b.held.Add(bytes) > b.limit && b.limit > 0 {
		b.held.Add(-bytes)
		return false
	}
	return true
}

func (b *budget) giveBack(bytes int64) { b.held.Add(-bytes) }

// isNews reports whether it is worth saying that a body is refused: once a
// minute.
func (b *budget) isNews() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.said) < time.Minute {
		return false
	}
	b.said = time.Now()
	return true
}
