package routing

import (
	"errors"

	"github.com/chitor-go/chitor/app"
)

// DeclareAt lets declare add to r as if all of it stood in one line: mistakes,
// warnings, the trace and [AllRoutes] name site for what is declared or
// installed there, on r and on any other route of the application. It is for
// verbs that are functions, whose users want to read their own line and not one
// of the verb:
//
//	func Version(r *routing.Route, path, version string) {
//		r.DeclareAt(app.Caller(1), func(r *routing.Route) {
//			r.Get(path, func(c *app.Call) error { return c.RespondText(version) })
//		})
//	}
//
// A block that the user of a verb has given it is called outside, so that its
// lines are named. Of calls inside of one another the outermost counts. With the
// zero Site nothing changes. A nil declare is a mistake.
func (r *Route) DeclareAt(site app.Site, declare func(*Route)) {
	if declare == nil {
		r.tree.fail(r.caller(), errors.New("declare at a site: the block is nil"))
		return
	}
	if r.tree.site == (app.Site{}) {
		r.tree.site = site
		defer func() { r.tree.site = app.Site{} }()
	}
	declare(r)
}

// caller returns the site that the method which calls it was called for: the one
// of DeclareAt, or the line that called the method.
func (r *Route) caller() app.Site {
	if r.tree.site != (app.Site{}) {
		return r.tree.site
	}
	return app.Caller(2)
}
