package cors

import (
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// Plugin decides what pages of other origins may do. It can be installed on the
// application, or on routes, where the nearest installation is the only one
// that runs. Without a configuration it refuses all of them.
//
// Ktor: CORS.
var Plugin = app.NewScopedPlugin("CORS", defaultConfig, setup)

// pickedKey holds the policy one of whose functions may have been asked about
// the origin of a call and has let it in, so that it is not asked once more.
var pickedKey = app.NewKey[*policy]("cors.picked")

func setup(b *app.PluginBuilder[Config]) error {
	config := b.Config()
	p, err := newPolicy(*config)
	if err != nil {
		return err
	}
	if p.trustsEverybody() {
		b.OnStart(config.warn(b.Application().Logger()))
	}
	b.DefaultRoutes(http.MethodOptions, "")
	b.OnCall(p.check)
	b.OnBodyReady(p.settle)
	return nil
}

// check is the hook that refuses the call, responds to a preflight, or adds to
// the response what lets the page read it.
func (p *policy) check(c *app.Call) error {
	if c.Answered() {
		return nil
	}
	from := p.standing(c)
	if !p.concerns(c.Request, from) {
		return pass(c)
	}
	if refusal := p.permit(c.Request, c.Header(), from); refusal != "" {
		return refuse(c, refusal)
	}
	if len(p.origins.predicates) > 0 {
		pickedKey.Set(c, p)
	}
	if isPreflight(c.Request) {
		return c.RespondStatus(http.StatusOK)
	}
	return nil
}

// pass lets the call go on. Its response names no origin, so a cache must not
// give it to a page of another origin.
func pass(c *app.Call) error {
	httpheader.AddVary(c.Header(), "Origin")
	return nil
}

func refuse(c *app.Call, reason string) error {
	httpheader.AddVary(c.Header(), "Origin")
	c.Application().Logger().DebugContext(c.Context(), "refused by CORS: "+reason, "origin", c.Request.Header.Get("Origin"),
		"method", c.Request.Method, "path", c.Request.URL.Path)
	return c.RespondStatus(http.StatusForbidden)
}
