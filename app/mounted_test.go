package app_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

func TestNoHTTPHandlerIsNoHandler(t *testing.T) {
	assert.Nil(t, app.FromHTTP(nil))
	assert.Nil(t, app.FromHTTP(http.HandlerFunc(nil)))
}

// TestAReaderThatFailsIsTheMountedHandlersBusiness: io.Copy returns the error to
// the handler, whatever had come before it.
func TestAReaderThatFailsIsTheMountedHandlersBusiness(t *testing.T) {
	for name, size := range map[string]int{"at once": 0, "before the commit": 100, "after it": 5000} {
		t.Run(name, func(t *testing.T) {
			var failed error
			a := start(t, answering(app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, failed = io.Copy(w, io.MultiReader(strings.NewReader(strings.Repeat("x", size)), iotest.ErrReader(errBroken)))
			}))))
			response := get(t, a, "/")
			assert.ErrorIs(t, failed, errBroken)
			assert.Len(t, body(t, response), size)
		})
	}
}

func TestWorkBegunByALateHookMayFail(t *testing.T) {
	logs := &logbook{}
	a := start(t, logs.module, answering(text("fine")), func(a *app.Application) {
		a.Install(onSent("Late", func(c *app.Call) {
			c.Go(func(context.Context) error { return errors.New("too late") })
		}))
	})
	get(t, a, "/")
	assert.Contains(t, logs.messages(), "work beside a call failed after its answer")
}
