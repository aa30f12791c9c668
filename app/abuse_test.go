package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// abused is an application with a route beside those that are abused. Whatever
// happens, it goes on.
func abused(declare func(r *routing.Route)) app.Module {
	return routed(func(r *routing.Route) {
		r.Get("/healthy", text("healthy"))
		declare(r)
	})
}

func expectHealthy(t *testing.T, host *apptest.Host) {
	t.Helper()
	expect(t, host.Get("/healthy"), http.StatusOK, "healthy")
}

// TestAbuseByHandlers: a handler that does wrong gets the response that is
// documented, and leaves nothing behind.
func TestAbuseByHandlers(t *testing.T) {
	const broken = "Internal Server Error"
	for name, test := range map[string]struct {
		handler app.Handler
		status  int
		text    string
		cut     bool
	}{
		"panic":               {func(*app.Call) error { panic("out of order") }, 500, broken, false},
		"panic with an error": {func(*app.Call) error { panic(app.NewError(400, "shown")) }, 500, broken, false},
		//nolint:govet // that is what is tested
		"panic with nil":         {func(*app.Call) error { panic(nil) }, 500, broken, false},
		"panic after an answer":  {func(c *app.Call) error { _ = c.RespondText("first"); panic("out of order") }, 500, broken, false},
		"panic after a write":    {func(c *app.Call) error { write(c, 100); panic("out of order") }, 500, broken, false},
		"panic in a body":        {func(c *app.Call) error { _ = flushedText(c, "begun"); panic("out of order") }, 200, "begun", true},
		"runtime panic":          {func(*app.Call) error { var text any = "x"; return text.(error) }, 500, broken, false},
		"double respond":         {func(c *app.Call) error { _ = c.RespondText("first"); return c.RespondText("second") }, 500, broken, false},
		"double respond ignored": {func(c *app.Call) error { _ = c.RespondText("first"); _ = c.RespondText("second"); return nil }, 200, "first", false},
		"respond after a write":  {func(c *app.Call) error { _, _ = io.WriteString(c.Writer(), "first"); return c.RespondText("second") }, 500, broken, false},
		"respond after the commit": {func(c *app.Call) error {
			_ = flushedText(c, "first")
			return c.RespondText("second")
		}, 200, "first", true},
		"respond after the commit ignored": {func(c *app.Call) error {
			_ = flushedText(c, "first")
			_ = c.RespondText("second")
			return nil
		}, 200, "first", false},
		"redirect after the commit": {func(c *app.Call) error { _ = flushedText(c, "first"); _ = c.RespondRedirect("/"); return nil }, 200, "first", false},
		"write after respond": {func(c *app.Call) error {
			_ = c.RespondText("first")
			_, err := io.WriteString(c.Writer(), "second")
			return err
		}, 200, "firstsecond", false},
		"error in the middle of a body": {func(c *app.Call) error { _ = flushedText(c, "begun"); return errBroken }, 200, "begun", true},
		"error in a reader": {func(c *app.Call) error {
			return c.Respond(io.MultiReader(strings.NewReader("x"), iotest.ErrReader(errBroken)))
		}, 500, broken, false},
		"error in a long reader": {func(c *app.Call) error {
			return c.Respond(io.MultiReader(strings.NewReader(strings.Repeat("x", 5000)), iotest.ErrReader(errBroken)))
		}, 200, strings.Repeat("x", 5000), true},
		"body shorter than declared": {func(c *app.Call) error { c.Header().Set("Content-Length", "10"); return flushedText(c, "short") }, 200, "short", true},
		"no status":                  {func(c *app.Call) error { return c.RespondStatus(0) }, 200, "", false},
		"status that is none":        {func(c *app.Call) error { return c.RespondStatus(42) }, 500, broken, false},
		"status of four digits":      {func(c *app.Call) error { c.Writer().WriteHeader(1000); return nil }, 500, broken, false},
		"header with a line end":     {func(c *app.Call) error { c.Header().Set("X-Name", "a\r\nX-Evil: b"); return c.RespondText("text") }, 200, "text", false},
		"location with a line end":   {func(c *app.Call) error { return c.RespondRedirect("/a\r\nX-Evil: b") }, 302, "", false},
		"nothing to receive":         {func(c *app.Call) error { return c.Receive(nil) }, 500, broken, false},
		"nothing to respond with":    {func(c *app.Call) error { return c.Respond(nil) }, 500, broken, false},
		"abort":                      {func(c *app.Call) error { _ = flushedText(c, "begun"); return http.ErrAbortHandler }, 200, "begun", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				synctest.Test(t, func(t *testing.T) {
					host := apptest.Start(t, abused(func(r *routing.Route) { r.Get("/", test.handler) }), mode)
					host.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
					response, err := host.Client().Get(host.URL)
					if err == nil {
						assert.Equal(t, test.status, response.StatusCode)
						assert.NotContains(t, response.Header, "X-Evil")
						var data []byte
						data, err = io.ReadAll(response.Body)
						assert.Equal(t, test.text, string(data))
						assert.NoError(t, response.Body.Close())
					}
					assert.Equal(t, test.cut, err != nil, err)
					expectHealthy(t, host)
				})
			})
		})
	}
}

