package config_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/config"
)

// FuzzYAML: no document makes a panic, and each refusal names the line.
func FuzzYAML(f *testing.F) {
	for _, text := range []string{
		authYAML, bomb(3), "a: &a [*a]", "a: &a\n  <<: [*a, *a]\n", "a: ${b}\nb: $a", "a: $?x\nb: ${x:y}\nc: $", "? {a: b}\n: c\n", "a: 0x1F\nb: .inf\nc: ~",
		"a: 1\n---\nb: 2", "%YAML 1.1\n---\na: yes", "\xff", "a: !!binary aGk=\nb: !x [1]", "<<: {a: 1}\na: 2", "a: |\n  x\n\n",
	} {
		f.Add(text)
	}
	line := regexp.MustCompile(`^load configuration: a\.yaml:[0-9]+(:[0-9]+)?: `)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := try("a.yaml", text)
		if err != nil {
			require.Regexp(t, line, err.Error())
			return
		}
		for _, path := range p.Keys() {
			// Names with dots are not found, and the root has no line.
			if _, found := p.Lookup(path); found && path != "" {
				require.Positive(t, p.Site(path).Line, path)
			}
		}
		var target struct {
			A []int
			B map[string]string
		}
		_ = p.DecodeStrict("", &target)
	})
}

// FuzzArguments: no argument makes a panic, and none is lost.
func FuzzArguments(f *testing.F) {
	for _, argument := range []string{"-port=80", "-P:a.b=c", "-P:=", "-config=a", "-watch=,", "--x", "=", "-P:a.0.b=1"} {
		f.Add(argument)
	}
	f.Fuzz(func(t *testing.T, argument string) {
		arguments, err := config.ParseArguments([]string{argument, "-P:a.b=last"})
		if err != nil {
			return
		}
		require.True(t, len(arguments.Ignored) == 1 || len(arguments.Paths) == 1 || strings.HasPrefix(argument, "-"))
		requireText(t, arguments.Properties, "a.b", "last")
	})
}
