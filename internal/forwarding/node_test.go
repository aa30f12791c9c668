package forwarding_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/forwarding"
)

func TestParseNode(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1": "192.0.2.1:0", "192.0.2.1:80": "192.0.2.1:80", "192.0.2.1:0": "192.0.2.1:0", "192.0.2.1:_port": "192.0.2.1:0",
		"2001:DB8::1": "[2001:db8::1]:0", "[2001:db8::1]": "[2001:db8::1]:0", "[2001:db8::1]:80": "[2001:db8::1]:80",
		"[::ffff:192.0.2.1]:80": "192.0.2.1:80", "unknown": "unknown", "UNKNOWN:80": "unknown", "_Hidden-1.x_y": "_Hidden-1.x_y", "_a:_b": "_a", "unix:": "unix:",
	} {
		node, err := forwarding.ParseNode(text)
		require.NoError(t, err, text)
		if node.Name != "" {
			assert.Equal(t, want, node.Name, text)
			assert.False(t, node.Address.IsValid(), text)
			continue
		}
		assert.Equal(t, want, node.Address.String(), text)
	}
	for _, text := range []string{
		"", "client", "192.0.2", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:80:80", "192.0.2.1/24", "[192.0.2.1]",
		"[2001:db8::1", "2001:db8::1]", "[]", "[]:80", "[2001:db8::1]80", "fe80::1%eth0", "[fe80::1%eth0]", "_", "_a b", "_é", "unknown:", "unix:/run/a", " 192.0.2.1",
	} {
		_, err := forwarding.ParseNode(text)
		assert.Error(t, err, "%q", text)
	}
}
