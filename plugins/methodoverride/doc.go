// Package methodoverride lets clients that can send GET and POST alone say in a
// header which method they mean.
//
//	a.Install(methodoverride.Plugin)
//
// A POST with X-Http-Method-Override: DELETE is served as DELETE: by routing,
// by plugins and middlewares, in [app.Call.Request]. The method that the client
// has sent is that of app.Call.Arrived, and the header stays where it is.
//
// # What is believed
//
// The header says who may be asked what, so it counts only for the methods of
// [Config.Methods], POST by default: a GET goes through caches, links and rules
// for methods as something that changes nothing. Of another method the header
// changes nothing. A form field or a query parameter is never looked at: a page
// of another site can send these without asking.
//
// What can be no method, CONNECT, TRACE and HEAD, whose responses are made
// otherwise, and a header with two methods are answered with 400: to serve the
// method of the request would do something else than was asked for.
//
// Rules outside of the application, of a firewall or a proxy, see a POST. CORS
// asks whether the method that is meant is allowed, and a page of another origin
// needs AllowHeader for the header.
//
// # Order
//
// The plugin runs in the Setup phase, before routing and all middlewares,
// wherever it is installed.
//
// # Differences from Ktor
//
// In Ktor every method can be overridden, and anything is a method.
//
// Ktor: XHttpMethodOverride.
package methodoverride
