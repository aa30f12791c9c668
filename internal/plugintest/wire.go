package plugintest

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ReadHead reads a response that ends with its connection, as golden files have
// it: the lines of the head, without Date and Connection, which every server
// adds, and the body.
func ReadHead(t *testing.T, conn io.Reader) (lines []string, body string) {
	t.Helper()
	reader := bufio.NewReader(conn)
	for {
		line, err := reader.ReadString('\n')
		require.NoError(t, err)
		if line = strings.TrimSuffix(line, "\r\n"); line == "" {
			break
		}
		if !strings.HasPrefix(line, "Date: ") && line != "Connection: close" {
			lines = append(lines, line)
		}
	}
	rest, err := io.ReadAll(reader)
	require.NoError(t, err)
	return lines, string(rest)
}
