package app_test

import (
	"io"

	"github.com/chitor-go/chitor/app"
)

// This file has the plugins that several tests install.

// hooked returns a scoped plugin without a configuration, whose hooks attach
// adds.
func hooked(name string, attach func(b *app.PluginBuilder[struct{}])) *app.Plugin[struct{}] {
	return app.NewScopedPlugin(name, func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		attach(b)
		return nil
	})
}

// onCall returns a scoped plugin that runs hook for each call.
func onCall(name string, hook app.Handler) *app.Plugin[struct{}] {
	return hooked(name, func(b *app.PluginBuilder[struct{}]) { b.OnCall(hook) })
}

// onFailed returns a scoped plugin that runs hook for each call that fails.
func onFailed(name string, hook app.FailedHook) *app.Plugin[struct{}] {
	return hooked(name, func(b *app.PluginBuilder[struct{}]) { b.OnCallFailed(hook) })
}

// onSent returns a scoped plugin that runs hook when a response was sent.
func onSent(name string, hook func(*app.Call)) *app.Plugin[struct{}] {
	return hooked(name, func(b *app.PluginBuilder[struct{}]) { b.OnResponseSent(hook) })
}

// tracing returns a scoped plugin that notes "call" and name for each call.
func tracing(seen *journal, name string) *app.Plugin[struct{}] {
	return onCall(name, func(*app.Call) error { seen.add("call " + name); return nil })
}

// greetingConfig is what a greeting plugin is configured with.
type greetingConfig struct {
	Greeting string
	Names    []string
}

// defaultGreeting returns the defaults of the greeting plugins.
func defaultGreeting() greetingConfig {
	return greetingConfig{Greeting: "hello", Names: []string{"world"}}
}

// addGreeting sets up a plugin that puts its configuration into a header of
// each call.
func addGreeting(b *app.PluginBuilder[greetingConfig]) error {
	b.OnCall(func(c *app.Call) error {
		for _, name := range b.Config().Names {
			c.Header().Add("Greeting", b.Config().Greeting+" "+name)
		}
		return nil
	})
	return nil
}

// Two plugins that greet in a header of the response.
var (
	greetingPlugin = app.NewPlugin("Greeting", defaultGreeting, addGreeting)
	scopedGreeting = app.NewScopedPlugin("ScopedGreeting", defaultGreeting, addGreeting)
)

// recordingWrap puts brackets with its name around what passes, and notes what
// else is asked of it.
type recordingWrap struct {
	next       io.Writer
	name       string
	seen       *journal
	began      bool
	closeError error
}

func (w *recordingWrap) Write(p []byte) (int, error) {
	if !w.began {
		w.began = true
		w.seen.add("write " + w.name)
		if _, err := io.WriteString(w.next, w.name+"("); err != nil {
			return 0, err
		}
	}
	return w.next.Write(p)
}

func (w *recordingWrap) Flush() error { w.seen.add("flush " + w.name); return nil }

func (w *recordingWrap) Abort() { w.seen.add("abort " + w.name) }

func (w *recordingWrap) Close() error {
	w.seen.add("close " + w.name)
	if w.closeError != nil {
		return w.closeError
	}
	_, err := io.WriteString(w.next, ")")
	return err
}

// wrapping returns a module that wraps bodies in recordingWraps, in the order
// of their names.
func wrapping(seen *journal, names ...string) app.Module {
	return func(a *app.Application) {
		for _, name := range names {
			a.InterceptSend(app.SendContentEncoding, func(_ *app.Call, out *app.Outgoing) error {
				out.Wrap(func(w io.Writer) app.BodyWriter { return &recordingWrap{next: w, name: name, seen: seen} })
				return nil
			})
		}
	}
}
