package cors_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

func plain(a *app.Application) { routing.Routes(a, root) }

// A call that is allowed, and one that is none of the plugin's business, cost
// no allocation.
func TestAllocations(t *testing.T) {
	want := int(testing.AllocsPerRun(100, calls(t, plain, example)))
	require.Equal(t, want, int(testing.AllocsPerRun(100, calls(t, module(exampleCom, root), example))))
	require.Equal(t, want, int(testing.AllocsPerRun(100, calls(t, module(exampleCom, root), ""))))
}

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
