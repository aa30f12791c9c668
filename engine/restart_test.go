package engine_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// When Run has got SIGUSR2 a new process takes over, with whatever was installed
// in the place of this program.
func ExampleRestart() {
	server := engine.EmbeddedServer(Module, engine.Port(8080), engine.Restart())
	fmt.Println(server.Application().Draining())
	// Output: false
}

// Where sockets cannot be handed over the option says so.
func TestRestartIsOfUnix(t *testing.T) {
	site := app.Caller(0)
	server := engine.EmbeddedServer(answer(hello), engine.Listener(memnet.Listen()), quiet,
		engine.Restart())
	site.Line += 2
	err := server.Start(t.Context())
	if runtime.GOOS == "windows" {
		require.EqualError(t, err, site.String()+": restart: this system cannot hand sockets over")
		return
	}
	require.NoError(t, err)
	require.NoError(t, server.Stop(t.Context()))
}
