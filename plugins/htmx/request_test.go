package htmx_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/htmx"
	"github.com/chitor-go/chitor/routing"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	htmx2 := []string{"HX-Request", "true"}
	htmx4 := func(kind string) []string {
		return []string{"HX-Request", "true", "HX-Source", "a", "HX-Request-Type", kind}
	}
	for name, test := range map[string]struct {
		ask     func(h htmx.RequestHeaders) any
		headers []string
		want    string
		vary    string
	}{
		"htmx":                      {func(h htmx.RequestHeaders) any { return h.IsHTMX() }, htmx2, "true", "HX-Request"},
		"no htmx":                   {func(h htmx.RequestHeaders) any { return h.IsHTMX() }, []string{"HX-Request", "1"}, "false", "HX-Request"},
		"boosted":                   {func(h htmx.RequestHeaders) any { return h.IsBoosted() }, []string{"HX-Boosted", "true"}, "true", "HX-Boosted"},
		"history":                   {func(h htmx.RequestHeaders) any { return h.IsHistoryRestore() }, []string{"HX-History-Restore-Request", "true"}, "true", "HX-History-Restore-Request"},
		"a part":                    {func(h htmx.RequestHeaders) any { return h.IsPartial() }, htmx2, "true", partialVary},
		"a part for nobody":         {func(h htmx.RequestHeaders) any { return h.IsPartial() }, nil, "false", partialVary},
		"a part, boosted":           {func(h htmx.RequestHeaders) any { return h.IsPartial() }, append([]string{"HX-Boosted", "true"}, htmx2...), "false", partialVary},
		"a part, of the history":    {func(h htmx.RequestHeaders) any { return h.IsPartial() }, append([]string{"HX-History-Restore-Request", "true"}, htmx4("partial")...), "false", partialVary},
		"a part, of the history 2":  {func(h htmx.RequestHeaders) any { return h.IsPartial() }, append([]string{"HX-History-Restore-Request", "true"}, htmx2...), "false", partialVary},
		"a part for htmx 4":         {func(h htmx.RequestHeaders) any { return h.IsPartial() }, htmx4("partial"), "true", partialVary},
		"a part, boosted by htmx 4": {func(h htmx.RequestHeaders) any { return h.IsPartial() }, append([]string{"HX-Boosted", "true"}, htmx4("partial")...), "true", partialVary},
		"a whole for htmx 4":        {func(h htmx.RequestHeaders) any { return h.IsPartial() }, htmx4("full"), "false", partialVary},
		"address":                   {func(h htmx.RequestHeaders) any { return h.CurrentURL().Host }, []string{"HX-Current-URL", "https://example.com/a?b#c"}, "example.com", "HX-Current-Url"},
		"no address":                {func(h htmx.RequestHeaders) any { return h.CurrentURL() == nil }, nil, "true", "HX-Current-Url"},
		"an address that is none":   {func(h htmx.RequestHeaders) any { return h.CurrentURL() == nil }, []string{"HX-Current-URL", "%zz"}, "true", "HX-Current-Url"},
		"prompt":                    {func(h htmx.RequestHeaders) any { return h.Prompt() }, []string{"HX-Prompt", "yes 100%25"}, "yes 100%25", promptVary},
		"prompt of a few bytes":     {func(h htmx.RequestHeaders) any { return h.Prompt() }, []string{"HX-Prompt", "caf\xe9"}, "café", promptVary},
		"prompt of any characters":  {func(h htmx.RequestHeaders) any { return h.Prompt() }, []string{"HX-Prompt", "%C5%82%FF", "HX-Prompt-URI-AutoEncoded", "true"}, "ł\ufffd", promptVary},
		"prompt, badly encoded":     {func(h htmx.RequestHeaders) any { return h.Prompt() }, []string{"HX-Prompt", "%C", "HX-Prompt-URI-AutoEncoded", "true"}, "%C", promptVary},
		"target":                    {func(h htmx.RequestHeaders) any { return h.TargetID() }, []string{"HX-Target", "result"}, "result", "HX-Source, HX-Target, HX-Target-URI-AutoEncoded"},
		"target of htmx 4":          {func(h htmx.RequestHeaders) any { return h.TargetID() }, []string{"HX-Source", "a", "HX-Target", "div#a%20b"}, "a b", "HX-Source, HX-Target"},
		"trigger":                   {func(h htmx.RequestHeaders) any { return h.TriggerID() }, []string{"HX-Trigger", "load"}, "load", "HX-Source, HX-Trigger, HX-Trigger-URI-AutoEncoded"},
		"trigger of htmx 4":         {func(h htmx.RequestHeaders) any { return h.TriggerID() }, []string{"HX-Source", "button#load"}, "load", "HX-Source"},
		"name":                      {func(h htmx.RequestHeaders) any { return h.TriggerName() }, []string{"HX-Trigger-Name", "q"}, "q", "HX-Trigger-Name, HX-Trigger-Name-URI-AutoEncoded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, func(a *app.Application) {
					routing.Routes(a, func(r *routing.Route) {
						r.Get("/", func(c *app.Call) error { return c.RespondText(fmt.Sprint(test.ask(htmx.Request(c)))) })
					})
				}, mode)
				response := host.Get("/", headers(test.headers...)...)
				assert.Equal(t, test.want, apptest.Text(t, response))
				assert.Equal(t, test.vary, response.Header.Get("Vary"))
			})
		})
	}
}

const (
	partialVary = "HX-Request, HX-History-Restore-Request, HX-Boosted, HX-Request-Type"
	promptVary  = "HX-Prompt, HX-Prompt-URI-AutoEncoded"
)
