package app

import (
	"fmt"
	"net/http"
)

// A Handler answers a call, or returns an error that becomes the answer: see
// [Call.Respond] and [Error]. Handlers of routes run at the end of [PhaseCall].
//
// Ktor: RoutingHandler.
type Handler func(*Call) error

// A Phase is a part of a call's way through an application. Interceptors run by
// phase first, then by nesting, outer scopes before inner ones, then in order
// of installation, wherever in a module they were installed. No further phase
// can be inserted.
//
// Ktor: PipelinePhase, those of ApplicationCallPipeline.
type Phase int

const (
	// PhaseSetup comes first: the place to rewrite where the call comes from.
	PhaseSetup Phase = iota
	// PhaseMonitoring is for what observes the whole call: logging, tracing,
	// metrics.
	PhaseMonitoring
	// PhasePlugins is where OnCall hooks and net/http middlewares run.
	PhasePlugins
	// PhaseCall ends with routing, and in a matched route with the handlers.
	PhaseCall
	// PhaseFallback runs for a call that has no answer yet, before it is
	// answered with the status that was set, or 404.
	PhaseFallback

	phases
)

// String returns the name of the phase as Ktor spells it, or its number, as in
// "Phase(9)", if there is none.
func (p Phase) String() string {
	return nameOf("Phase", int(p), "Setup", "Monitoring", "Plugins", "Call", "Fallback")
}

// A SendStep is a part of a response's way out. Transform and Render run in
// [Call.Respond]; the others run once for each call, when the response is
// committed, however it was written, and once more for an answer that a hook
// puts in its place: see [Call.Replace].
//
// Ktor: the phases of ApplicationSendPipeline.
type SendStep int

const (
	// SendTransform sees the value that the handler passed in [Outgoing.Value]
	// and may replace it or turn it into a body. Runs for each respond.
	SendTransform SendStep = iota
	// SendRender comes before the built-in rendering of text, bytes, status,
	// reader and stream; what is still only a value afterwards is answered with
	// 406, or with 500 where ContentNegotiation is not installed. Runs for each
	// respond.
	SendRender
	// SendContentEncoding is for codings of the content: compression.
	SendContentEncoding
	// SendTransferEncoding is for what comes after the coding: ranges.
	SendTransferEncoding
	// SendAfter sees the final status, headers and body.
	SendAfter

	sendSteps
)

// String returns the name of the step, or its number, as in "SendStep(9)", if
// there is none.
func (s SendStep) String() string {
	return nameOf("SendStep", int(s), "Transform", "Render", "ContentEncoding", "TransferEncoding", "After")
}

// A ReceiveStep is a part of a request body's way in. The hooks of all steps
// run in [Call.Receive].
//
// Ktor: the phases of ApplicationReceivePipeline.
type ReceiveStep int

const (
	// ReceiveBefore sees the raw body and may replace it: decompression,
	// limits.
	ReceiveBefore ReceiveStep = iota
	// ReceiveTransform may turn the body into the value that the handler asked
	// for.
	ReceiveTransform
	// ReceiveAfter sees the received value.
	ReceiveAfter

	receiveSteps
)

// String returns the name of the step, or its number, as in "ReceiveStep(9)",
// if there is none.
func (s ReceiveStep) String() string {
	return nameOf("ReceiveStep", int(s), "Before", "Transform", "After")
}

// A SendHook is called for each response that reaches its step. An error
// becomes the answer. At the commit a hook changes the response, or answers with
// another by [Call.Replace]; to write or flush there fails with [ErrAnswered].
type SendHook func(c *Call, out *Outgoing) error

// A ReceiveHook is called each time a body is received and reaches its step. An
// error is returned to the handler that receives.
type ReceiveHook func(c *Call, in *Incoming) error

// A FailedHook is told of the error that ended a call, before it is answered. A
// hook that responds has answered it; the other hooks still run, inner scopes
// before outer ones, the last installed first. An error that the hook returns
// is logged, and answered with 500 if the call had no answer before.
type FailedHook func(c *Call, cause error) error

// A HijackHook is told that a handler is about to take the connection of a call
// away from the server. Head is the header of the response with 101 that leaves
// before that, and may be changed; it is nil if the handler writes its own. No
// other hook of the way out runs for such a call. An error is that of the hijack:
// the connection stays the server's, and the call can still be answered.
type HijackHook func(c *Call, head http.Header) error

// nameOf returns the name of value, or type and number if it has none.
func nameOf(kind string, value int, names ...string) string {
	if value < 0 || value >= len(names) {
		return fmt.Sprintf("%s(%d)", kind, value)
	}
	return names[value]
}
