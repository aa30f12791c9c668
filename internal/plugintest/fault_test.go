package plugintest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
)

// wrapping makes a plugin that puts a writer around every body.
func wrapping(wrap func(w io.Writer) app.BodyWriter) app.Installable {
	return plugin(func(b *app.PluginBuilder[struct{}]) error {
		b.InterceptSend(app.SendContentEncoding, func(_ *app.Call, out *app.Outgoing) error { out.Wrap(wrap); return nil })
		return nil
	})
}

// body is a body that is changed or held back on its way.
type body struct {
	w      io.Writer
	change func([]byte) []byte
	hold   bool
	held   []byte
}

func (b *body) Write(p []byte) (int, error) {
	if b.hold {
		b.held = append(b.held, p...)
		return len(p), nil
	}
	if _, err := b.w.Write(b.change(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (b *body) Flush() error { return nil }
func (b *body) Abort()       {}

func (b *body) Close() error {
	_, err := b.w.Write(b.held)
	return err
}

// buffer is a middleware that keeps the body until it is whole, although its
// writer pretends to flush, and unwraps.
func buffer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held := &buffered{ResponseWriter: w}
		next.ServeHTTP(held, r)
		_, _ = w.Write(held.body.Bytes())
	})
}

type buffered struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (b *buffered) Write(p []byte) (int, error) { return b.body.Write(p) }
func (b *buffered) FlushError() error           { return nil }
func (b *buffered) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// finish is a middleware that responds itself, with the body that the handler
// has written, whole or not. It takes the connection for that: the application
// cuts one whose handler has failed, whatever a middleware recovers.
func finish(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		taken := &recorder{header: http.Header{}}
		func() {
			defer func() { _ = recover() }()
			next.ServeHTTP(taken, r)
		}()
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", taken.body.Len(), &taken.body)
		_ = conn.Close()
	})
}

type recorder struct {
	header http.Header
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
func (r *recorder) WriteHeader(int)             {}
func (r *recorder) FlushError() error           { return nil }

// shared makes a plugin that mixes up the responses of calls that run at the
// same time.
func shared() app.Installable {
	return plugin(func(b *app.PluginBuilder[struct{}]) error {
		turns := make(chan string, 1)
		b.OnCallRespond(func(_ *app.Call, out *app.Outgoing) error {
			text, _ := out.Value.(string)
			select {
			case first := <-turns:
				out.Value = first + text
			default:
				turns <- text
				<-time.After(time.Second) // the others come in between
			}
			return nil
		})
		return nil
	})
}
