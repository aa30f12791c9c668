package autoheadresponse_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// The tests of this file are those of Ktor's AutoHeadResponseTest and
// AutoHeadResponseJvmTest, under their names.

func TestSimple(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := serve(t, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				c.Header().Set("M", "1")
				return c.RespondText("Hello")
			})
		}, mode)
		head := same(t, host, "/", 200, "Hello")
		assert.Equal(t, "1", head.Header.Get("M"))
		assert.Equal(t, int64(5), head.ContentLength)
	})
}

func TestTextContent(t *testing.T) {
	host := serve(t, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello") })
	})
	assert.Equal(t, "text/plain; charset=UTF-8", same(t, host, "/", 200, "Hello").Header.Get("Content-Type"))
}

func TestCustomOutgoingContent(t *testing.T) {
	host := serve(t, func(r *routing.Route) {
		r.InterceptSend(app.SendTransform, func(_ *app.Call, out *app.Outgoing) error {
			out.Header.Set("M", "2")
			out.SetReader(strings.NewReader("Hello"), 5)
			return nil
		})
		r.Get("/", func(c *app.Call) error { return c.Respond(struct{}{}) })
	})
	assert.Equal(t, "2", same(t, host, "/", 200, "Hello").Header.Get("m"))
}

type illegalStateError struct{ message string }

func (e illegalStateError) Error() string { return e.message }

func TestWithStatusPages(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(autoheadresponse.Plugin)
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			statuspages.Exception(c, func(c *app.Call, cause illegalStateError) error {
				c.SetStatus(500)
				return c.RespondText("ISE: " + cause.message)
			})
			c.Status(404, func(c *app.Call, _ int) error { return c.RespondText("Not found") })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/page1", func(c *app.Call) error { return c.RespondText("page1 OK") })
			r.Get("/page2", func(*app.Call) error { return illegalStateError{"page2 failed"} })
		})
	})
	for _, test := range []struct {
		path   string
		status int
		text   string
	}{{"/page1", 200, "page1 OK"}, {"/page2", 500, "ISE: page2 failed"}, {"/page3", 404, "Not found"}} {
		head := same(t, host, test.path, test.status, test.text)
		assert.Equal(t, strconv.Itoa(len(test.text)), head.Header.Get("Content-Length"))
	}
}

// closer notes that it was closed.
type closer struct {
	io.Reader
	closed chan struct{}
}

func (c closer) Close() error { close(c.closed); return nil }

func TestDisposesContent(t *testing.T) {
	closed := make(chan struct{})
	host := serve(t, func(r *routing.Route) {
		r.Get("/test", func(c *app.Call) error { return c.Respond(closer{strings.NewReader("content"), closed}) })
	})
	assert.Equal(t, 200, host.Head("/test").StatusCode)
	<-closed
}

func TestTextRespond(t *testing.T) {
	host := serve(t, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				_, err := io.WriteString(w, "Hello")
				return err
			}))
		})
	})
	same(t, host, "/", 200, "Hello")
}
