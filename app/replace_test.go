package app_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// onAfter installs a hook of SendAfter.
func onAfter(hook app.SendHook) app.Module {
	return func(a *app.Application) { a.InterceptSend(app.SendAfter, hook) }
}

// once runs a hook for the first response of a call only.
func once(hook app.SendHook) app.SendHook {
	key := app.NewKey[bool]("once")
	return func(c *app.Call, out *app.Outgoing) error {
		if _, again := key.Get(c); again {
			return nil
		}
		key.Set(c, true)
		return hook(c, out)
	}
}

// TestReplaceRunsTheWholeWayOut: the new response passes every step, and the
// hooks that come after the one that replaced see the new response only.
func TestReplaceRunsTheWholeWayOut(t *testing.T) {
	t.Parallel()
	seen := &journal{}
	note := func(name string) app.SendHook {
		return func(_ *app.Call, out *app.Outgoing) error {
			text, _ := out.Bytes()
			if value, is := out.Value.(string); is {
				text = []byte(value)
			}
			seen.add(name + " " + string(text))
			return nil
		}
	}
	a := start(t, func(a *app.Application) {
		a.InterceptSend(app.SendTransform, note("transform"))
		a.InterceptSend(app.SendContentEncoding, note("encode"))
		a.InterceptSend(app.SendAfter, note("before"))
		a.InterceptSend(app.SendAfter, once(func(c *app.Call, _ *app.Outgoing) error {
			return c.Replace(func(c *app.Call, old *app.Outgoing) error {
				assert.False(t, c.Answered())
				assert.Equal(t, http.StatusTeapot, c.Status())
				assert.Equal(t, http.StatusTeapot, old.Status)
				assert.Equal(t, "text/plain; charset=UTF-8", old.Header.Get("Content-Type"))
				assert.Empty(t, c.Header().Get("Content-Type"))
				assert.Equal(t, "kept", c.Header().Get("X-Kept"))
				return c.RespondText("new")
			})
		}))
		a.InterceptSend(app.SendAfter, note("behind"))
	}, answering(func(c *app.Call) error {
		c.Header().Set("X-Kept", "kept")
		c.Header().Set("ETag", `"old"`)
		c.SetStatus(http.StatusTeapot)
		return c.RespondText("old")
	}))
	response := get(t, a, "/")
	assert.Equal(t, http.StatusTeapot, response.StatusCode)
	assert.Equal(t, "new", body(t, response))
	assert.Equal(t, http.Header{"Content-Type": {"text/plain; charset=UTF-8"}, "X-Kept": {"kept"}}, response.Header)
	assert.Equal(t, []string{
		"transform old", "encode old", "before old",
		"transform new", "encode new", "before new", "behind new",
	}, seen.all())
}

// TestReplaceDropsTheOldBody: the reader of the old response is closed, its
// wraps are not opened, and what is still written of a stream goes nowhere.
func TestReplaceDropsTheOldBody(t *testing.T) {
	t.Parallel()
	replace := once(func(c *app.Call, _ *app.Outgoing) error {
		return c.Replace(func(c *app.Call, _ *app.Outgoing) error { return c.RespondText("new") })
	})
	long := strings.Repeat("old ", 1000)
	for name, handler := range map[string]app.Handler{
		"text": text(long),
		"reader": func(c *app.Call) error {
			reader := &countingReader{Reader: strings.NewReader(long)}
			require.NoError(t, c.Respond(reader))
			assert.Equal(t, 1, reader.closed)
			return nil
		},
		"stream": func(c *app.Call) error {
			for range 3 {
				n, err := io.WriteString(c.Writer(), long)
				require.NoError(t, err)
				assert.Equal(t, len(long), n)
				require.NoError(t, http.NewResponseController(c.Writer()).Flush())
			}
			return nil
		},
		"flush, then nothing": func(c *app.Call) error { return http.NewResponseController(c.Writer()).Flush() },
		"held bytes":          func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "old"); return err },
		"io.Copy":             func(c *app.Call) error { _, err := io.Copy(c.Writer(), strings.NewReader(long)); return err },
		"value, then bytes": func(c *app.Call) error {
			require.NoError(t, c.RespondText("old"))
			_, err := io.WriteString(c.Writer(), long)
			return err
		},
	} {
		for _, opened := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a := start(t, func(a *app.Application) {
					a.InterceptSend(app.SendContentEncoding, once(func(_ *app.Call, out *app.Outgoing) error {
						out.Wrap(func(io.Writer) app.BodyWriter {
							assert.Fail(t, "the wrap of the old answer was opened")
							return nil
						})
						return nil
					}))
					if opened {
						a.Use(wrappingWriter)
					}
				}, onAfter(replace), answering(handler))
				assert.Equal(t, "new", body(t, get(t, a, "/")))
			})
		}
	}
}

