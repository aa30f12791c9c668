package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

func TestKtorSustainabilityTestSuite(t *testing.T) {
	big := make([]byte, 8<<20)
	for i := range big {
		big[i] = byte(i * i >> 7)
	}
	concurrently := func(t *testing.T, host *apptest.Host, count int, want func(i int) string) {
		var clients sync.WaitGroup
		for i := range count {
			clients.Go(func() {
				response, err := host.Client().Get(fmt.Sprintf("%s/%d", host.URL, i))
				if assert.NoError(t, err) {
					data, err := io.ReadAll(response.Body)
					assert.NoError(t, errors.Join(err, response.Body.Close()))
					assert.Equal(t, want(i), string(data))
				}
			})
		}
		clients.Wait()
	}
	runKtor(t, map[string]ktorCase{
		"testRepeatRequest": {answering(func(c *app.Call) error { return c.RespondText("OK " + c.QueryParam("i")) }), func(t *testing.T, host *apptest.Host) {
			for i := range 100 {
				expect(t, host.Get("/?i="+strconv.Itoa(i)), http.StatusOK, "OK "+strconv.Itoa(i))
			}
		}},
		"testBlockingConcurrency": {routed(func(r *routing.Route) {
			r.Get("/{index}", func(c *app.Call) error { return writing(true, "OK", ":"+c.PathParam("index")+"\n")(c) })
		}), func(t *testing.T, host *apptest.Host) {
			concurrently(t, host, 100, func(i int) string { return fmt.Sprintf("OK:%d\n", i) })
		}},
		"testBlockingDeadlock": {answering(func(c *app.Call) error {
			time.Sleep(time.Second)
			return c.RespondText("Deadlock ?")
		}), func(t *testing.T, host *apptest.Host) {
			began := time.Now()
			concurrently(t, host, 80, func(int) string { return "Deadlock ?" })
			assert.Equal(t, time.Second, time.Since(began), "nobody waits for anybody else")
		}},
		"testBigFile": {answering(func(c *app.Call) error {
			return c.RespondFile(fstest.MapFS{"large-file.dat": {Data: big}}, "large-file.dat")
		}), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/file")
			assert.Equal(t, int64(len(big)), response.ContentLength)
			sum := crc32.NewIEEE()
			size, err := io.Copy(sum, response.Body)
			require.NoError(t, err)
			assert.Equal(t, int64(len(big)), size)
			assert.Equal(t, crc32.ChecksumIEEE(big), sum.Sum32())
		}},
		"testRespondBlockingLarge": {answering(func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/plain")
			for range 10000 {
				if _, err := io.WriteString(c.Writer(), "large string "); err != nil {
					return err
				}
			}
			return nil
		}), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/blocking/large")
			assert.Equal(t, "text/plain", response.Header.Get("Content-Type"))
			assert.Len(t, apptest.Text(t, response), 130000)
		}},
		"testHeaderIsTooLong": {answering(text("Hello, world!")), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Get("/", apptest.Header("MyLongHeader", strings.Repeat("Abc", 10000))), http.StatusOK, "Hello, world!")
		}},
	})
}

