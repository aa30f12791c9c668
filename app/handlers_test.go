package app_test

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
)

// This file has the handlers and middlewares that several tests use.

// text is a handler that answers with a text.
func text(text string) app.Handler {
	return func(c *app.Call) error { return c.RespondText(text) }
}

// flush sends on what the call has written, and drops the error.
func flush(c *app.Call) { _ = http.NewResponseController(c.Writer()).Flush() }

// write writes n bytes to the call, and drops the error.
func write(c *app.Call, n int) { _, _ = c.Writer().Write(make([]byte, n)) }

// flushedText writes text to the call and sends it on.
func flushedText(c *app.Call, text string) error {
	_, err := io.WriteString(c.Writer(), text)
	return errors.Join(err, http.NewResponseController(c.Writer()).Flush())
}

// writing answers with texts, one after the other, each flushed or not.
func writing(flush bool, texts ...string) app.Handler {
	return func(c *app.Call) error {
		return c.Respond(app.Stream(func(w http.ResponseWriter) error {
			for _, text := range texts {
				if _, err := io.WriteString(w, text); err != nil {
					return err
				}
				if flush {
					if err := http.NewResponseController(w).Flush(); err != nil {
						return err
					}
				}
			}
			return nil
		}))
	}
}

// echoing answers with the body of the request, as it was read.
func echoing[T string | []byte](c *app.Call) error {
	received, err := app.Receive[T](c)
	return errors.Join(err, c.RespondText(string(received)))
}

// echoingReader answers with the body of the request, read by a reader.
func echoingReader(c *app.Call) error {
	body, err := app.Receive[io.Reader](c)
	if err != nil {
		return err
	}
	received, err := io.ReadAll(body)
	return errors.Join(err, c.RespondText(string(received)))
}

// urlEncoded is the Content-Type of a form without parts.
const urlEncoded = "application/x-www-form-urlencoded"

// formData is the Content-Type of what form returns.
const formData = "multipart/form-data; boundary=b"

// form returns the body of a multipart form with boundary b: heads and bodies
// of its parts in turn.
func form(parts ...string) string {
	var text strings.Builder
	for i := 0; i < len(parts); i += 2 {
		text.WriteString("--b\r\nContent-Disposition: form-data; " + parts[i] + "\r\n\r\n" + parts[i+1] + "\r\n")
	}
	return text.String() + "--b--\r\n"
}

// showForm answers with the form that was received.
func showForm(c *app.Call) error {
	form, err := c.ReceiveForm()
	if err != nil {
		return err
	}
	return c.RespondText(form.Encode())
}

// showParts answers with what the parts of a body are.
func showParts() app.Handler { return showPartsOf((*app.Call).ReceiveMultipart) }

// showPartsUpTo is showParts with a limit.
func showPartsUpTo(limit int64) app.Handler {
	return showPartsOf(func(c *app.Call) iter.Seq2[*app.Part, error] { return c.ReceiveMultipartLimit(limit) })
}

// showPartsOf answers with what the parts are that receive yields.
func showPartsOf(receive func(*app.Call) iter.Seq2[*app.Part, error]) app.Handler {
	return func(c *app.Call) error {
		var shown strings.Builder
		for part, err := range receive(c) {
			if err != nil {
				return err
			}
			data, err := io.ReadAll(part)
			if err != nil {
				return err
			}
			fmt.Fprintf(&shown, "%s,%s,%s\n", part.FormName(), part.FileName(), data)
		}
		return c.RespondText(shown.String())
	}
}

// middleware returns a middleware of a function that is given the rest.
func middleware(run func(w http.ResponseWriter, r *http.Request, next http.Handler)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { run(w, r, next) })
	}
}

// wrappingWriter is a middleware with a writer of its own that unwraps.
func wrappingWriter(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(unwrappingWriter{w}, r)
	})
}

// unwrappingWriter is a middleware's writer that adds nothing.
type unwrappingWriter struct{ http.ResponseWriter }

func (w unwrappingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// timeout is http.TimeoutHandler as a middleware: its writer does not unwrap,
// and it may abandon the rest.
func timeout(after time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler { return http.TimeoutHandler(next, after, "too late") }
}

// opaque is a middleware whose writer does not unwrap, and writes on at once.
func opaque(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
	})
}

// countingReader counts the bytes that are read of it, and how often it is
// closed.
type countingReader struct {
	io.Reader
	read, closed int
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.read += n
	return n, err
}

func (r *countingReader) Close() error { r.closed++; return nil }
