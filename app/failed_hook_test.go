package app_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

func TestCallFailedHooksRunInnermostFirst(t *testing.T) {
	t.Parallel()
	var seen journal
	hook := func(name string) app.Installable {
		return onFailed(name, func(c *app.Call, cause error) error {
			assert.ErrorIs(t, cause, errBroken)
			seen.add(name)
			return nil
		})
	}
	a := start(t, func(a *app.Application) {
		a.Install(hook("application 1"))
		a.Install(hook("application 2"))
		routes(a, func(root *branch) {
			root.Install(hook("root"))
			root.at("inner", func(inner *branch) {
				inner.Install(hook("inner 1"))
				inner.Install(hook("inner 2"))
				inner.handle("", func(*app.Call) error { return errBroken })
			})
			root.at("beside", func(beside *branch) { beside.Install(hook("beside")) })
		})
	})
	assert.Equal(t, http.StatusInternalServerError, get(t, a, "/inner").StatusCode)
	assert.Equal(t, []string{"inner 2", "inner 1", "root", "application 2", "application 1"}, seen.all())
}

func TestCallFailedHookAnswers(t *testing.T) {
	t.Parallel()
	handlers := map[string]app.Handler{
		"error":          func(*app.Call) error { return errBroken },
		"panic":          func(*app.Call) error { panic(errBroken) },
		"after a value":  func(c *app.Call) error { _ = c.RespondText("an answer"); return errBroken },
		"after a write":  func(c *app.Call) error { _, _ = io.WriteString(c.Writer(), "an answer"); return errBroken },
		"after a status": func(c *app.Call) error { c.SetStatus(http.StatusCreated); return errBroken },
	}
	answers := map[string]func(c *app.Call) error{
		"text":   func(c *app.Call) error { return c.RespondText("page") },
		"reader": func(c *app.Call) error { return c.Respond(strings.NewReader("page")) },
		"writer": func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "page"); return err },
	}
	for handlerName, handler := range handlers {
		for answerName, answer := range answers {
			t.Run(handlerName+", "+answerName, func(t *testing.T) {
				t.Parallel()
				logs := &logbook{}
				var seen journal
				a := start(t, logs.module, answering(handler), func(a *app.Application) {
					a.Install(onFailed("Outer", func(c *app.Call, cause error) error {
						seen.add("outer")
						assert.True(t, c.Answered())
						return nil
					}))
					a.Install(onFailed("Pages", func(c *app.Call, cause error) error {
						seen.add("pages")
						assert.False(t, c.Answered(), "what was begun is taken back")
						assert.Zero(t, c.Status())
						c.SetStatus(http.StatusBadGateway)
						return answer(c)
					}))
				})
				response := get(t, a, "/")
				assert.Equal(t, http.StatusBadGateway, response.StatusCode)
				assert.Equal(t, "page", body(t, response))
				assert.Equal(t, []string{"pages", "outer"}, seen.all())
				assert.Empty(t, logs.all(), "the hook has dealt with it")
			})
		}
	}
}

func TestCallFailedHookFails(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]app.FailedHook{
		"error":             func(*app.Call, error) error { return errors.New("hook broken") },
		"panic":             func(*app.Call, error) error { panic("hook broken") },
		"error of a client": func(*app.Call, error) error { return app.NewError(400, "hook broken") },
		"begins to answer": func(c *app.Call, _ error) error {
			_, _ = io.WriteString(c.Writer(), "half a page")
			return errors.New("hook broken")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := &logbook{}
			var seen journal
			a := start(t, logs.module, func(a *app.Application) {
				a.Install(onFailed("Outer", func(*app.Call, error) error { seen.add("outer"); return nil }))
				a.Install(onFailed("Failing", fail))
				a.InterceptSend(app.SendAfter, func(*app.Call, *app.Outgoing) error { seen.add("send hook"); return nil })
			}, answering(func(c *app.Call) error { return app.NewError(404, "no such user") }))
			response := get(t, a, "/")
			assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
			assert.Equal(t, "Internal Server Error", body(t, response))
			assert.Equal(t, []string{"outer"}, seen.all())
			require.NotEmpty(t, logs.at(slog.LevelError))
			assert.Equal(t, "a call-failed hook failed", logs.at(slog.LevelError)[0].message)
			assert.Contains(t, logs.at(slog.LevelError)[0].attributes["error"], "hook broken")
		})
	}
}

// TestCallFailedHookOfACommittedCall: it can look, and no more.
func TestCallFailedHookOfACommittedCall(t *testing.T) {
	t.Parallel()
	var seen journal
	a := start(t, func(a *app.Application) {
		a.Install(onFailed("Late", func(c *app.Call, cause error) error {
			assert.ErrorIs(t, cause, errBroken)
			assert.ErrorIs(t, c.RespondText("page"), app.ErrAnswered)
			seen.add("hook")
			return nil
		}))
	}, answering(func(c *app.Call) error {
		_, _ = io.WriteString(c.Writer(), strings.Repeat("x", 1000))
		return errBroken
	}))
	assert.True(t, cuts(a, "/"))
	assert.Equal(t, []string{"hook"}, seen.all())
}