// TestKtorSustainabilityTestSuite_wire: what is wrong with a request is found
// before it is a call.
func TestKtorSustainabilityTestSuite_wire(t *testing.T) {
	calls := func(c *app.Call) error { return c.RespondText("We should NOT receive any content") }
	form := "POST / HTTP/1.1\r\nHost:localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1\r\n"
	cases := map[string]ktorCase{}
	for name, request := range map[string]string{
		"testChunkedWithVSpace": form + "Transfer-Encoding:\vchunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n",
		"testChunkedIsNotFinal": form + "Transfer-Encoding: chunked, smuggle\r\n\r\n3\r\na=1\r\n0\r\n\r\n",
		"testDoubleHost":        "GET / HTTP/1.1\r\nHost: www.example.com\r\nHost: www.example2.com\r\n\r\n",
	} {
		cases[name] = ktorCase{answering(calls), func(t *testing.T, host *apptest.Host) {
			answer := raw(t, host, request)
			assert.Regexp(t, "^HTTP/1.1 (400|501)", answer)
			assert.NotContains(t, answer, "NOT")
		}}
	}
	cases["testIgnorePostContent"] = ktorCase{answering(text("OK")), func(t *testing.T, host *apptest.Host) {
		const requests = 10
		sent := "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 65536\r\n\r\n" + strings.Repeat("X", 65536)
		last := "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
		conn := host.Dial()
		var writer sync.WaitGroup
		writer.Go(func() {
			_, err := io.WriteString(conn, strings.Repeat(sent, requests)+last)
			assert.NoError(t, err)
		})
		answers, err := io.ReadAll(conn)
		require.NoError(t, err)
		writer.Wait()
		assert.Equal(t, requests+1, strings.Count(string(answers), "HTTP/1.1 200 OK"), "the bodies are skipped and the connection goes on")
	}}
	failed := make(chan error, 1)
	cases["testBodySmallerThanContentLength"] = ktorCase{answering(func(c *app.Call) error {
		_, err := c.ReceiveBytes()
		failed <- err
		return c.RespondText("OK")
	}), func(t *testing.T, host *apptest.Host) {
		failed = make(chan error, 1)
		conn := host.Dial()
		_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Type: text/plain\r\nConnection: close\r\nHost: localhost\r\n\r\nABC")
		require.NoError(t, errors.Join(err, conn.Close()))
		assert.ErrorIs(t, <-failed, io.ErrUnexpectedEOF)
	}}
	runKtor(t, cases)
}

// TestKtorSustainabilityTestSuite_testChunkedWrongLength: a body that has not
// the length that was declared for it.
func TestKtorSustainabilityTestSuite_testChunkedWrongLength(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<10)
	cases := map[string]ktorCase{}
	for name, length := range map[string]int{"less": len(data) * 2, "more": len(data) / 2} {
		for way, respond := range map[string]app.Handler{
			"read":  func(c *app.Call) error { return c.Respond(bytes.NewReader(data)) },
			"write": writing(false, string(data)),
		} {
			cases[way+"-"+name] = ktorCase{answering(func(c *app.Call) error {
				c.Header().Set("Content-Length", strconv.Itoa(length))
				return respond(c)
			}), func(t *testing.T, host *apptest.Host) {
				response, err := host.Client().Get(host.URL)
				if err == nil {
					_, err = io.ReadAll(response.Body)
					assert.NoError(t, response.Body.Close())
				}
				assert.Error(t, err)
			}}
		}
	}
	runKtor(t, cases)
}

