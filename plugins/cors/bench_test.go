package cors_test

import (
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

func plain(a *app.Application) { routing.Routes(a, root) }

func BenchmarkCORS(b *testing.B) {
	for name, serve := range map[string]func(){
		"without":   calls(b, plain, example),
		"no origin": calls(b, module(exampleCom, root), ""),
		"allowed":   calls(b, module(exampleCom, root), example),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				serve()
			}
		})
	}
}
