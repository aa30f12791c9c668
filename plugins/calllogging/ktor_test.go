package calllogging_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/callid"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// These are Ktor's CallLoggingTest. Its test of colours has nothing to test
// here, the one of static content waits for that, and TerminalTest is about the
// terminals of the JVM.

// CallLoggingTest, "can log an unhandled get request".
func TestCanLogAnUnhandledGetRequest(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{install(unchanged)}, mode)
		assert.Equal(t, http.StatusNotFound, host.Get("/").StatusCode)
		assertCalls(t, &log, `status=404 method=GET path=/ route="" bytes=0 duration=0s end=answered`)
	})
}

// CallLoggingTest, "can log a successful get request".
func TestCanLogASuccessfulGetRequest(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{install(unchanged), func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error { return c.RespondStatus(http.StatusOK) })
			})
		}}, mode)
		host.Get("/")
		assertCalls(t, &log, `status=200 method=GET path=/ route=/ bytes=0 duration=0s end=answered`)
	})
}

// CallLoggingTest, "can customize message format".
func TestCanCustomizeMessageFormat(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.Format = func(c *app.Call) string {
					return fmt.Sprintf("%s -> %d, took %dms", c.Request.URL, c.Status(), calllogging.ProcessingTime(c).Milliseconds())
				}
			}),
			answering(textAfter(3*time.Millisecond, "OK")),
		}, mode)
		host.Get("/uri-123")
		synctest.Wait()
		assert.Len(t, log.lines(`level=INFO msg="/uri-123 -> 200, took 3ms"`), 1)
	})
}

// CallLoggingTest, "logs request processing time".
func TestLogsRequestProcessingTime(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(unchanged),
			answering(textAfter(100*time.Millisecond, "OK")),
		}, mode)
		host.Get("/")
		assertCalls(t, &log, `status=200 method=GET path=/ route="" bytes=2 duration=100ms end=answered`)
	})
}

// CallLoggingTest, "can filter calls to log".
func TestCanFilterCallsToLog(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{install(func(c *calllogging.Config) {
			c.Filter(func(c *app.Call) bool { return !strings.Contains(c.Request.URL.Path, "avoid") })
		})}, mode)
		host.Get("/")
		host.Get("/avoid")
		assertCalls(t, &log, `status=404 method=GET path=/ route="" bytes=0 duration=0s end=answered`)
	})
}

// CallLoggingTest, "can change log level".
func TestCanChangeLogLevel(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) { c.Level = slog.LevelDebug }), answering(text("OK")),
		}, mode)
		host.Get("/")
		synctest.Wait()
		assert.Equal(t, []string{`level=DEBUG msg="the call ended" status=200 method=GET path=/ route="" bytes=2 duration=0s end=answered`}, log.calls())
	})
}

// CallLoggingTest, "can fill MDC after call".
func TestCanFillMDCAfterCall(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.MDC("mdc-uri", path)
				c.MDC("mdc-status", func(c *app.Call) (string, bool) { return strconv.Itoa(c.Status()), c.Status() != 0 })
			}),
			answering(func(c *app.Call) error {
				calllogging.Logger(c).Info("test message")
				return c.RespondText("OK")
			}),
		}, mode)
		host.Get("/uri1")
		synctest.Wait()
		assert.Equal(t, []string{`level=INFO msg="test message" mdc-uri=/uri1`}, log.lines("test message"))
		assertCalls(t, &log, `status=200 method=GET path=/uri1 route="" bytes=2 duration=0s end=answered mdc-uri=/uri1 mdc-status=200`)
	})
}

// CallLoggingTest, "reuses provider value".
func TestReusesProviderValue(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		counter := 0
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.MDC("mdc-test", func(*app.Call) (string, bool) { counter++; return strconv.Itoa(counter), true })
			}),
			answering(func(c *app.Call) error {
				calllogging.Logger(c).Info("test1")
				calllogging.Logger(c).Info("test2")
				return c.RespondText("OK")
			}),
		}, mode)
		for i := range 2 {
			host.Get("/uri1")
			synctest.Wait()
			assert.Len(t, log.lines("mdc-test="+strconv.Itoa(i+1)), 3, "two messages and the line")
		}
	})
}

