package app_test

import (
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestAMistakeWithoutAnErrorIsSaid: what changes nothing is said, once for each
// route, with the line and what to do, and what is right is not.
func TestAMistakeWithoutAnErrorIsSaid(t *testing.T) {
	t.Parallel()
	const (
		second = "a second answer was left out, and its error dropped; logged once for each route"
		status = "the status was set when it was decided, and is lost: call SetStatus before responding; logged once for each route"
		header = "headers were set after the head of the response had left, and are lost: set them before the first flush; logged once for each route"
		silent = "a handler returned without responding: 404; logged once for each route"
	)
	setting := func(c *app.Call) { c.Header().Set("X-Late", "1") }
	for name, test := range map[string]struct {
		handler app.Handler
		module  app.Module
		want    string // the message; "" for none
		status  int
	}{
		"second answer":        {func(c *app.Call) error { _ = c.RespondText("first"); _ = c.RespondText("second"); return nil }, nil, second, 200},
		"second page":          {func(c *app.Call) error { _ = c.RespondText("first"); _ = c.RespondHTML(nil, nil); return nil }, nil, second, 200},
		"second redirect":      {func(c *app.Call) error { _ = c.RespondText("first"); _ = c.RespondRedirect("/"); return nil }, nil, second, 200},
		"answer after a write": {func(c *app.Call) error { _ = writes("first")(c); _ = c.RespondText("second"); return nil }, nil, second, 200},
		"second answer, and another error": {func(c *app.Call) error {
			_ = c.RespondText("first")
			_ = c.RespondText("second")
			return app.NewError(http.StatusConflict, "no")
		}, nil, second, 409},
		"status after an answer": {func(c *app.Call) error { defer c.SetStatus(404); return c.RespondText("first") }, nil, status, 200},
		"status after a write":   {func(c *app.Call) error { defer c.SetStatus(404); return writes("first")(c) }, nil, status, 200},
		"status after a flush":   {func(c *app.Call) error { defer c.SetStatus(404); return flushing(c) }, nil, status, 200},
		"header after a flush":   {func(c *app.Call) error { defer setting(c); return flushing(c) }, nil, header, 200},
		"header of a middleware after a flush": {flushing, using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			w.Header().Set("X-Took", "1 s")
		})), header, 200},
		"no answer": {func(*app.Call) error { return nil }, nil, silent, 404},

		"status before an answer": {func(c *app.Call) error { c.SetStatus(404); return c.RespondText("first") }, nil, "", 404},
		"status twice":            {func(c *app.Call) error { c.SetStatus(404); c.SetStatus(201); return c.RespondText("first") }, nil, "", 201},
		"status inside a stream": {func(c *app.Call) error {
			return c.Respond(app.Stream(func(http.ResponseWriter) error { c.SetStatus(201); return writes("first")(c) }))
		}, nil, "", 201},
		"header after an answer": {func(c *app.Call) error { defer setting(c); return c.RespondText("first") }, nil, "", 200},
		"header of a middleware after an answer": {text("first"), using(middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			w.Header().Set("X-Took", "1 s")
		})), "", 200},
		"trailer": {func(c *app.Call) error {
			c.Header().Set("Trailer", "X-Sum")
			err := flushing(c)
			c.Header().Set("X-Sum", "1")
			c.Header().Set(http.TrailerPrefix+"X-Other", "1")
			return err
		}, nil, "", 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := &logbook{}
			modules := []app.Module{logs.module, func(a *app.Application) {
				if test.module != nil {
					test.module(a)
				}
				routes(a, func(root *branch) { root.handle("", test.handler) })
			}}
			a := start(t, modules...)
			for range 2 {
				assert.Equal(t, test.status, get(t, a, "/").StatusCode)
			}
			warned := logs.at(slog.LevelWarn)
			if test.want == "" {
				assert.Empty(t, warned)
				return
			}
			require.Len(t, warned, 1)
			assert.Equal(t, test.want, warned[0].message)
			assert.Equal(t, "/", warned[0].attributes["route"])
			switch test.want {
			case second, status:
				assert.Contains(t, warned[0].attributes["site"], "mistaken_test.go:")
			case silent:
				assert.Contains(t, warned[0].attributes["handler"], "mistaken_test.go:")
			}
		})
	}
}

// TestASecondAnswerThatIsReturnedIsSaidOnce: with the line that asked for it.
func TestASecondAnswerThatIsReturnedIsSaidOnce(t *testing.T) {
	t.Parallel()
	logs := &logbook{}
	a := start(t, logs.module, answering(func(c *app.Call) error {
		return errors.Join(c.RespondText("first"), c.RespondText("second"))
	}))
	assert.Equal(t, http.StatusInternalServerError, get(t, a, "/").StatusCode)
	require.Len(t, logs.all(), 1)
	assert.Contains(t, logs.all()[0].attributes["error"], "call is answered already, with 200: return after the first answer")
	assert.Contains(t, logs.all()[0].attributes["site"], "mistaken_test.go:")
}

// TestAnInvalidCookieIsNamed: an application sets several.
func TestAnInvalidCookieIsNamed(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		assert.EqualError(t, c.SetCookie(&http.Cookie{Name: "a b", Value: "1"}), `set cookie "a b": http: invalid Cookie.Name`)
		assert.EqualError(t, c.SetCookie(nil), "set cookie: the cookie is nil")
		return c.RespondText("fine")
	}))
	assert.Empty(t, get(t, a, "/").Header["Set-Cookie"])
}
