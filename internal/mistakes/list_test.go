package mistakes_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config is what a plugin's users set.
type Config struct {
	names    []string
	mistakes mistakes.List
}

func (c *Config) Name(name string) {
	if name == "" {
		c.mistakes.Add(errors.New("the name is empty"))
		return
	}
	c.names = append(c.names, name)
}

func Example() {
	var c Config
	c.Name("")
	c.Name("first")
	fmt.Println(c.names, c.mistakes.Err())
	// Output: [first] the name is empty
}

func TestList(t *testing.T) {
	t.Parallel()
	var list mistakes.List
	require.NoError(t, list.Err())
	list.Add(nil)
	require.NoError(t, list.Err())
	first, second := errors.New("first"), errors.New("second")
	list.Add(first)
	list.Add(second)
	require.EqualError(t, list.Err(), "first\nsecond")
	require.ErrorIs(t, list.Err(), second)
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	var calls []string
	call := func(name string) func(*[]string) {
		return func(calls *[]string) { *calls = append(*calls, name) }
	}
	require.NoError(t, mistakes.Configure(&calls, nil))
	require.NoError(t, mistakes.Configure(&calls, []func(*[]string){call("a"), call("b")}))
	require.EqualError(t, mistakes.Configure(&calls, []func(*[]string){call("c"), nil, call("d")}), "the configuration function is nil")
	assert.Equal(t, []string{"a", "b", "c", "d"}, calls)
}

func TestEach(t *testing.T) {
	t.Parallel()
	first, second := errors.New("first"), errors.New("second")
	wrap := func(err error) error { return fmt.Errorf("scheme: %w", err) }
	require.NoError(t, mistakes.Each(nil, wrap))
	all := mistakes.Each(errors.Join(first, second), wrap)
	require.EqualError(t, all, "scheme: first\nscheme: second")
	require.ErrorIs(t, all, second)
	assert.Len(t, mistakes.Split(all), 2)
}

func TestSplit(t *testing.T) {
	t.Parallel()
	first, second, third := errors.New("first"), errors.New("second"), errors.New("third")
	said := fmt.Errorf("said: %w and %w", first, second)
	for name, test := range map[string]struct {
		err   error
		parts []error
	}{
		"nil":    {nil, nil},
		"one":    {first, []error{first}},
		"joined": {errors.Join(first, second), []error{first, second}},
		"nested": {errors.Join(first, errors.Join(second, third)), []error{first, second, third}},
		"said":   {said, []error{said}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.parts, mistakes.Split(test.err)) })
	}
}
