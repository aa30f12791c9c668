// Package health answers the probes of load balancers, containers and monitors.
//
//	a.Install(health.Plugin.With(func(c *health.Config) {
//		c.Check("database", db.PingContext)
//	}))
//
// It has two paths, below the root path of the application, for GET and HEAD:
//
//   - /healthz, liveness: 200 as long as calls are served. A process that does
//     not answer is to be started anew. It does not depend on the checks, so that
//     a database that is away does not have all processes restarted.
//   - /readyz, readiness: 200 if every check passes, and 503 if one fails, and
//     from the moment on at which the application drains (see
//     [app.Application.Drain]), before anything of it is closed. A process that
//     is not ready gets no calls.
//
// The body is JSON, such as {"status":"down","checks":{"database":"down"}}: names
// and states. Texts of errors go to the log, and to clients in development mode
// alone. No answer may be kept by a cache.
//
// # Checks
//
// All checks run at once, each as long as [Config.Timeout] lets it. What they
// have found counts for [Config.MaxAge], so that probes of many load balancers
// cost no more than one; probes that come while checks run wait for the same
// ones. A check that ignores its context is not called again before it has
// returned, and fails meanwhile. A check that begins to fail is logged once, and
// once when it passes again. While the application drains none is run.
//
// # Place
//
// The plugin answers in the order of installation, so it is installed before
// what turns calls away, such as authentication or a redirect to HTTPS, and no
// route is reached at its paths. To keep the probes out of the log of package
// calllogging:
//
//	c.Filter(func(c *app.Call) bool { return !health.IsProbe(c) })
//
// Ktor has no such plugin.
package health
