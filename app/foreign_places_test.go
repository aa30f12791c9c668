package app_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
)

// A foreign place is one where code of the application runs.
type foreignPlace struct {
	name string
	// module has end run there, for each call to /.
	module func(end func() error) app.Module
	// What the client gets.
	want string
	// silent says that code there returns nothing, or nothing that is an error.
	silent bool
	// goexit is what the client gets if the goroutine ends, where it is not
	// want: net/http ends no body for such a goroutine.
	goexit string
}

const (
	is500 = `500 21 bytes`
	isCut = `200 "begun", cut`
	isOK  = `200 "fine"`
	exits = "ends its goroutine"
)

// foreignPlaces are the places, in the order in which a call comes by them.
func foreignPlaces() []foreignPlace {
	fine := text("fine")
	handled := func(handler func(c *app.Call, end func() error) error) func(func() error) app.Module {
		return func(end func() error) app.Module {
			return answering(func(c *app.Call) error { return handler(c, end) })
		}
	}
	beside := func(attach func(a *app.Application, end func() error)) func(func() error) app.Module {
		return func(end func() error) app.Module {
			return func(a *app.Application) {
				attach(a, end)
				answering(fine)(a)
			}
		}
	}
	around := func(middleware func(w http.ResponseWriter, r *http.Request, next http.Handler, end func() error)) func(func() error) app.Module {
		return beside(func(a *app.Application, end func() error) {
			a.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { middleware(w, r, next, end) })
			})
		})
	}
	intercepting := func(phase app.Phase) func(func() error) app.Module {
		return beside(func(a *app.Application, end func() error) {
			a.Intercept(phase, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					if err := end(); err != nil {
						return err
					}
					return next(c)
				}
			})
		})
	}
	sending := func(step app.SendStep) func(func() error) app.Module {
		return beside(func(a *app.Application, end func() error) {
			a.InterceptSend(step, func(*app.Call, *app.Outgoing) error { return end() })
		})
	}
	receiving := func(step app.ReceiveStep) func(func() error) app.Module {
		return func(end func() error) app.Module {
			return func(a *app.Application) {
				a.InterceptReceive(step, func(*app.Call, *app.Incoming) error { return end() })
				answering(func(c *app.Call) error {
					if _, err := c.ReceiveText(); err != nil {
						return err
					}
					return fine(c)
				})(a)
			}
		}
	}
	hooking := func(attach func(b *app.PluginBuilder[struct{}], end func() error), handler app.Handler) func(func() error) app.Module {
		return func(end func() error) app.Module {
			return func(a *app.Application) {
				a.Install(hooked("Hooks", func(b *app.PluginBuilder[struct{}]) { attach(b, end) }))
				answering(handler)(a)
			}
		}
	}
	wrapping := func(at string, handler app.Handler) func(func() error) app.Module {
		return hooking(func(b *app.PluginBuilder[struct{}], end func() error) {
			b.OnBodyReady(func(_ *app.Call, out *app.Outgoing) error {
				out.Wrap(func(w io.Writer) app.BodyWriter {
					if at == "Wrap" {
						_ = end()
					}
					return badWrap{w, at, end}
				})
				return nil
			})
		}, handler)
	}
	reading := func(at string, typed bool) func(func() error) app.Module {
		return hooking(func(b *app.PluginBuilder[struct{}], end func() error) {
			b.OnBodyReady(func(_ *app.Call, out *app.Outgoing) error {
				out.SetReader(&badReader{strings.NewReader("fine"), at, end}, -1)
				if !typed {
					out.Header.Del("Content-Type")
				}
				return nil
			})
		}, fine)
	}
	begun := func(c *app.Call, end func() error) error {
		if err := errors.Join(writes("begun")(c), flushing(c)); err != nil {
			return err
		}
		return end()
	}
	listening := func(event *app.Event[*app.Call]) func(func() error) app.Module {
		return func(end func() error) app.Module {
			return func(a *app.Application) {
				event.Subscribe(a, func(*app.Call) { _ = end() })
				routes(a, func(root *branch) { root.handle("", fine) })
			}
		}
	}
	return []foreignPlace{
		{name: "interceptor of Setup", module: intercepting(app.PhaseSetup), want: is500},
		{name: "interceptor of Monitoring", module: intercepting(app.PhaseMonitoring), want: is500},
		{name: "interceptor of Plugins", module: intercepting(app.PhasePlugins), want: is500},
		{name: "interceptor of Call", module: intercepting(app.PhaseCall), want: is500},
		{name: "OnCall", module: hooking(func(b *app.PluginBuilder[struct{}], end func() error) {
			b.OnCall(func(*app.Call) error { return end() })
		}, fine), want: is500},
		{name: "interceptor of Fallback", module: func(end func() error) app.Module {
			return func(a *app.Application) {
				a.Intercept(app.PhaseFallback, func(app.Handler) app.Handler {
					return func(c *app.Call) error {
						if err := end(); err != nil {
							return err
						}
						return fine(c)
					}
				})
			}
		}, want: is500},
		{name: "middleware before the rest", module: around(func(w http.ResponseWriter, r *http.Request, next http.Handler, end func() error) {
			if err := end(); err != nil {
				panic(err)
			}
			next.ServeHTTP(w, r)
		}), want: is500},
		{name: "middleware after the rest", module: around(func(w http.ResponseWriter, r *http.Request, next http.Handler, end func() error) {
			next.ServeHTTP(w, r)
			if err := end(); err != nil {
				panic(err)
			}
		}), want: is500},
		{name: "listener of RoutingCallStarted", module: listening(app.RoutingCallStarted), want: isOK, silent: true, goexit: is500},
		{name: "listener of RoutingCallFinished", module: listening(app.RoutingCallFinished), want: isOK, silent: true, goexit: is500},
		{name: "ReceiveBefore", module: receiving(app.ReceiveBefore), want: is500},
		{name: "ReceiveTransform", module: receiving(app.ReceiveTransform), want: is500},
		{name: "ReceiveAfter", module: receiving(app.ReceiveAfter), want: is500},
		{name: "handler", module: handled(func(c *app.Call, end func() error) error {
			if err := end(); err != nil {
				return err
			}
			return fine(c)
		}), want: is500},
		{name: "handler that has responded", module: handled(func(c *app.Call, end func() error) error {
			return errors.Join(fine(c), end())
		}), want: is500},
		{name: "handler that has begun", module: handled(begun), want: isCut},
		{name: "handler inside a middleware's writer", module: func(end func() error) app.Module {
			return func(a *app.Application) {
				a.Use(wrappingWriter)
				answering(func(c *app.Call) error {
					if err := end(); err != nil {
						return err
					}
					return fine(c)
				})(a)
			}
		}, want: is500},
		{name: "handler on a goroutine of a middleware", module: func(end func() error) app.Module {
			return func(a *app.Application) {
				a.Use(elsewhere(func(w http.ResponseWriter) http.ResponseWriter { return w }))
				answering(func(c *app.Call) error { return errors.Join(end(), fine(c)) })(a)
			}
		}, want: is500},
		{name: "handler in a fork", module: func(end func() error) app.Module {
			return func(a *app.Application) {
				a.Use(elsewhere(func(w http.ResponseWriter) http.ResponseWriter { return struct{ http.ResponseWriter }{w} }))
				answering(func(c *app.Call) error { return errors.Join(end(), fine(c)) })(a)
			}
		}, want: is500},
		{name: "handler in a fork that has begun", module: func(end func() error) app.Module {
			return func(a *app.Application) {
				a.Use(elsewhere(func(w http.ResponseWriter) http.ResponseWriter { return struct{ http.ResponseWriter }{w} }))
				answering(func(c *app.Call) error {
					if err := writes("begun" + strings.Repeat(" ", 600))(c); err != nil {
						return err
					}
					return end()
				})(a)
			}
		}, want: `no response`},
		{name: "handler behind http.TimeoutHandler", module: func(end func() error) app.Module {
			return func(a *app.Application) {
				a.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Second, "late") })
				answering(func(c *app.Call) error { return errors.Join(end(), fine(c)) })(a)
			}
		}, want: is500, goexit: `503 "late"`},
		{name: "mounted handler", module: func(end func() error) app.Module {
			return answering(app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if err := end(); err != nil {
					panic(err)
				}
				_, _ = io.WriteString(w, "fine")
			})))
		}, want: is500},
		{name: "Read of a reader", module: handled(func(c *app.Call, end func() error) error {
			return c.Respond(&badReader{strings.NewReader("fine"), "Read", end})
		}), want: is500},
		{name: "Close of a reader", module: handled(func(c *app.Call, end func() error) error {
			return c.Respond(&badReader{strings.NewReader("fine"), "Close", end})
		}), want: is500, silent: true},
		{name: "Stream", module: handled(func(c *app.Call, end func() error) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				if err := end(); err != nil {
					return err
				}
				_, err := io.WriteString(w, "fine")
				return err
			}))
		}), want: is500},
		{name: "OnCallRespond", module: hooking(func(b *app.PluginBuilder[struct{}], end func() error) {
			b.OnCallRespond(func(*app.Call, *app.Outgoing) error { return end() })
		}, fine), want: is500},
		{name: "OnCallRespond of a call that nobody answers", module: hooking(func(b *app.PluginBuilder[struct{}], end func() error) {
			b.OnCallRespond(func(_ *app.Call, out *app.Outgoing) error {
				if out.Status != http.StatusNotFound {
					return nil
				}
				return end()
			})
		}, func(*app.Call) error { return nil }), want: is500},
		{name: "SendRender", module: sending(app.SendRender), want: is500},
		{name: "c.Go", module: handled(func(c *app.Call, end func() error) error {
			c.Go(func(context.Context) error { return end() })
			return fine(c)
		}), want: is500},
		{name: "c.Go when the handlers have returned", module: handled(func(c *app.Call, end func() error) error {
			c.Go(func(ctx context.Context) error { <-ctx.Done(); return end() })
			return fine(c)
		}), want: is500},
		{name: "OnCallFailed", module: hooking(func(b *app.PluginBuilder[struct{}], end func() error) {
			b.OnCallFailed(func(c *app.Call, _ error) error {
				if err := end(); err != nil {
					return err
				}
				c.SetStatus(http.StatusOK)
				return fine(c)
			})
		}, teapot), want: is500},
		{name: "SendContentEncoding", module: sending(app.SendContentEncoding), want: is500},
		{name: "SendTransferEncoding", module: sending(app.SendTransferEncoding), want: is500},
		{name: "SendAfter", module: sending(app.SendAfter), want: is500},
		{name: "SendAfter at a flush", module: func(end func() error) app.Module {
			return func(a *app.Application) {
				a.InterceptSend(app.SendAfter, func(*app.Call, *app.Outgoing) error { return end() })
				answering(func(c *app.Call) error { return errors.Join(writes("fine")(c), flushing(c)) })(a)
			}
		}, want: is500},
		{name: "Replace", module: hooking(func(b *app.PluginBuilder[struct{}], end func() error) {
			b.OnBodyReady(func(c *app.Call, _ *app.Outgoing) error {
				return c.Replace(func(*app.Call, *app.Outgoing) error { return end() })
			})
		}, fine), want: is500},
		{name: "Wrap", module: wrapping("Wrap", fine), want: is500, silent: true},
		{name: "Write of a wrap", module: wrapping("Write", fine), want: `no response`},
		{name: "Flush of a wrap", module: wrapping("Flush", func(c *app.Call) error {
			return errors.Join(writes("fine")(c), flushing(c))
		}), want: `no response`},
		{name: "Close of a wrap", module: wrapping("Close", fine), want: `no response`, silent: true},
		{name: "Abort of a wrap", module: wrapping("Abort", func(c *app.Call) error {
			return errors.Join(writes("begun")(c), flushing(c), http.ErrAbortHandler)
		}), want: `200 "begun", cut`, silent: true},
		{name: "Read of a hook's reader", module: reading("Read", false), want: is500},
		{name: "Read of a hook's reader, after the head", module: reading("Read", true), want: `no response`},
		{name: "Close of a hook's reader", module: reading("Close", false), want: isOK, silent: true, goexit: `200 "fine", cut`},
		{name: "OnResponseSent", module: hooking(func(b *app.PluginBuilder[struct{}], end func() error) {
			b.OnResponseSent(func(*app.Call) { _ = end() })
		}, fine), want: isOK, silent: true, goexit: `no response`},
		{name: "a.Go", module: func(end func() error) app.Module {
			return answering(func(c *app.Call) error {
				c.Application().Go(func(context.Context) error { return end() })
				return fine(c)
			})
		}, want: isOK},
	}
}

// elsewhere returns a middleware that runs the rest on a goroutine of its own,
// without recovering anything, and waits for it.
func elsewhere(writer func(http.ResponseWriter) http.ResponseWriter) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				next.ServeHTTP(writer(w), r)
			}()
			<-done
		})
	}
}

// badWrap is a wrap with one bad method.
type badWrap struct {
	io.Writer
	at  string
	end func() error
}

func (w badWrap) ends(at string) error {
	if w.at != at {
		return nil
	}
	return w.end()
}

func (w badWrap) Write(p []byte) (int, error) {
	if err := w.ends("Write"); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

func (w badWrap) Flush() error { return w.ends("Flush") }
func (w badWrap) Close() error { return w.ends("Close") }
func (w badWrap) Abort()       { _ = w.ends("Abort") }

// badReader is a reader with one bad method.
type badReader struct {
	io.Reader
	at  string
	end func() error
}

func (r *badReader) Read(p []byte) (int, error) {
	if r.at == "Read" {
		if err := r.end(); err != nil {
			return 0, err
		}
	}
	return r.Reader.Read(p)
}

func (r *badReader) Close() error {
	if r.at == "Close" {
		return r.end()
	}
	return nil
}
