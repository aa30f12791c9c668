package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v5"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/recorder"
	"github.com/chitor-go/chitor/routing"
)

const text = "Hello, world!"

// Each stack answers with the last parameter of the path, or with a text if there
// is none, and with the same headers.

func bareMux(endpoints []endpoint) http.Handler {
	mux := http.NewServeMux()
	for _, e := range endpoints {
		last := e.last()
		mux.HandleFunc(e.method+" "+e.pattern, func(w http.ResponseWriter, r *http.Request) {
			if last == "" {
				recorder.Text(w, text)
			} else {
				recorder.Text(w, r.PathValue(last))
			}
		})
	}
	return mux
}

func bareChi(endpoints []endpoint) http.Handler {
	mux := chi.NewMux()
	for _, e := range endpoints {
		last := e.last()
		mux.MethodFunc(e.method, e.pattern, func(w http.ResponseWriter, r *http.Request) {
			if last == "" {
				recorder.Text(w, text)
			} else {
				recorder.Text(w, chi.URLParam(r, last))
			}
		})
	}
	return mux
}

func bareEcho(endpoints []endpoint) http.Handler {
	e := echo.New()
	for _, endpoint := range endpoints {
		last := endpoint.last()
		e.Add(endpoint.method, endpoint.colons(), func(c *echo.Context) error {
			if last == "" {
				return c.String(http.StatusOK, text)
			}
			return c.String(http.StatusOK, c.Param(last))
		})
	}
	return e
}

func bareGin(endpoints []endpoint) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	for _, e := range endpoints {
		last := e.last()
		engine.Handle(e.method, e.colons(), func(c *gin.Context) {
			if last == "" {
				c.String(http.StatusOK, text)
			} else {
				c.String(http.StatusOK, c.Param(last))
			}
		})
	}
	return engine
}

// declare declares the endpoints of an application.
func declare(endpoints []endpoint) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			for _, e := range endpoints {
				r.Method(e.method, e.pattern, answering(e))
			}
		})
	}
}

func answering(e endpoint) app.Handler {
	if last := e.last(); last != "" {
		return func(c *app.Call) error { return c.RespondText(c.PathParam(last)) }
	}
	return func(c *app.Call) error { return c.RespondText(text) }
}

// contest declares a route whose condition has a say wherever a path leads. No
// request fulfils it.
func contest(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Header("X-Version", "2").Handle("/{...}", func(c *app.Call) error { return c.RespondText("") })
	})
}

// start starts an application, which says nothing.
func start(modules ...app.Module) (*app.Application, error) {
	application := app.New(append([]app.Module{func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
	}}, modules...)...)
	return application, application.Start(context.Background())
}
