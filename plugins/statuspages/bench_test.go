package statuspages_test

import (
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/statuspages"
)

func handlers(c *statuspages.Config) {
	c.Status(404, page)
	statuspages.Exception(c, func(c *app.Call, _ error) error { return respond(c, 500, "error") })
}

func BenchmarkStatusPages(b *testing.B) {
	for name, serve := range map[string]func(){
		"without":  calls(b, "/", nil),
		"no page":  calls(b, "/", handlers),
		"with one": calls(b, "/missing", handlers),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				serve()
			}
		})
	}
}