// TestReplaceWithNothing: the old response leaves as it was, or as it was
// changed.
func TestReplaceWithNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(old *app.Outgoing)
		want   string
	}{
		"unchanged": {func(*app.Outgoing) {}, "old"},
		"changed":   {func(old *app.Outgoing) { old.Status = 418; old.SetText("changed") }, "changed"},
	} {
		for _, streamed := range []bool{false, true} {
			a := start(t, onAfter(func(c *app.Call, _ *app.Outgoing) error {
				return c.Replace(func(_ *app.Call, old *app.Outgoing) error { test.change(old); return nil })
			}), answering(func(c *app.Call) error {
				c.Header().Set("ETag", `"old"`)
				if !streamed {
					return c.RespondText("old")
				}
				_, _ = io.WriteString(c.Writer(), "old")
				return http.NewResponseController(c.Writer()).Flush()
			}))
			response := get(t, a, "/")
			assert.Equal(t, test.want, body(t, response), name)
			assert.Equal(t, `"old"`, response.Header.Get("ETag"), name)
			assert.Equal(t, name == "changed", response.StatusCode == http.StatusTeapot, name)
		}
	}
}

// TestReplaceThatFailsAnswersWithItsError: the error takes the place of both
// responses, at every moment before the new one has begun to leave.
func TestReplaceThatFailsAnswersWithItsError(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]app.Handler{
		"at once":             func(*app.Call) error { return app.NewError(409, "sorry") },
		"after a respond":     func(c *app.Call) error { _ = c.RespondText("new"); return app.NewError(409, "sorry") },
		"after a few bytes":   func(c *app.Call) error { _, _ = io.WriteString(c.Writer(), "new"); return app.NewError(409, "sorry") },
		"in the middle of it": func(c *app.Call) error { return c.Respond(iotest.ErrReader(app.NewError(409, "sorry"))) },
	} {
		for _, streamed := range []bool{false, true} {
			a := start(t, onAfter(once(func(c *app.Call, _ *app.Outgoing) error {
				return c.Replace(func(c *app.Call, _ *app.Outgoing) error { return answer(c) })
			})), answering(func(c *app.Call) error {
				if !streamed {
					return c.RespondText("old")
				}
				_, _ = io.WriteString(c.Writer(), "old")
				return http.NewResponseController(c.Writer()).Flush()
			}))
			response := get(t, a, "/")
			assert.Equal(t, 409, response.StatusCode, name)
			assert.Equal(t, "sorry", body(t, response), name)
		}
	}
}

// TestReplaceFailsTooLate: what has begun to leave is cut.
func TestReplaceFailsTooLate(t *testing.T) {
	t.Parallel()
	for name, failed := range map[string]bool{"an answer": false, "the answer to an error": true} {
		a := start(t, onAfter(once(func(c *app.Call, _ *app.Outgoing) error {
			return c.Replace(func(c *app.Call, _ *app.Outgoing) error {
				_, _ = io.WriteString(c.Writer(), strings.Repeat("new ", 1000))
				return errBroken
			})
		})), answering(func(c *app.Call) error {
			if failed {
				return errBroken
			}
			return c.RespondText("old")
		}))
		assert.True(t, cuts(a, "/"), name)
	}
}

// TestReplaceTheAnswerToAnError: it may come past a writer that was sealed.
func TestReplaceTheAnswerToAnError(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]app.Handler{
		"text":   text("new"),
		"reader": func(c *app.Call) error { return c.Respond(strings.NewReader("new")) },
		"writer": func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "new"); return err },
	} {
		a := start(t, using(wrappingWriter), onAfter(once(func(c *app.Call, _ *app.Outgoing) error {
			return c.Replace(func(c *app.Call, _ *app.Outgoing) error { return answer(c) })
		})), answering(func(c *app.Call) error {
			_, _ = io.WriteString(c.Writer(), "begun")
			return errBroken
		}))
		response := get(t, a, "/")
		assert.Equal(t, 500, response.StatusCode, name)
		assert.Equal(t, "new", body(t, response), name)
	}
}

