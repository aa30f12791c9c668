package hocon_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// sites returns where each value was written, by its path.
func sites(path string, value any, found map[string]string) map[string]string {
	if located, ok := value.(app.Located); ok {
		found[path] = located.Site.String()
		value = located.Value
	}
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			sites(path+"."+key, child, found)
		}
	case []any:
		for _, child := range value {
			sites(path+"[]", child, found)
		}
	}
	return found
}

func TestEachValueHasItsSite(t *testing.T) {
	t.Parallel()
	tree, err := parse("main.conf", map[string]string{
		"main.conf": `a = 1
b { c = é x, d.e = [
  true ]
}
f = ${a}
g = ${PORT}
h = ${a} text
"é" : null
a2 = 1, a2 = 2
include "other"
i = ${b} { j = 1 }
`,
		"other.json":       "{\n \"k\": 1 }",
		"other.properties": "# one\nl.m=1\n  n : 2",
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		".a": "main.conf:1:5", ".b": "main.conf:2:3", ".b.c": "main.conf:2:9", ".b.d": "main.conf:2:14",
		".b.d.e": "main.conf:2:20", ".b.d.e[]": "main.conf:3:3",
		".f":   "main.conf:1:5", // the value's own
		".g":   "main.conf:6:5", // the substitution's: the environment has no lines
		".h":   "main.conf:7:5",
		".é":   "main.conf:8:7",
		".a2":  "main.conf:9:14",
		".k":   "other.json:2:7",
		".l":   "other.properties:2:1",
		".l.m": "other.properties:2:1",
		".n":   "other.properties:3:3",
		".i":   "main.conf:11:10", ".i.c": "main.conf:2:9", ".i.d": "main.conf:2:14",
		".i.d.e": "main.conf:2:20", ".i.d.e[]": "main.conf:3:3", ".i.j": "main.conf:11:16",
	}, sites("", tree, map[string]string{}))
}
