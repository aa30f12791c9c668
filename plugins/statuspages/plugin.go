package statuspages

import (
	"errors"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Plugin answers failed calls and calls of certain statuses with pages of one's
// own: Ktor's StatusPages. It is installed on the application. Installed as it
// is, it does nothing.
var Plugin = app.NewPlugin("StatusPages", defaultConfig, setup)

// handledKey marks a call that a handler for errors answers.
var handledKey = app.NewKey[bool]("statuspages.handled")

func isHandled(c *app.Call) bool {
	handled, _ := handledKey.Get(c)
	return handled
}

func setup(b *app.PluginBuilder[Config]) error {
	config := b.Config()
	if len(config.mistakes) > 0 {
		return errors.Join(config.mistakes...)
	}
	b.OnCallFailed(config.answerError)
	b.OnBodyReady(config.replaceAnswer)
	if config.unhandled != nil {
		b.Intercept(app.PhaseFallback, config.answerUnhandled)
	}
	return nil
}

// answerError lets the handler for an error answer it.
func (c *Config) answerError(call *app.Call, cause error) error {
	if call.Answered() { // by another hook, or there is nothing to take back any more
		return nil
	}
	handle := c.rules.find(cause)
	if handle == nil {
		return nil
	}
	if panicked, ok := errors.AsType[*app.PanicError](cause); ok {
		call.Application().Logger().ErrorContext(call.Context(), "the call panicked", "error", cause, "route", call.Route(),
			"stack", string(panicked.Stack))
	}
	handledKey.Set(call, true)
	err := handle(call)
	if err == nil && !call.Answered() {
		handledKey.Delete(call) // the error is answered as if nobody had seen it
	}
	return err
}

// replaceAnswer lets the handler for the status of an answer replace it, when
// it is about to leave.
func (c *Config) replaceAnswer(call *app.Call, out *app.Outgoing) error {
	handle, named := c.statuses[out.Status]
	if !named || isHandled(call) || strings.HasPrefix(out.Header.Get("Content-Type"), "text/event-stream") {
		return nil
	}
	return call.Replace(handle)
}

// answerUnhandled lets the handler for unhandled calls answer.
func (c *Config) answerUnhandled(next app.Handler) app.Handler {
	return func(call *app.Call) error {
		if !call.Answered() {
			if err := c.unhandled(call); err != nil {
				return err
			}
		}
		if call.Answered() {
			return nil
		}
		return next(call)
	}
}
