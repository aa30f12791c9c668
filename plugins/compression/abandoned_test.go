package compression_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// readerOnly is an encoder whose readers are made by a function.
func readerOnly(newReader func() compression.Reader) func(*compression.Config) {
	return func(c *compression.Config) {
		c.Mode = compression.DecompressRequest
		c.Encoder(compression.Encoder{
			Name:      "test",
			NewWriter: func(int) (compression.Writer, error) { return nopWriter{}, nil },
			NewReader: func() (compression.Reader, error) { return newReader(), nil },
		})
	}
}

type nopWriter struct{ io.Writer }

func (nopWriter) Reset(io.Writer) {}
func (nopWriter) Flush() error    { return nil }
func (nopWriter) Close() error    { return nil }

// endless decodes any body to one without an end.
type endless struct{}

func (endless) Reset(io.Reader) error      { return nil }
func (endless) Read(p []byte) (int, error) { clear(p[:1]); return 1, nil }

// TestABodyThatIsReadWhenTheCallEndsGivesItsMemoryBack, whenever between two
// reads that is: the budget has room for one decoder, and no call finds it taken.
func TestABodyThatIsReadWhenTheCallEndsGivesItsMemoryBack(t *testing.T) {
	left := make(chan error)
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(func(c *compression.Config) {
			readerOnly(func() compression.Reader { return endless{} })(c)
			c.MaxDecoderMemory = 96 << 10
			c.MaxDecodedContentLength = 0
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				body, first := c.Request.Body, make(chan struct{})
				go func() {
					var p [1]byte
					_, err := body.Read(p[:])
					close(first)
					for err == nil {
						_, err = body.Read(p[:])
					}
					left <- err
				}()
				<-first
				return c.RespondText("OK")
			})
		})
	})
	for range 200 {
		response := host.Post("/", "text/plain", strings.NewReader("x"), apptest.Header("Content-Encoding", "test"))
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.ErrorIs(t, <-left, http.ErrBodyReadAfterClose)
	}
}

// broken panics for its first body.
type broken struct {
	panicked bool
	again    *bool
}

func (b *broken) Reset(io.Reader) error {
	*b.again = *b.again || b.panicked
	return nil
}

func (b *broken) Read([]byte) (int, error) {
	b.panicked = true
	panic("what no reader should do")
}

// TestAReaderThatHasPanickedIsNotUsedAgain: nobody knows what state it is in.
func TestAReaderThatHasPanickedIsNotUsedAgain(t *testing.T) {
	again := false
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(with(readerOnly(func() compression.Reader { return &broken{again: &again} })))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error { _, err := c.ReceiveText(); return err })
		})
	})
	for range 20 {
		response := host.Post("/", "text/plain", strings.NewReader("x"), apptest.Header("Content-Encoding", "test"))
		assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
	}
	assert.False(t, again)
}