// A value stays, also while another entry has none and is asked again.
func TestKnownValueIsNotAskedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		asked := 0
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.MDC("known", func(*app.Call) (string, bool) { asked++; return strconv.Itoa(asked), true })
				c.MDC("unknown", func(*app.Call) (string, bool) { return "", false })
			}),
			answering(text("OK")),
		}, mode)
		host.Get("/")
		synctest.Wait()
		assert.Len(t, log.lines("end=answered known=1"), 1)
		assert.Equal(t, 1, asked)
	})
}

// CallLoggingTest, "can fill MDC before routing".
func TestCanFillMDCBeforeRouting(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		plugin := app.NewPlugin("TestPlugin", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
			b.OnCall(func(c *app.Call) error { c.Header().Set("Test-Header", "test-value"); return nil })
			return nil
		})
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.MDC("mdc-test-header", func(c *app.Call) (string, bool) {
					value := c.Header().Get("Test-Header")
					return value, value != ""
				})
				c.MDC("mdc-status", func(c *app.Call) (string, bool) { return strconv.Itoa(c.Status()), c.Status() != 0 })
			}),
			func(a *app.Application) {
				a.Install(plugin)
				routing.Routes(a, func(r *routing.Route) {
					r.Get("/*", func(c *app.Call) error {
						slog.New(calllogging.NewHandler(log.handler())).InfoContext(c.Context(), "test message")
						return c.RespondText("OK")
					})
				})
			},
		}, mode)
		host.Get("/uri1")
		synctest.Wait()
		assert.Equal(t, []string{`level=INFO msg="test message" mdc-test-header=test-value`}, log.lines("test message"))
		assert.Len(t, log.lines("end=answered mdc-test-header=test-value mdc-status=200"), 1)
	})
}

// CallLoggingTest, "can fill MDC and survive context switch" and "can fill MDC
// and survive context switch in IOCoroutineDispatcher": here another goroutine.
func TestCanFillMDCAndSurviveContextSwitch(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		counter := 0
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.MDC("mdc-uri", path)
				c.MDC("mdc-call-id", callid.Get)
			}),
			func(a *app.Application) {
				a.Install(callid.Plugin.With(func(c *callid.Config) {
					c.Generate(func(*app.Call) string { counter++; return "generated-call-id-" + strconv.Itoa(counter) })
				}))
			},
			answering(func(c *app.Call) error {
				ctx, done := c.Context(), make(chan struct{})
				go func() {
					defer close(done)
					slog.New(calllogging.NewHandler(log.handler())).InfoContext(ctx, "test message")
				}()
				<-done
				return c.RespondText("OK")
			}),
		}, mode)
		host.Get("/uri1")
		synctest.Wait()
		assert.Equal(t, []string{`level=INFO msg="test message" mdc-uri=/uri1 mdc-call-id=generated-call-id-1`}, log.lines("test message"))
		assertCalls(t, &log, `status=200 method=GET path=/uri1 route="" bytes=2 duration=0s end=answered mdc-uri=/uri1 mdc-call-id=generated-call-id-1`)
	})
}

// CallLoggingTest, "can configure custom logger".
func TestCanConfigureCustomLogger(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log, custom logbook
		host := start(t, &log, []app.Module{install(func(c *calllogging.Config) { c.Logger = slog.New(custom.handler()) })}, mode)
		host.Get("/")
		assertCalls(t, &custom, `status=404 method=GET path=/ route="" bytes=0 duration=0s end=answered`)
		assert.Empty(t, log.calls())
	})
}

