// Package app is the ground floor of Chitor: the application, its plugins, and
// the call. It stands on net/http alone, and everything else in Chitor stands
// on it.
//
// # Modules
//
// An [Application] is made of modules: functions that install plugins and
// declare routes. [New] runs nothing; [Application.Start] runs the modules,
// freezes what they have declared, and returns every mistake that it found,
// each with the file and line that made it. A started application is an
// http.Handler for any server. From then on nothing can be installed any more:
// an attempt is logged and changes nothing.
//
// # Plugins
//
// A [Plugin] is made once, with [NewPlugin] or [NewScopedPlugin], and installed
// with a configuration of its own in any number of applications. Its setup is
// given a [PluginBuilder] and adds hooks. An application plugin is installed on
// the application; a scoped plugin also on routes, where the installation
// nearest to the handler is the one that runs.
//
// # Phases
//
// A call passes five phases: [PhaseSetup], [PhaseMonitoring], [PhasePlugins],
// [PhaseCall], and [PhaseFallback] if nobody has answered. Whatever is
// installed runs by phase first, then by nesting, outer scopes before inner
// ones, then in order of installation, wherever in a module it was installed.
// OnCall hooks and middlewares share PhasePlugins, routing is the end of
// PhaseCall, and a matched route passes the phases once more with what was
// installed on its scopes.
//
// # Answers
//
// A [Handler] answers a [Call] with [Call.Respond] and its like, by writing to
// [Call.Writer], or with an error. However it was made, an answer is a value
// until it is committed, which happens late and in one place: with the first
// 512 bytes of a stream, with a flush, or when the handler has returned. Until
// then an error takes it back. At the commit status, headers and, where known,
// length stand; the hooks of the send steps see them in an [Outgoing] once, and
// may change the status and the headers, and wrap or replace the body. What is
// committed and cannot be completed is cut, so that the client notices.
//
// A handler that returns without answering is answered with the status that was
// set, or 404. To answer twice is an error.
//
// # Errors
//
// An error of a handler, hook or middleware becomes the answer, once: the hooks
// of OnCallFailed may answer it, else the error names the status, by a method
// StatusCode() int anywhere in its chain, and without one it is 500. Only an
// [Error] shows its message to the client; any other text stays in the log. A
// panic is an error too, a [PanicError]; http.ErrAbortHandler cuts the
// connection, as in net/http.
//
// # Middlewares
//
// [Scope] takes any net/http middleware with Use. What it replaces, the request
// or the writer, holds inside it and not outside. An error is answered inside
// the innermost middleware, so that a logger sees the real status, and goes on
// outwards as an error that has been answered. A middleware that answers by
// itself ends the way to the handlers, while later OnCall hooks still run.
// Behind a middleware whose writer does not unwrap, such as
// http.TimeoutHandler, the rest runs in a fork: a call of its own that shares
// nothing that changes, so that it may be abandoned. [CallFrom] finds the call
// in net/http code, and [FromHTTP] puts an http.Handler on a route.
//
// # Lifecycle
//
// OnStart hooks run before the first call, and the first error ends the start.
// [Application.Stop] turns new calls away with 503, tells the OnStopPreparing
// hooks, and lets calls finish for [Config.ShutdownGrace]; then their contexts
// end with [ErrStopping], a write that is stuck is cut, and within
// [Config.ShutdownTimeout] the OnStop hooks run in reverse order, all of them.
// A call's context also ends when the client goes away. What runs beside a
// handler, or beside all calls, is started with [Call.Go] or [Application.Go],
// and waited for.
// Ktor: server-core.
package app