// TestReplaceNeedsAResponseThatIsBeingCommitted: there is nothing to replace
// where nothing is being committed.
func TestReplaceNeedsAResponseThatIsBeingCommitted(t *testing.T) {
	t.Parallel()
	replace := func(c *app.Call) error {
		err := c.Replace(func(*app.Call, *app.Outgoing) error { return errors.New("it was called") })
		assert.ErrorContains(t, err, "none is being committed")
		return nil
	}
	a := start(t, answering(func(c *app.Call) error {
		require.NoError(t, replace(c))
		require.NoError(t, c.RespondText("answer"))
		require.NoError(t, replace(c))
		require.NoError(t, http.NewResponseController(c.Writer()).Flush())
		return replace(c)
	}), onAfter(func(c *app.Call, _ *app.Outgoing) error {
		return c.Replace(func(c *app.Call, _ *app.Outgoing) error { return replace(c) })
	}))
	assert.Equal(t, "answer", body(t, get(t, a, "/")))
}

// TestReplaceRunsOnceForEachHook: hooks that always have something better to
// say each say it once.
func TestReplaceRunsOnceForEachHook(t *testing.T) {
	t.Parallel()
	better := func(name string) app.Module {
		return onAfter(func(c *app.Call, _ *app.Outgoing) error {
			return c.Replace(func(c *app.Call, old *app.Outgoing) error {
				text, _ := old.Bytes()
				return c.RespondText(string(text) + name)
			})
		})
	}
	a := start(t, better("a"), better("b"), better("c"), answering(text("0")))
	assert.Equal(t, "0abc", body(t, get(t, a, "/")))
}

// TestReplaceMayBeTriedAgain: a hook that was left without a response may try
// again.
func TestReplaceMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	a := start(t, onAfter(func(c *app.Call, _ *app.Outgoing) error {
		if err := c.Replace(func(*app.Call, *app.Outgoing) error { return nil }); err != nil {
			return err
		}
		return c.Replace(func(c *app.Call, _ *app.Outgoing) error { return c.RespondText("new") })
	}), answering(text("old")))
	assert.Equal(t, "new", body(t, get(t, a, "/")))
}

// TestReplaceAnswersHead: the length is that of the new body.
func TestReplaceAnswersHead(t *testing.T) {
	t.Parallel()
	a := start(t, onAfter(once(func(c *app.Call, _ *app.Outgoing) error {
		return c.Replace(func(c *app.Call, _ *app.Outgoing) error { return c.RespondText("new answer") })
	})), answering(text("old")))
	response := do(t, a, httptest.NewRequest(http.MethodHead, "/", nil))
	assert.Equal(t, "10", response.Header.Get("Content-Length"))
	assert.Empty(t, body(t, response))
}

// TestReplaceThatFailsIsAnsweredByAnyMeans: what a call-failed hook answers
// with is not taken for a rest of the response that was to be replaced.
func TestReplaceThatFailsIsAnsweredByAnyMeans(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]app.Handler{
		"text":   text("sorry"),
		"reader": func(c *app.Call) error { return c.Respond(strings.NewReader("sorry")) },
		"writer": writes("sorry"),
	} {
		a := start(t, func(a *app.Application) {
			a.Install(app.NewPlugin("Sorry", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
				b.OnCallFailed(func(c *app.Call, _ error) error { return answer(c) })
				return nil
			}))
		}, onAfter(once(func(c *app.Call, _ *app.Outgoing) error {
			return c.Replace(func(*app.Call, *app.Outgoing) error { return errBroken })
		})), answering(text("old")))
		assert.Equal(t, "sorry", body(t, get(t, a, "/")), name)
	}
}

// TestReplaceLeavesAHijackedConnectionAlone: there is nothing left to replace.
func TestReplaceLeavesAHijackedConnectionAlone(t *testing.T) {
	t.Parallel()
	a := start(t, onAfter(func(c *app.Call, _ *app.Outgoing) error {
		_, _, err := http.NewResponseController(c.Writer()).Hijack()
		require.NoError(t, err)
		err = c.Replace(func(c *app.Call, _ *app.Outgoing) error { return c.RespondText("new") })
		assert.ErrorContains(t, err, "none is being committed")
		return nil
	}), answering(text("old")))
	recorder := &hijackRecorder{ResponseRecorder: httptest.NewRecorder()}
	a.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Empty(t, recorder.Body.String())
}

// TestReplaceDoesNotSaveAConnectionThatIsToBeCut: somebody has asked for it
// before the answer came that is replaced.
func TestReplaceDoesNotSaveAConnectionThatIsToBeCut(t *testing.T) {
	t.Parallel()
	a := start(t, using(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			_, _ = w.Write(make([]byte, 1000))
			panic(errBroken)
		})
	}), onAfter(func(c *app.Call, _ *app.Outgoing) error {
		return c.Replace(func(c *app.Call, _ *app.Outgoing) error { return c.RespondText("new") })
	}), answering(func(*app.Call) error { return http.ErrAbortHandler }))
	assert.True(t, cuts(a, "/"))
}
