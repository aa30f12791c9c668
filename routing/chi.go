package routing

import (
	"github.com/go-chi/chi/v5"
)

// Chi mounts a new chi router at path, as [Route.Mount] does, and returns it, for
// functions that take one and for what is made for chi:
//
//	api := humachi.New(r.Chi("/api"), huma.DefaultConfig("Shop", "1"))
//	legacy.Routes(r.Chi("/legacy")) // func Routes(r chi.Router)
//
// Below path everything is chi's: its patterns and its order of middlewares,
// which come before routes, its 404 and 405. A middleware there also runs for a
// path that the router does not know. Around it are the plugins and middlewares
// of r. The router has none of r's routes, and its patterns begin behind path,
// whose parameters chi.URLParam knows. What is declared for a path below by r
// itself is the better choice.
//
// The router takes routes until Start; chi cannot add one while it serves. Two
// of one path are a mistake, as with Mount: hand out one router to both.
func (r *Route) Chi(path string) chi.Router {
	made := chi.NewRouter()
	r.mount(r.caller(), "chi "+path, path, made)
	return made
}
