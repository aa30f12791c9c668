package conditionalheaders

import (
	"io/fs"
	"net/http"
	"slices"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// Plugin answers 304 or 412 where the conditions of a request say so. It can be
// installed on the application, or on routes, where the nearest installation is
// the only one that runs. Without a configuration it knows the versions that
// handlers set as ETag and Last-Modified.
//
// Ktor: ConditionalHeaders.
var Plugin = app.NewScopedPlugin("ConditionalHeaders", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	v := &versions{slices.Clone(b.Config().providers)}
	b.Provide(v)
	if len(v.providers) > 0 {
		b.OnCallRespond(v.describeFile)
	}
	b.OnBodyReady(v.answer)
	return b.Config().mistakes.Err()
}

// versions is what an installation knows the versions of responses by. It never
// changes, and serves any number of calls at once.
type versions struct{ providers []Provider }

// describedKey marks calls whose response has the headers that the providers
// ask for: they are not asked again, since the body may be a part by then.
var describedKey = app.NewKey[bool]("conditionalheaders.described")

// of returns the version that a response is of, and sets the headers that tell
// it.
func (v *versions) of(c *app.Call, out *app.Outgoing) (state, error) {
	var told []Version
	if described, _ := describedKey.Get(c); !described {
		for _, provider := range v.providers {
			told = append(told, provider(c, out)...)
		}
	}
	s, err := stateOf(told)
	if err != nil {
		return state{}, err
	}
	s = s.overriddenBy(out.Header)
	s.tell(out.Header, out.Wrapped())
	if out.Wrapped() { // the conditions are about what was there before
		s.tag.Weak = false
	}
	return s, nil
}

// describeFile tells the version of a file before RespondFile compares it with
// the conditions and cuts ranges out of it, which come later.
func (v *versions) describeFile(c *app.Call, out *app.Outgoing) error {
	if _, isFile := out.Value.(fs.File); !isFile || !concerns(c, out) {
		return nil
	}
	if _, err := v.of(c, out); err != nil {
		return err
	}
	describedKey.Set(c, true)
	return nil
}

// answer changes the response to what the conditions ask for.
func (v *versions) answer(c *app.Call, out *app.Outgoing) error {
	if !concerns(c, out) {
		return nil
	}
	s, err := v.of(c, out)
	if err != nil {
		return err
	}
	switch s.evaluate(c.Request.Header) {
	case http.StatusNotModified:
		notModified(out)
	case http.StatusPreconditionFailed:
		return c.Replace(func(c *app.Call, _ *app.Outgoing) error {
			httpheader.DeleteKeeping(c.Header())
			return c.RespondStatus(http.StatusPreconditionFailed)
		})
	}
	return nil
}

// notModified leaves of a response what RFC 9110 section 15.4.5 wants of a 304,
// as http.ServeContent does.
func notModified(out *app.Outgoing) {
	out.Status = http.StatusNotModified
	out.SetBytes(nil)
	for _, name := range [...]string{"Content-Type", "Content-Encoding", "Content-Range", "Accept-Ranges"} {
		delete(out.Header, name)
	}
	if len(out.Header["Etag"]) > 0 {
		delete(out.Header, "Last-Modified")
	}
}

// concerns reports whether conditions are evaluated for a response: for
// successful ones to GET and HEAD, after which nothing has happened that they
// could have prevented. An event stream is of no version.
func concerns(c *app.Call, out *app.Outgoing) bool {
	return (out.Status == 0 || out.Status >= 200 && out.Status < 300) && isRead(c.Request.Method) &&
		!httpheader.IsEventStream(out.Header.Get("Content-Type"))
}

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }
