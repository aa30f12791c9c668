package app

import "net/http"

// A PluginBuilder is what the setup of a plugin builds with. The hooks that it
// adds run for the calls of the scope that the plugin is being installed on; a
// hook that is nil, or is for an unknown phase or step, is a mistake at the
// line that installed the plugin, and its text names the line in the setup as
// well. A builder must not be used after setup has returned, nor by several
// goroutines at once.
//
// Ktor: PluginBuilder.
type PluginBuilder[C any] struct {
	scope        *scope
	config       *C
	installation *installation
}

// Config returns the configuration of this installation, never nil. It stays
// the same for its life.
func (b *PluginBuilder[C]) Config() *C { return b.config }

// Application returns the application that the plugin is installed in.
func (b *PluginBuilder[C]) Application() *Application { return b.scope.app }

// Scope returns the scope that the plugin is installed on: the application, or
// a route.
func (b *PluginBuilder[C]) Scope() Scope { return b.scope.known() }

// Provide makes instance what runs here, apart from its configuration: what
// [InstanceOf] returns for this installation. A second call replaces the first.
func (b *PluginBuilder[C]) Provide(instance any) { b.installation.instance = instance }

// at is what setup adds at one of its lines.
func (b *PluginBuilder[C]) at(site Site) change { return change{b.scope, b.installation, site} }

// OnCall runs hook in [PhasePlugins] of each call, also of one that is answered
// already. An error that the hook returns becomes the answer, and nothing that
// comes later runs.
//
// Ktor: onCall.
func (b *PluginBuilder[C]) OnCall(hook Handler) {
	b.at(Caller(1)).onPhase(PhasePlugins, "add an OnCall hook", hook)
}

// OnPhase is OnCall for any phase: it runs hook before what comes next in the
// phase, also for a call that is answered already. In [PhaseFallback] nothing
// comes next for a call that hook has answered.
//
// Ktor: on, with CallSetup.
func (b *PluginBuilder[C]) OnPhase(phase Phase, hook Handler) {
	b.at(Caller(1)).onPhase(phase, "add an OnPhase hook", hook)
}

// OnCallReceive runs hook in [ReceiveTransform] of each received body.
//
// Ktor: onCallReceive.
func (b *PluginBuilder[C]) OnCallReceive(hook ReceiveHook) {
	b.scope.receive[ReceiveTransform].add(b.at(Caller(1)), "add an OnCallReceive hook", "the hook", hook)
}

// OnCallRespond runs hook in [SendTransform] of each respond.
//
// Ktor: onCallRespond.
func (b *PluginBuilder[C]) OnCallRespond(hook SendHook) {
	b.scope.send[SendTransform].add(b.at(Caller(1)), "add an OnCallRespond hook", "the hook", hook)
}

// OnBodyReady runs hook in [SendAfter], when status, headers and body are
// final.
//
// Ktor: ResponseBodyReadyForSend.
func (b *PluginBuilder[C]) OnBodyReady(hook SendHook) {
	b.scope.send[SendAfter].add(b.at(Caller(1)), "add an OnBodyReady hook", "the hook", hook)
}

// OnCallFailed runs hook for each call that ends with an error.
//
// Ktor: CallFailed.
func (b *PluginBuilder[C]) OnCallFailed(hook FailedHook) {
	b.scope.failed.add(b.at(Caller(1)), "add an OnCallFailed hook", "the hook", hook)
}

// OnResponseSent runs hook once for each call, when nothing more will be
// written.
//
// Ktor: ResponseSent.
func (b *PluginBuilder[C]) OnResponseSent(hook func(*Call)) {
	b.scope.sent.add(b.at(Caller(1)), "add an OnResponseSent hook", "the hook", hook)
}

// OnHijack runs hook for each call whose connection a handler takes away, as
// WebSockets do: see [HijackHook].
func (b *PluginBuilder[C]) OnHijack(hook HijackHook) {
	b.scope.hijack.add(b.at(Caller(1)), "add an OnHijack hook", "the hook", hook)
}

// OnModulesLoaded is [Application.OnModulesLoaded]; an error that the hook
// returns is reported at the line that installed the plugin.
func (b *PluginBuilder[C]) OnModulesLoaded(hook func() error) { b.at(Caller(1)).onModulesLoaded(hook) }

// OnStart is [Application.OnStart].
func (b *PluginBuilder[C]) OnStart(hook LifecycleHook) { b.at(Caller(1)).onStart(hook) }

// OnStopPreparing is [Application.OnStopPreparing].
func (b *PluginBuilder[C]) OnStopPreparing(hook func()) { b.at(Caller(1)).onStopPreparing(hook) }

// OnStop is [Application.OnStop]: a stop hook belongs to the start hooks that
// were added before it, also to those that modules and other plugins have
// added.
func (b *PluginBuilder[C]) OnStop(hook LifecycleHook) { b.at(Caller(1)).onStop(hook) }

// DefaultRoutes has the router serve calls of a method that the plugin's scope
// has no route for. Like names the method whose routes serve them, each at its
// own path: for AutoHeadResponse those for GET serve HEAD. Empty stands for a
// route without handlers at every path of the scope, where the plugin's hooks
// answer, and a call that they leave ends with 404: for CORS such routes serve
// OPTIONS. On the application, whose hooks see every call, an empty like
// changes nothing. A route that was declared for the method, or at the same
// path for any method where like is empty, wins.
func (b *PluginBuilder[C]) DefaultRoutes(method, like string) {
	b.scope.defaults = append(b.scope.defaults, DefaultRoute{method, like, b.installation.site})
}

// Use adds net/http middlewares as [Scope] does, for this installation.
func (b *PluginBuilder[C]) Use(middlewares ...func(http.Handler) http.Handler) {
	b.at(Caller(1)).Use(middlewares...)
}

// Intercept adds an interceptor to a phase, as [Scope] does, for this
// installation. One that does nothing when next has returned should be added by
// [PluginBuilder.OnPhase] or [PluginBuilder.InterceptUntilCommit]: streams behind
// it cost less.
func (b *PluginBuilder[C]) Intercept(phase Phase, interceptor func(next Handler) Handler) {
	b.at(Caller(1)).Intercept(phase, interceptor)
}

// InterceptUntilCommit adds an interceptor to a phase that may answer in place of
// next, and may change an answer after it, but does nothing once the head of the
// response has left. This is a promise which nobody checks: next returns to such an
// interceptor while an event stream that waits for a hub goes on, as it does for
// what [ReturnsEarly] is said of. What is to be done when the call has ended is for
// [PluginBuilder.OnResponseSent].
func (b *PluginBuilder[C]) InterceptUntilCommit(phase Phase, interceptor func(next Handler) Handler) {
	b.at(Caller(1)).intercept(phase, interceptor, untilCommit)
}

// InterceptSend adds a hook to a step of the response's way out, for this
// installation.
func (b *PluginBuilder[C]) InterceptSend(step SendStep, hook SendHook) {
	b.at(Caller(1)).InterceptSend(step, hook)
}

// InterceptReceive adds a hook to a step of the request body's way in, for this
// installation.
func (b *PluginBuilder[C]) InterceptReceive(step ReceiveStep, hook ReceiveHook) {
	b.at(Caller(1)).InterceptReceive(step, hook)
}