// TestKtorSustainabilityTestSuite_errors: an error from anywhere is 500 and one
// entry of the log.
func TestKtorSustainabilityTestSuite_errors(t *testing.T) {
	t.Parallel()
	once := func() app.SendHook { // the response to the error is a response, too
		failed := false
		return func(*app.Call, *app.Outgoing) error {
			if failed {
				return nil
			}
			failed = true
			return errBroken
		}
	}
	success := routed(func(r *routing.Route) { r.Post("/", echoing[string]) })
	cases := map[string]app.Module{
		"testLoggerOnError": routed(func(r *routing.Route) { r.Post("/", func(*app.Call) error { return errBroken }) }),
		"testLoggerOnError respondWrite": routed(func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				// In Ktor: 200.
				return c.Respond(app.Stream(func(http.ResponseWriter) error { return errBroken }))
			})
		}),
		"testOnCallRespondException": func(a *app.Application) {
			success(a)
			hook := once()
			a.Install(app.NewPlugin("MyPlugin", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
				b.OnCallRespond(hook)
				return nil
			}))
		},
	}
	for phase := app.PhaseSetup; phase <= app.PhaseCall; phase++ {
		cases[fmt.Sprint("testErrorInApplicationCallPipelineInterceptor ", phase)] = func(a *app.Application) {
			success(a)
			a.Intercept(phase, func(app.Handler) app.Handler { return func(*app.Call) error { return errBroken } })
		}
	}
	for step := app.ReceiveBefore; step <= app.ReceiveAfter; step++ {
		cases[fmt.Sprint("testErrorInApplicationReceivePipelineInterceptor ", int(step))] = func(a *app.Application) {
			success(a)
			a.InterceptReceive(step, func(*app.Call, *app.Incoming) error { return errBroken })
		}
	}
	for step := app.SendTransform; step <= app.SendAfter; step++ {
		cases[fmt.Sprint("testErrorInApplicationSendPipelineInterceptor ", int(step))] = func(a *app.Application) {
			success(a)
			a.InterceptSend(step, once())
		}
	}
	for name, module := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logs := &logbook{}
			response := post(t, start(t, logs.module, module), "body")
			assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
			assert.Equal(t, "Internal Server Error", body(t, response))
			require.Len(t, logs.at(slog.LevelError), 1)
			assert.Contains(t, logs.at(slog.LevelError)[0].attributes["error"], errBroken.Error())
		})
	}
}

// TestKtorSustainabilityTestSuite_work: what a call and an application have
// started ends with them.
func TestKtorSustainabilityTestSuite_work(t *testing.T) {
	t.Parallel()
	t.Run("validateCallCoroutineContext", func(t *testing.T) {
		apptest.Run(t, func(t *testing.T, mode apptest.Option) {
			synctest.Test(t, func(t *testing.T) {
				// What descends from the application's context ends with it,
				// and for the same reason.
				causes := make(chan map[string]error, 1)
				host := apptest.Start(t, answering(func(c *app.Call) error {
					contexts := map[string]context.Context{
						"application": c.Application().Context(), "call": c.Context(), "request": c.Request.Context(),
					}
					for name, ctx := range contexts {
						assert.NoError(t, ctx.Err(), name)
					}
					_ = flushedText(c, "begun")
					<-c.Context().Done()
					found, _ := app.CallFrom(c.Context())
					assert.Same(t, c, found, "the context is still this call's")
					ended := map[string]error{}
					for name, ctx := range contexts {
						ended[name] = context.Cause(ctx)
					}
					causes <- ended
					return c.Context().Err()
				}), mode)
				host.Get("/")
				synctest.Wait()
				assert.Empty(t, causes, "the application has not ended")
				host.Stop()
				stopping := map[string]error{"application": app.ErrStopping, "call": app.ErrStopping, "request": app.ErrStopping}
				assert.Equal(t, stopping, <-causes)
			})
		})
	})
	t.Run("testJobsAreCancelledOnShutdown", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var seen journal
			waitForever := func(name string) func(context.Context) error {
				return func(ctx context.Context) error {
					seen.add(name)
					<-ctx.Done()
					seen.add(name + " " + context.Cause(ctx).Error())
					return ctx.Err()
				}
			}
			host := apptest.Start(t, func(a *app.Application) {
				a.Go(waitForever("application job"))
				routing.Routes(a, func(r *routing.Route) {
					r.Get("/launch-job", func(c *app.Call) error {
						c.Go(waitForever("call job"))
						if err := flushedText(c, "Job launched"); err != nil {
							return err
						}
						<-c.Context().Done() // Ktor's call ends without waiting for its job
						return nil
					})
				})
			})
			response := host.Get("/launch-job")
			launched := make([]byte, len("Job launched"))
			_, err := io.ReadFull(response.Body, launched)
			require.NoError(t, err)
			synctest.Wait()
			assert.Equal(t, []string{"application job", "call job"}, seen.all())
			host.Stop()
			assert.ElementsMatch(t, []string{
				"application job", "call job", "application job application is stopping", "call job application is stopping",
			}, seen.all())
		})
	})
}
