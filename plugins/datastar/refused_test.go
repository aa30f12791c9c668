package datastar_test

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/datastar"
	"github.com/chitor-go/chitor/plugins/sse"
)

// component renders itself as the components of templ do.
type component func(ctx context.Context, w io.Writer) error

func (c component) Render(ctx context.Context, w io.Writer) error { return c(ctx, w) }

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		send func(to datastar.Sender) error
		want string
	}{
		"no elements":       {func(to datastar.Sender) error { return datastar.PatchElements(to, "") }, "patch elements: nothing was sent: there are no elements"},
		"nowhere to append": {func(to datastar.Sender) error { return datastar.PatchElements(to, "<p>", datastar.Append) }, "the mode append needs a selector"},
		"a blank selector": {func(to datastar.Sender) error {
			return datastar.PatchElements(to, "<p>", datastar.Selector(" \n"), datastar.Inner)
		}, "the mode inner needs a selector"},
		"nothing to remove": {func(to datastar.Sender) error { return datastar.RemoveElements(to, "") }, "remove elements: nothing was sent: the mode remove needs a selector"},
		"a mode":            {func(to datastar.Sender) error { return datastar.PatchElements(to, "<p>", datastar.Mode("x\ny")) }, `there is no mode "x\ny"`},
		"a namespace":       {func(to datastar.Sender) error { return datastar.PatchElements(to, "<p>", datastar.Namespace("x")) }, `there is no namespace "x"`},
		"a nil option":      {func(to datastar.Sender) error { return datastar.PatchElements(to, "<p>", nil) }, "an option is nil"},
		"a nil template":    {func(to datastar.Sender) error { return datastar.PatchTemplate(to, nil, 1) }, "the template is nil"},
		"a nil component": {func(to datastar.Sender) error {
			return datastar.PatchComponent(context.Background(), to, nil)
		}, "the component is nil"},
		"a nil sender": {func(datastar.Sender) error { return datastar.PatchElements(nil, "<p>") }, "the sender is nil"},
		"a nil hub": {func(datastar.Sender) error {
			return datastar.PatchElements(datastar.Topic(context.Background(), nil, "a"), "<p>")
		}, "the hub is nil"},
		"no object":                {func(to datastar.Sender) error { return datastar.PatchSignals(to, []int{1}) }, "patch signals: nothing was sent: the signals are no object: []int"},
		"nil":                      {func(to datastar.Sender) error { return datastar.PatchSignals(to, nil) }, "the signals are no object"},
		"no JSON":                  {func(to datastar.Sender) error { return datastar.PatchSignals(to, json.RawMessage("{a: 1}")) }, "the signals are no JSON"},
		"two objects":              {func(to datastar.Sender) error { return datastar.PatchSignals(to, json.RawMessage("{}{}")) }, "the signals are no JSON"},
		"a nil option of signals":  {func(to datastar.Sender) error { return datastar.PatchSignals(to, struct{}{}, nil) }, "an option is nil"},
		"no signal":                {func(to datastar.Sender) error { return datastar.RemoveSignals(to, nil) }, "no signal is named"},
		"an empty name":            {func(to datastar.Sender) error { return datastar.RemoveSignals(to, []string{"a..b"}) }, `"a..b" is no name of a signal`},
		"a name within another":    {func(to datastar.Sender) error { return datastar.RemoveSignals(to, []string{"a", "a.b"}) }, `"a.b" is within another name, or holds one`},
		"a name around another":    {func(to datastar.Sender) error { return datastar.RemoveSignals(to, []string{"a.b", "a"}) }, `"a" is within another name, or holds one`},
		"the end of a script":      {func(to datastar.Sender) error { return datastar.ExecuteScript(to, `"</ScRiPt >"`) }, "the script holds </script or <!--"},
		"a comment in a script":    {func(to datastar.Sender) error { return datastar.ExecuteScript(to, `"<!--<script>"`) }, "the script holds </script or <!--"},
		"an attribute":             {func(to datastar.Sender) error { return datastar.ExecuteScript(to, "1", datastar.Attribute("a>b", "")) }, `"a>b" is no name of an attribute`},
		"an attribute of no name":  {func(to datastar.Sender) error { return datastar.ExecuteScript(to, "1", datastar.Attribute("", "")) }, `"" is no name of an attribute`},
		"a nil option of a script": {func(to datastar.Sender) error { return datastar.ConsoleLog(to, "x", nil) }, "log to the console: nothing was sent: an option is nil"},
		"a script as a location":   {func(to datastar.Sender) error { return datastar.Redirect(to, "JavaScript:alert(1)") }, `redirect: nothing was sent: the scheme "javascript" leads to no page`},
		"a location that is none":  {func(to datastar.Sender) error { return datastar.Redirect(to, "java\nscript:alert(1)") }, "the location is no URL"},
		"a location with a blank":  {func(to datastar.Sender) error { return datastar.Redirect(to, " javascript:alert(1)") }, "the location is no URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var to sent
			err := test.send(&to)
			require.ErrorIs(t, err, datastar.ErrInvalid)
			assert.ErrorContains(t, err, test.want)
			assert.Empty(t, to.wire)
		})
	}
}

// What the stream refuses, and what cannot be rendered, sends nothing either.
func TestFailed(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		send func(to datastar.Sender) error
		want error
	}{
		"an event ID": {func(to datastar.Sender) error {
			return datastar.PatchElements(to, "<p>", datastar.EventID("1\ndata: x"))
		}, sse.ErrInvalidEvent},
		"a time to retry": {func(to datastar.Sender) error {
			return datastar.ExecuteScript(to, "1", datastar.Retry(-time.Second))
		}, sse.ErrInvalidEvent},
		"a component": {func(to datastar.Sender) error {
			return datastar.PatchComponent(context.Background(), to, component(func(_ context.Context, w io.Writer) error {
				_, _ = io.WriteString(w, "<p>half")
				return broken
			}))
		}, broken},
		"a template": {func(to datastar.Sender) error {
			page := template.Must(template.New("").Funcs(template.FuncMap{"fail": func() (string, error) { return "", broken }}).Parse("<p>{{fail}}"))
			return datastar.PatchTemplate(to, page, nil)
		}, broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var to sent
			require.ErrorIs(t, test.send(&to), test.want)
			assert.Empty(t, to.wire)
		})
	}
	var to sent
	assert.ErrorContains(t, datastar.PatchSignals(&to, map[string]any{"f": func() {}}), "patch signals: json: unsupported type: func()")
	assert.Empty(t, to.wire)
}

func TestRendered(t *testing.T) {
	t.Parallel()
	page := template.Must(template.New("").Parse(`<p id="a">{{.}}</p>`))
	assert.Equal(t, "event: datastar-patch-elements\r\ndata: selector #x\r\ndata: elements <p id=\"a\">&lt;b&gt;\r\ndata: elements c</p>\r\n\r\n",
		record(t, func(to *sent) error { return datastar.PatchTemplate(to, page, "<b>\rc", datastar.Selector("#x")) }))

	type key struct{}
	greeting := component(func(ctx context.Context, w io.Writer) error {
		_, err := io.WriteString(w, ctx.Value(key{}).(string))
		return err
	})
	assert.Equal(t, "event: datastar-patch-elements\r\ndata: mode replace\r\ndata: elements <i>\r\n\r\n", record(t, func(to *sent) error {
		return datastar.PatchComponent(context.WithValue(context.Background(), key{}, "<i>"), to, greeting, datastar.Replace)
	}))
}
