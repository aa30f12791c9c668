package nats_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/brokertest"
	"github.com/chitor-go/chitor/plugins/sse/nats"
	"github.com/chitor-go/chitor/plugins/sse/nats/embedded"
)

func TestBrokerInMemory(t *testing.T) {
	t.Parallel()
	brokertest.Test(t, func(t *testing.T) brokertest.Log {
		server := start(t)
		return log(t, connect(t, server), func(t testing.TB) sse.Broker {
			broker, err := server.Broker(t.Context())
			require.NoError(t, err)
			return broker
		})
	})
}

func TestBrokerInFiles(t *testing.T) {
	t.Parallel()
	brokertest.Test(t, func(t *testing.T) brokertest.Log {
		server := start(t, func(c *embedded.Config) { c.Directory = t.TempDir() })
		conn := connect(t, server)
		return log(t, conn, func(t testing.TB) sse.Broker {
			broker, err := nats.New(t.Context(), conn)
			require.NoError(t, err)
			return broker
		})
	})
}

func TestBrokerByURL(t *testing.T) {
	t.Parallel()
	brokertest.Test(t, byURL)
}

func TestNodes(t *testing.T) {
	t.Parallel()
	brokertest.TestNodes(t, byURL)
}

// byURL has a server of its own process that is killed, as by kill -9.
func byURL(t *testing.T) brokertest.Log {
	process := startProcess(t)
	open := func(t testing.TB) sse.Broker { return dial(t, process.url) }
	kit := log(t, dialConn(t, process.url), open)
	kit.Restart = process.restart
	return kit
}
