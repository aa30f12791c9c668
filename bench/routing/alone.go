package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/recorder"
	"github.com/chitor-go/chitor/routing"
)

// A target is the end of every route of an application that only routes: it
// counts how often it was reached and does nothing.
type target struct{ reached int }

func (t *target) end(app.Handler) app.Handler {
	return func(*app.Call) error {
		t.reached++
		return nil
	}
}

// routes declares the endpoints.
func (t *target) routes(endpoints []endpoint) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { r.Intercept(app.PhaseCall, t.end) })
		declare(endpoints)(a)
	}
}

// only makes it what serves every call, so that there is nothing to choose.
func (t *target) only(a *app.Application) {
	scope := app.NewScope(a, "/")
	scope.Intercept(app.PhaseCall, t.end)
	a.SetRouter(func() (app.Router, error) {
		served, err := app.NewEndpoint(scope, "/", answering(endpoint{}))
		return oneEndpoint{served}, err
	})
}

// oneEndpoint is a router that has nothing to choose.
type oneEndpoint struct{ endpoint *app.Endpoint }

func (r oneEndpoint) ServeCall(c *app.Call) error                { return r.endpoint.Serve(c) }
func (r oneEndpoint) ContextKey() any                            { return r }
func (r oneEndpoint) RouterContext(*app.Call, *http.Request) any { return nil }

// A routed call stands at the end of its application's pipeline, where it can be
// routed any number of times.
type routedCall struct {
	call    *app.Call
	route   app.Handler
	release func()
}

// hold starts an application of a target and holds a call there.
func hold(modules ...app.Module) (routedCall, error) {
	arrived, released, done := make(chan routedCall, 1), make(chan struct{}), make(chan struct{})
	application, err := start(append(modules, func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				arrived <- routedCall{call: c, route: next}
				<-released
				return c.RespondText("")
			}
		})
		a.Intercept(app.PhaseFallback, func(app.Handler) app.Handler { return func(*app.Call) error { return nil } })
	})...)
	if err != nil {
		return routedCall{}, err
	}
	go func() {
		defer close(done)
		application.ServeHTTP(recorder.New(), endpoint{http.MethodGet, "/"}.request())
	}()
	held := <-arrived
	held.release = func() {
		close(released)
		<-done
		_ = application.Stop(context.Background())
	}
	return held, nil
}

// to returns what routes the call to the endpoints, one after the other, and an
// error unless that reaches the target.
func (r routedCall) to(t *target, endpoints []endpoint) (func(), error) {
	requests := requestsOf(endpoints)
	route := func() {
		for _, request := range requests {
			r.call.Request.Method, r.call.Request.URL = request.Method, request.URL
			_ = r.route(r.call)
		}
	}
	before := t.reached
	if route(); t.reached != before+len(endpoints) {
		return nil, fmt.Errorf("%d of %d endpoints are reached", t.reached-before, len(endpoints))
	}
	return route, nil
}

// emptyChi is a chi whose endpoints do nothing.
func emptyChi(all []endpoint) *chi.Mux {
	mux := chi.NewMux()
	for _, e := range all {
		mux.MethodFunc(e.method, e.pattern, func(http.ResponseWriter, *http.Request) {})
	}
	return mux
}

// chiAlone returns what has chi route a request to the endpoints that finds a
// context of chi.
func chiAlone(all, endpoints []endpoint) func() {
	mux, routes := emptyChi(all), chi.NewRouteContext()
	request := endpoint{http.MethodGet, "/"}.request()
	request = request.WithContext(context.WithValue(context.Background(), chi.RouteCtxKey, routes))
	requests, w := requestsOf(endpoints), recorder.New()
	return func() {
		for _, to := range requests {
			request.Method, request.URL = to.Method, to.URL
			routes.Reset()
			mux.ServeHTTP(w, request)
		}
	}
}

// chiWhole returns what has chi serve requests for the endpoints.
func chiWhole(all, endpoints []endpoint) func() {
	mux, requests, w := emptyChi(all), requestsOf(endpoints), recorder.New()
	return func() {
		for _, request := range requests {
			mux.ServeHTTP(w, request)
		}
	}
}

func requestsOf(endpoints []endpoint) []*http.Request {
	requests := make([]*http.Request, len(endpoints))
	for i, e := range endpoints {
		requests[i] = e.request()
	}
	return requests
}