// CallLoggingTest, "mdc exception does not crash request".
func TestMDCExceptionDoesNotCrashRequest(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		failed := 0
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.MDC("bar", func(*app.Call) (string, bool) { failed++; panic("no bar") })
				c.MDC("foo", func(*app.Call) (string, bool) { return "Hello", true })
			}),
			answering(text("OK")),
		}, mode)
		assert.Equal(t, 0, failed)
		for _, times := range []int{3, 6} {
			assert.Equal(t, "OK", apptest.Text(t, host.Get("/")))
			synctest.Wait()
			assert.Equal(t, times, failed)
		}
		assert.Len(t, log.lines("end=answered foo=Hello"), 2)
		assert.Equal(t, []string{`level=ERROR msg="an MDC provider panicked; logged once" name=bar error="panic: no bar"`}, log.lines("panic"))
	})
}

// CallLoggingTest, logsErrorWithMdc.
func TestLogsErrorWithMDC(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) { c.MDC("CallId", callid.Get) }),
			func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					r.Get("/error", func(*app.Call) error { return errors.New("unexpected") })
				})
			},
		}, mode)
		assert.Equal(t, http.StatusInternalServerError, host.Get("/error").StatusCode)
		assertCalls(t, &log, `status=500 method=GET path=/error route=/error bytes=21 duration=0s end=failed error=unexpected`)
	})
}

// CallLoggingTest, logErrorMessage.
func TestLogErrorMessage(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(unchanged),
			answering(func(*app.Call) error { return app.NewError(http.StatusBadRequest, "message of the error") }),
		}, mode)
		assert.Equal(t, http.StatusBadRequest, host.Get("/").StatusCode)
		assertCalls(t, &log, `status=400 method=GET path=/ route="" bytes=20 duration=0s end=failed error="400 message of the error"`)
		assert.Len(t, log.lines("level=DEBUG", `msg="the call failed"`, `error="400 message of the error"`), 1)
	})
}

// CallLoggingTest, "dont override MDC with configured entry": what a handler
// adds to its own logger stays its own.
func TestDontOverrideMDCWithConfiguredEntry(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.MDC("hardcoded", func(*app.Call) (string, bool) { return "1", true })
			}),
			answering(func(c *app.Call) error {
				calllogging.Logger(c).With("name", "<name>").Info("test message")
				return c.RespondText("OK")
			}),
		}, mode)
		host.Get("/")
		synctest.Wait()
		assert.Equal(t, []string{`level=INFO msg="test message" hardcoded=1 name=<name>`}, log.lines("test message"))
		assertCalls(t, &log, `status=200 method=GET path=/ route="" bytes=2 duration=0s end=answered hardcoded=1`)
	})
}

// CallLoggingTest, "will setup mdc provider and use in status pages plugin".
func TestWillSetupMDCProviderAndUseInStatusPagesPlugin(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) { c.MDC("mdc-uri", path) }),
			func(a *app.Application) {
				a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
					statuspages.Exception(c, func(call *app.Call, _ error) error {
						calllogging.Logger(call).Info("test message")
						return call.RespondText("OK")
					})
				}))
			},
			answering(func(*app.Call) error { return errors.New("the handler failed") }),
		}, mode)
		assert.Equal(t, "OK", apptest.Text(t, host.Get("/uri1")))
		synctest.Wait()
		assert.Equal(t, []string{`level=INFO msg="test message" mdc-uri=/uri1`}, log.lines("test message"))
		assertCalls(t, &log, `status=200 method=GET path=/uri1 route="" bytes=2 duration=0s end=failed error="the handler failed" mdc-uri=/uri1`)
	})
}

// CallLoggingTest, "no double logging when with Status Pages".
func TestNoDoubleLoggingWhenWithStatusPages(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(unchanged),
			func(a *app.Application) {
				a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
					c.Status(http.StatusBadRequest, func(call *app.Call, _ int) error {
						call.SetStatus(http.StatusOK)
						return call.RespondText("From StatusPages")
					})
				}))
			},
			answering(func(c *app.Call) error { return c.RespondStatus(http.StatusBadRequest) }),
		}, mode)
		response := host.Get("/")
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "From StatusPages", apptest.Text(t, response))
		assertCalls(t, &log, `status=200 method=GET path=/ route="" bytes=16 duration=0s end=answered`)
	})
}

// path is an MDC provider.
func path(c *app.Call) (string, bool) { return c.Request.URL.Path, true }
