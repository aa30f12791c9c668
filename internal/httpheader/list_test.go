package httpheader_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func TestElements(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ lines, want []string }{
		"RFC 9110 section 5.6.1.2: two":              {[]string{"foo,bar"}, []string{"foo", "bar"}},
		"RFC 9110 section 5.6.1.2: space and comma":  {[]string{"foo ,bar,"}, []string{"foo", "bar"}},
		"RFC 9110 section 5.6.1.2: empty between":    {[]string{"foo , ,bar,charlie"}, []string{"foo", "bar", "charlie"}},
		"RFC 9110 section 5.6.1.2: nothing":          {[]string{""}, nil},
		"RFC 9110 section 5.6.1.2: one comma":        {[]string{","}, nil},
		"RFC 9110 section 5.6.1.2: spaces, no names": {[]string{",   ,"}, nil},
		"no line":                       {nil, nil},
		"several lines, one empty":      {[]string{"a,b", "", "\tc\t"}, []string{"a", "b", "c"}},
		"white space inside stays":      {[]string{"a b , c"}, []string{"a b", "c"}},
		"a comma in a quoted string":    {[]string{`Upgrade ,, a="b, c";q=0.5`}, []string{"Upgrade", `a="b, c";q=0.5`}},
		"an escaped quote":              {[]string{`a="b\",c",d`}, []string{`a="b\",c"`, "d"}},
		"a backslash outside of quotes": {[]string{`a\",b",c`}, []string{`a\",b"`, "c"}},
		"a quoted string without end":   {[]string{`a="b,c`, "d"}, []string{`a="b,c`, "d"}},
		"a backslash at the end":        {[]string{`"a,\`, "b"}, []string{`"a,\`, "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, slices.Collect(httpheader.Elements(test.lines)))
		})
	}
}

func TestElementsStopWhenTheLoopDoes(t *testing.T) {
	t.Parallel()
	for element := range httpheader.Elements([]string{"a,b", "c"}) {
		assert.Equal(t, "a", element)
		break
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	lines := []string{"max-age=60, No-Transform", "private"}
	assert.True(t, httpheader.Lists(lines, "no-transform"))
	assert.True(t, httpheader.Lists(lines, "PRIVATE"))
	assert.False(t, httpheader.Lists(lines, "no"))
	assert.False(t, httpheader.Lists(lines, "max-age"))
	assert.False(t, httpheader.Lists(nil, "private"))
}

// FuzzElements: an element has no white space around it and is never empty, and
// the elements, joined again, are the same list.
func FuzzElements(f *testing.F) {
	for _, seed := range []string{"", "a,b", ` a , "b,c" `, `a="\",",b`, "a\nb,c", `"`, `"\`, `\",a`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var lines []string
		for line := range strings.SplitSeq(text, "\n") {
			elements := slices.Collect(httpheader.Elements([]string{line}))
			for _, element := range elements {
				require.NotEmpty(t, element)
				require.Equal(t, element, strings.Trim(element, " \t"))
				require.Equal(t, strings.Contains(line, `"`) && strings.Contains(element, ","), strings.Contains(element, ","), "only in quotes")
			}
			require.Equal(t, elements, slices.Collect(httpheader.Elements([]string{strings.Join(elements, ", ")})))
			lines = append(lines, line)
		}
		for element := range httpheader.Elements(lines) {
			require.True(t, httpheader.Lists(lines, element))
			value, parameters := httpheader.CutParameters(element)
			weight := httpheader.Weight(parameters)
			require.True(t, weight >= 0 && weight <= 1)
			require.Contains(t, element, value)
		}
	})
}
