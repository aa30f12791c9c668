package engine_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// built returns the path of the program of an example.
func built(t *testing.T, example string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program.exe")
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../examples/"+example).CombinedOutput()
	require.NoError(t, err, string(output))
	return program
}

// TestOnlyConfiguredProgramsHaveTheParsers: a program that reads no configuration
// does not carry what would read it.
func TestOnlyConfiguredProgramsHaveTheParsers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		example string
		has     bool
	}{
		"EmbeddedServer": {"hello", false},
		"Main":           {"engine-main", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program, err := os.ReadFile(built(t, test.example))
			require.NoError(t, err)
			// The table of functions that each program has names them. What YAML has as
			// package variables is in every program, 70 KiB.
			for _, function := range []string{"libyaml.(*Parser).", "internal/hocon.Parse", "config.Loader.Load", "go-pkcs12.DecodeChain"} {
				assert.Equal(t, test.has, strings.Contains(string(program), function), function)
			}
		})
	}
}

// TestMainSaysWhatIsWrong: each mistake is a line of the log, and the program
// ends with 1.
func TestMainSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	program := exec.CommandContext(t.Context(), built(t, "engine-main"), "-port=http", "-P:ktor.deployment.shutdownTimeout=soon")
	log, err := program.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 1, exit.ExitCode())
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	require.Len(t, lines, 2)
	assert.Contains(t, lines[0], "-port: ktor.deployment.port:")
	assert.Contains(t, lines[1], "-P: ktor.deployment.shutdownTimeout:")
}
