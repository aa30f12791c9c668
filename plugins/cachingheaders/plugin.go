package cachingheaders

import (
	"io/fs"
	"net/http"
	"slices"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// Plugin adds Cache-Control and Expires to responses. It can be installed on the
// application, or on routes, where the nearest installation is the only one
// that runs.
//
// Ktor: CachingHeaders.
var Plugin = app.NewScopedPlugin("CachingHeaders", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	rules := &rules{slices.Clone(b.Config().providers)}
	// Before the ranges, which may give the body another type, and the
	// conditions, which leave 304 without one: providers ask for it.
	b.InterceptSend(app.SendContentEncoding, rules.applyToAny)
	b.OnCallRespond(rules.applyToFile)
	return b.Config().mistakes.Err()
}

// rules are what an installation says about responses. They never change, and
// serve any number of calls at once.
type rules struct{ providers []Provider }

// applyToFile adds the headers before RespondFile answers 304 by itself, which
// has no type that providers could go by.
func (r *rules) applyToFile(c *app.Call, out *app.Outgoing) error {
	if _, isFile := out.Value.(fs.File); !isFile || out.Status != 0 && out.Status != http.StatusOK {
		return nil
	}
	askedKey.Set(c, true)
	return r.apply(c, out)
}

// askedKey marks calls whose providers were asked about a file: they are not
// asked again about a 304 of it, which they would not know.
var askedKey = app.NewKey[bool]("cachingheaders.asked")

// applyToAny adds the headers to what is committed, but to a file that was
// looked at before, unless an error has taken its place.
func (r *rules) applyToAny(c *app.Call, out *app.Outgoing) error {
	if asked, _ := askedKey.Get(c); asked && !isError(out.Status) {
		return nil
	}
	return r.apply(c, out)
}

// apply adds the headers, unless the response has said it.
func (r *rules) apply(c *app.Call, out *app.Outgoing) error {
	if len(out.Header["Cache-Control"]) > 0 || httpheader.IsEventStream(out.Header.Get("Content-Type")) {
		return nil
	}
	said, expires := r.ask(c, out)
	if isError(out.Status) {
		said.forbidding()
		if expires.After(time.Now()) {
			expires = time.Time{}
		}
	}
	if value := said.String(); value != "" {
		out.Header["Cache-Control"] = []string{value}
	}
	if !expires.IsZero() && len(out.Header["Expires"]) == 0 {
		out.Header["Expires"] = []string{expires.UTC().Format(http.TimeFormat)}
	}
	return nil
}

// ask collects what is to be said about a response.
func (r *rules) ask(c *app.Call, out *app.Outgoing) (said merged, expires time.Time) {
	hear := func(options CachingOptions) {
		if options.CacheControl != nil {
			options.CacheControl.mergeInto(&said)
		}
		if expires.IsZero() {
			expires = options.Expires
		}
	}
	own, _ := optionsKey.Get(c)
	for _, options := range own {
		hear(options)
	}
	for _, provider := range r.providers {
		if options := provider(c, out); options != nil {
			hear(*options)
		}
	}
	return said, expires
}

// isError reports whether a response is about a failure: whoever kept it would
// show it for as long as what should have been in its place.
func isError(status int) bool { return status >= 400 }