// TestErrorInASendHook: the response to it goes out without the commit hooks,
// whoever wrote the first response.
func TestErrorInASendHook(t *testing.T) {
	t.Parallel()
	answers := map[string]app.Handler{
		"text":    text("an answer"),
		"held":    func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "an answer"); return err },
		"flushed": func(c *app.Call) error { return http.NewResponseController(c.Writer()).Flush() },
		"stream": func(c *app.Call) error {
			_, err := io.WriteString(c.Writer(), strings.Repeat("x", 1000))
			return err
		},
		"stream that goes on": func(c *app.Call) error {
			for range 10 {
				_, _ = io.WriteString(c.Writer(), strings.Repeat("x", 1000))
			}
			return nil
		},
		"mounted": app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", 1000))
		})),
		"reader":  func(c *app.Call) error { return c.Respond(strings.NewReader(strings.Repeat("x", 1000))) },
		"nothing": func(*app.Call) error { return nil },
	}
	failures := map[string]app.SendHook{
		"error": func(*app.Call, *app.Outgoing) error { return app.NewError(http.StatusInsufficientStorage, "full") },
		"panic": func(*app.Call, *app.Outgoing) error { panic("out of order") },
	}
	for answerName, answer := range answers {
		for failureName, fail := range failures {
			for _, step := range []app.SendStep{app.SendContentEncoding, app.SendTransferEncoding, app.SendAfter} {
				t.Run(answerName+", "+failureName, func(t *testing.T) {
					t.Parallel()
					logs := &logbook{}
					var seen journal
					a := start(t, logs.module, answering(answer), func(a *app.Application) {
						a.InterceptSend(step, func(c *app.Call, out *app.Outgoing) error {
							seen.add("hook")
							out.Header.Set("Etag", `"1"`)
							out.Header.Set("X-Kept", "kept")
							out.Wrap(func(w io.Writer) app.BodyWriter { return &recordingWrap{next: w, name: "wrap", seen: &seen} })
							return fail(c, out)
						})
						a.Install(onFailed("Failed", func(*app.Call, error) error { seen.add("failed"); return nil }))
					})
					response := get(t, a, "/")
					want, wantText := http.StatusInsufficientStorage, "full"
					if failureName == "panic" {
						want, wantText = http.StatusInternalServerError, "Internal Server Error"
					}
					assert.Equal(t, want, response.StatusCode)
					assert.Equal(t, wantText, body(t, response))
					assert.Empty(t, response.Header.Get("Etag"))
					assert.Equal(t, "kept", response.Header.Get("X-Kept"))
					assert.Equal(t, []string{"hook", "failed"}, seen.all())
					assert.Len(t, logs.at(slog.LevelError), 1)
				})
			}
		}
	}
}

// TestSendHookFailsOnTheAnswerToAnError: then there is nothing left but a plain
// 500.
func TestSendHookFailsOnTheAnswerToAnError(t *testing.T) {
	t.Parallel()
	for _, step := range []app.SendStep{app.SendTransform, app.SendRender, app.SendContentEncoding, app.SendAfter} {
		for name, fail := range map[string]func() error{
			"error": func() error { return errBroken },
			"panic": func() error { panic(errBroken) },
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a := start(t, func(a *app.Application) {
					a.InterceptSend(step, func(*app.Call, *app.Outgoing) error { return fail() })
				}, answering(func(*app.Call) error { return app.NewError(404, "no such user") }))
				response := get(t, a, "/")
				assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
				assert.Equal(t, "Internal Server Error", body(t, response))
			})
		}
	}
}

// TestAbortWhileAnErrorIsAnswered: whoever asks for it, the connection is cut.
func TestAbortWhileAnErrorIsAnswered(t *testing.T) {
	t.Parallel()
	abort := func(*app.Call, *app.Outgoing) error { return http.ErrAbortHandler }
	answers := onFailed("Answer", func(c *app.Call, _ error) error { return c.RespondText("sorry") })
	for name, module := range map[string]app.Module{
		"transform": func(a *app.Application) { a.InterceptSend(app.SendTransform, abort) },
		"commit":    func(a *app.Application) { a.InterceptSend(app.SendAfter, abort) },
		"failed hook": func(a *app.Application) {
			a.Install(onFailed("Abort", func(*app.Call, error) error { panic(http.ErrAbortHandler) }))
		},
		"failed hook behind an answer": func(a *app.Application) {
			a.Install(onFailed("Abort", func(*app.Call, error) error { return http.ErrAbortHandler }))
			a.Install(answers)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var failure error
			a := start(t, module, func(a *app.Application) {
				a.Install(app.NewPlugin("Watch", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
					b.OnResponseSent(func(c *app.Call) { failure = c.Failure() })
					return nil
				}))
			}, answering(func(*app.Call) error { return errBroken }))
			assert.True(t, cuts(a, "/"))
			assert.ErrorIs(t, failure, http.ErrAbortHandler)
		})
	}
}

// TestErrorInATransformHook: it is the error of Respond, and the handler may
// return it or answer otherwise.
func TestErrorInATransformHook(t *testing.T) {
	t.Parallel()
	a := start(t, func(a *app.Application) {
		a.InterceptSend(app.SendTransform, func(_ *app.Call, out *app.Outgoing) error {
			if out.Value == "bad" {
				return errBroken
			}
			return nil
		})
	}, answering(func(c *app.Call) error {
		err := c.RespondText("bad")
		assert.ErrorIs(t, err, errBroken)
		assert.False(t, c.Answered())
		return c.RespondText("good")
	}))
	response := get(t, a, "/")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "good", body(t, response))
}

// TestCallFailedHookFailsTooLate: what it has sent is cut.
func TestCallFailedHookFailsTooLate(t *testing.T) {
	t.Parallel()
	var seen journal
	a := start(t, func(a *app.Application) {
		a.Install(onFailed("Outer", func(*app.Call, error) error { seen.add("outer"); return nil }))
		a.Install(onFailed("Late", func(c *app.Call, _ error) error {
			_, _ = io.WriteString(c.Writer(), "half a page")
			flush(c)
			return errors.New("hook broken")
		}))
	}, answering(func(*app.Call) error { return errBroken }))
	assert.True(t, cuts(a, "/"))
	assert.Equal(t, []string{"outer"}, seen.all())
}