// TestAbuseByLies: a body that has not the length that its head declares.
// HTTP/2 has no way to lie.
func TestAbuseByLies(t *testing.T) {
	t.Parallel()
	const head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n%s\r\n\r\n"
	for name, test := range map[string]struct {
		contentType, length, body string
		answers                   []string // their status lines, in order
	}{
		"too short":                   {"text/plain", "Content-Length: 10", "12345", []string{"400 Bad Request"}},
		"form too short":              {urlEncoded, "Content-Length: 10", "a=1", []string{"400 Bad Request"}},
		"multipart too short":         {formData, "Content-Length: 1000", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", []string{"400 Bad Request"}},
		"too long":                    {"text/plain", "Content-Length: 5", "12345678\r\n\r\n", []string{"200 OK", "400 Bad Request"}},
		"too long by a request":       {"text/plain", "Content-Length: 5", "12345GET /healthy HTTP/1.1\r\nHost: localhost\r\n\r\n", []string{"200 OK", "200 OK"}},
		"chunk too short":             {"text/plain", "Transfer-Encoding: chunked", "5\r\n123", []string{"400 Bad Request"}},
		"chunk too long":              {"text/plain", "Transfer-Encoding: chunked", "5\r\n12345678\r\n0\r\n\r\n", []string{"400 Bad Request"}},
		"chunk without end":           {"text/plain", "Transfer-Encoding: chunked", "5\r\n12345\r\n", []string{"400 Bad Request"}},
		"chunk of no length":          {"text/plain", "Transfer-Encoding: chunked", "x\r\n12345\r\n", []string{"400 Bad Request"}},
		"chunk of a length too large": {"text/plain", "Transfer-Encoding: chunked", "fffffffffffffffff\r\n12345\r\n", []string{"400 Bad Request"}},
		"negative length":             {"text/plain", "Content-Length: -1", "12345", []string{"400 Bad Request"}},
		"two lengths":                 {"text/plain", "Content-Length: 5\r\nContent-Length: 6", "123456", []string{"400 Bad Request"}},
		"one length twice":            {"text/plain", "Content-Length: 5\r\nContent-Length: 5", "12345", []string{"200 OK"}},
		"length over the limit":       {"text/plain", "Content-Length: 9000000000", "12345", []string{"400 Bad Request"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, abused(func(r *routing.Route) {
					r.Post("/", func(c *app.Call) error {
						var err error
						switch test.contentType {
						case urlEncoded, formData:
							_, err = c.ReceiveForm()
						default:
							_, err = c.ReceiveText()
						}
						return errors.Join(err, c.RespondText("received"))
					})
				}))
				conn := host.Dial()
				_, err := fmt.Fprintf(conn, head+"%s", test.contentType, test.length, test.body)
				require.NoError(t, err)
				require.NoError(t, conn.(interface{ CloseWrite() error }).CloseWrite())
				answered, err := io.ReadAll(conn)
				require.NoError(t, err)
				var lines []string
				for line := range strings.SplitSeq(string(answered), "HTTP/1.1 ") {
					if line != "" {
						lines = append(lines, strings.SplitN(line, "\r\n", 2)[0])
					}
				}
				assert.Equal(t, test.answers, lines)
				expectHealthy(t, host)
			})
		})
	}
}

// TestAbuseByLeaving: the client goes away at any moment; the call ends, and
// the log has no error.
func TestAbuseByLeaving(t *testing.T) {
	const head = "POST /%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf of it"
	for name, leave := range map[string]func(conn io.Closer) error{
		"close": io.Closer.Close,
		"reset": func(conn io.Closer) error { return conn.(interface{ Reset() error }).Reset() },
	} {
		for _, path := range []string{"receives", "waits", "streams", "writes", "works"} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					logs := &logbook{}
					var ended atomic.Int32
					host := apptest.Start(t, func(a *app.Application) {
						logs.module(a)
						a.Install(onSent("Sent", func(c *app.Call) {
							if c.Request.Method == http.MethodPost {
								ended.Add(1)
							}
						}))
						abused(leftRoutes)(a)
					})
					conn := host.Dial()
					_, err := fmt.Fprintf(conn, head, path)
					require.NoError(t, err)
					synctest.Wait()
					began := time.Now()
					require.NoError(t, leave(conn))
					synctest.Wait()
					assert.Equal(t, int32(1), ended.Load())
					assert.Zero(t, time.Since(began))
					for _, logged := range logs.all() {
						assert.Less(t, int(logged.level), 8, "%s: %v", logged.message, logged.attributes)
					}
					expectHealthy(t, host)
				})
			})
		}
	}
}

// leftRoutes are handlers whose clients go away.
func leftRoutes(r *routing.Route) {
	r.Post("/receives", echoing[string])
	r.Post("/waits", func(c *app.Call) error {
		_, _ = io.ReadFull(c.Request.Body, make([]byte, 10))
		// By this read net/http notices that the client has left.
		_, err := c.Request.Body.Read(make([]byte, 100))
		<-c.Context().Done()
		return errors.Join(c.Context().Err(), err)
	})
	r.Post("/streams", func(c *app.Call) error {
		for {
			if err := flushedText(c, "more"); err != nil {
				return err
			}
			time.Sleep(time.Nanosecond)
		}
	})
	r.Post("/writes", func(c *app.Call) error {
		_, err := io.Copy(c.Writer(), &repeating{text: strings.Repeat("x", 1000)})
		return err
	})
	r.Post("/works", func(c *app.Call) error {
		c.Go(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		_, err := io.Copy(io.Discard, c.Request.Body)
		return err
	})
}
