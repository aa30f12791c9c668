// Package app is the ground floor of Chitor: the application with its modules
// and plugins, and the call.
//
//	// Module is an application: it installs plugins and declares routes.
//	func Module(a *app.Application) {
//		a.Install(defaultheaders.Plugin)
//		routing.Routes(a, func(r *routing.Route) {
//			r.Get("/hello", func(c *app.Call) error {
//				return c.RespondText("Hello, " + c.QueryParam("name") + "!")
//			})
//		})
//	}
//
//	// Mount starts the application and puts it into any server.
//	func Mount(ctx context.Context, mux *http.ServeMux) (*app.Application, error) {
//		application := app.New(Module)
//		if err := application.Start(ctx); err != nil { // all mistakes, each with its line
//			return nil, err
//		}
//		mux.Handle("/", application)
//		return application, nil // to be stopped by the caller: application.Stop(ctx)
//	}
//
// Package routing declares routes, package engine is a server of its own, and
// package apptest tests an application. The package stands on net/http alone.
// It has three kinds of readers; each chapter below is for one of them.
//
// # For those who write applications
//
// An [Application] is made of modules: functions that configure it, install
// plugins and declare routes. [New] runs nothing. [Application.Start] runs the
// modules, freezes what they have declared, and returns every mistake that it
// found, each with the file and line that made it. From then on nothing can be
// installed: an attempt is logged and changes nothing. [Application.Configure]
// changes the [Config]; [Properties] are a tree of settings from outside.
//
// A [Handler] answers a [Call]: with [Call.Respond] and its like, by writing to
// [Call.Writer], or with an error. It reads the request with [Call.Receive],
// [Call.ReceiveForm], [Call.ReceiveMultipart], [PathParam], [QueryParam] and
// their like. A handler that returns without answering is answered with the
// status that was set, or 404. To answer twice is an error.
//
// An error of a handler, hook or middleware becomes the answer, once. It names
// the status by a method StatusCode() int anywhere in its chain; without one it
// is 500. Only an [Error] shows its message to the client; any other text stays
// in the log. A panic is an error too, a [PanicError], wherever it comes from;
// http.ErrAbortHandler cuts the connection, as in net/http.
//
// However it was made, an answer is a value until it is committed, which
// happens late and in one place: with the first 512 bytes of a stream, with a
// flush, or when the handler has returned. Until then an error takes its place.
// What is committed and cannot be completed is cut, so that the client notices.
//
// Use takes any net/http middleware. What it replaces, the request or the
// writer, holds inside it and not outside. An error is answered inside the
// innermost middleware, so that a logger sees the real status, and is returned
// again outside. A middleware that answers by itself ends the way to the
// handlers, while later OnCall hooks still run. Behind a middleware whose
// writer does not unwrap, such as http.TimeoutHandler, the rest runs in a fork:
// a call of its own that shares nothing that changes, so that it may be
// abandoned. [FromHTTP] puts an http.Handler on a route, and [CallFrom] finds
// the call in net/http code.
//
// [Application.OnStart] hooks run before the first call, and the first error
// ends the start. [Application.Stop] turns new calls away with 503, tells the
// [Application.OnStopPreparing] hooks, and lets calls finish for
// [Config.ShutdownGrace]. Then their contexts end with [ErrStopping], a write
// that is stuck is cut, and within [Config.ShutdownTimeout] the
// [Application.OnStop] hooks of what has started run in reverse order. What
// runs beside a handler, or beside all calls, is started with [Call.Go] or
// [Application.Go], and waited for. [Event] tells of what happens meanwhile.
//
// # For those who write plugins
//
// A [Plugin] is made once and installed with a configuration of its own in any
// number of applications. Its setup is given a [PluginBuilder] and adds hooks.
// There are three kinds. One made by [NewPlugin] is installed on the
// application; one made by [NewScopedPlugin] also on routes, where the
// installation nearest to the handler is the one that runs; one made by
// [NewLayer] anywhere, and every installation runs, outer ones first. What it
// keeps for a call, application or route stands under a [Key]; what runs apart
// from its configuration is an instance: see [PluginBuilder.Provide] and
// [InstanceOf].
//
// A call passes five phases: [PhaseSetup], [PhaseMonitoring], [PhasePlugins],
// [PhaseCall], and [PhaseFallback] if it has no answer by then. What is
// installed runs by phase first, then by nesting, outer scopes before inner
// ones, then in order of installation, wherever in a module it was installed.
// OnCall hooks and middlewares share PhasePlugins, routing is the end of
// PhaseCall, and a matched route passes the phases once more with what was
// installed on its scopes. Intercept is the general form of all. It stands around
// the handler, which has to keep its goroutine for as long as a stream goes on:
// [PluginBuilder.OnPhase] runs before it only, and
// [PluginBuilder.InterceptUntilCommit] and [ReturnsEarly] are promises.
//
// A request body passes the steps of [ReceiveStep] as an [Incoming], each time
// that it is received, and a response those of [SendStep] as an [Outgoing]. The
// first two run in [Call.Respond]. At the commit status, headers and, where
// known, length stand; the hooks of the other steps see them once, however the
// answer was written, and may change the status and the headers, and wrap or
// replace the body. [PluginBuilder.OnCallFailed] hooks may answer an error, and
// [PluginBuilder.OnResponseSent] comes last. A handler that takes the connection
// away, as WebSockets do, skips all of it: [PluginBuilder.OnHijack] hooks are told.
//
// [PluginBuilder.OnModulesLoaded] checks what others have installed, whatever
// the order. A mistake is an error that setup or the check returns.
//
// # For those who write routers
//
// Package routing is one; nothing that it needs is private. A [Router] is set
// with [Application.SetRouter], whose function is called when all modules have
// run. A part of a routing tree is a scope that [NewScope] makes, and [ScopeAt]
// lets its methods name the line that called them, which [Caller] finds. The
// router makes an [Endpoint] for each route with [NewEndpoint], and a call that
// it has found the endpoint of is served by [Endpoint.Serve]. [DefaultRoutes]
// are what plugins ask it to serve besides. Its own context of a call is bound
// with [Call.BindRouter]. Mistakes are recorded with [Application.FailAt] at a
// [Site].
//
// Ktor: server-core.
package app
