package httpheader_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func TestEntityTags(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"RFC 9110 section 13.1.1: one":         {[]string{`"xyzzy"`}, `"xyzzy"`},
		"RFC 9110 section 13.1.1: several":     {[]string{`"xyzzy", "r2d2xxxx", "c3piozzzz"`}, `"xyzzy" "r2d2xxxx" "c3piozzzz"`},
		"RFC 9110 section 13.1.2: weak":        {[]string{`W/"xyzzy", W/"r2d2xxxx"`}, `W/"xyzzy" W/"r2d2xxxx"`},
		"RFC 9110 section 8.8.3: empty":        {[]string{`""`}, `""`},
		"several lines":                        {[]string{`"a"`, ``, `"b" , W/"c"`}, `"a" "b" W/"c"`},
		"empty elements":                       {[]string{`, ,"a",,"b",`}, `"a" "b"`},
		"a comma and a space in a tag":         {[]string{`"a,b" ,"c"`}, `"a,b" "c"`},
		"a backslash escapes nothing":          {[]string{`"a\", "b"`}, `"a\" "b"`},
		"without quotes":                       {[]string{`tag0,tag1 , W/tag3`}, `"tag0" "tag1" W/"tag3"`},
		"bytes beyond ASCII":                   {[]string{"\"\xe9\""}, "\"\xe9\""},
		"no end":                               {[]string{`"a", "b`, `"c"`}, `"a" "c"`},
		"something behind it":                  {[]string{`"a"b, "c"`}, ``},
		"a quality":                            {[]string{`"a";q=0.5`}, ``},
		"a weak mark in lower case is no mark": {[]string{`w/"a"`}, ``},
		"a space in a tag":                     {[]string{`"a b"`}, ``},
		"a control character":                  {[]string{"\"a\x00\""}, ``},
		"nothing":                              {nil, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var found []string
			for tag := range httpheader.EntityTags(test.lines) {
				found = append(found, tag.String())
			}
			assert.Equal(t, test.want, strings.Join(found, " "))
		})
	}
}

// The table of RFC 9110 section 8.8.3.2.
func TestEntityTagsCompare(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b         string
		strong, weak bool
	}{
		{`W/"1"`, `W/"1"`, false, true},
		{`W/"1"`, `W/"2"`, false, false},
		{`W/"1"`, `"1"`, false, true},
		{`"1"`, `"1"`, true, true},
		{`"1"`, ``, false, false},
		{``, ``, false, false},
	} {
		a, _ := httpheader.ParseEntityTag(test.a)
		b, _ := httpheader.ParseEntityTag(test.b)
		assert.Equal(t, test.strong, a.MatchesStrongly(b), "%s %s", test.a, test.b)
		assert.Equal(t, test.weak, a.MatchesWeakly(b), "%s %s", test.a, test.b)
		assert.Equal(t, test.weak, b.MatchesWeakly(a), "%s %s", test.a, test.b)
	}
	assert.True(t, httpheader.IsAnyTag([]string{" * "}))
	assert.False(t, httpheader.IsAnyTag([]string{`*, "a"`}))
	assert.False(t, httpheader.IsAnyTag(nil))
}

func TestEntityTagsAreMade(t *testing.T) {
	t.Parallel()
	for _, opaque := range []string{"a b", `a"b`, "a\r\nb", "\x7f"} {
		_, ok := httpheader.NewEntityTag(opaque, false)
		assert.False(t, ok, "%q", opaque)
	}
	tag, ok := httpheader.NewEntityTag("v1", true)
	require.True(t, ok)
	assert.True(t, tag.IsSet())
	assert.Equal(t, `W/"v1"`, tag.String())
	assert.Empty(t, httpheader.EntityTag{}.String())
}

// FuzzEntityTags: what was read, written as a list, is read again, and no tag
// can end a header.
func FuzzEntityTags(f *testing.F) {
	for _, seed := range []string{"", `"a", W/"b"`, `a,b`, `"a\", "`, `*`, `W/`, `W/""`, "\"\xff\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var found []string
		for tag := range httpheader.EntityTags([]string{text}) {
			found = append(found, tag.String())
			require.NotContains(t, tag.String(), "\n")
			again, ok := httpheader.ParseEntityTag(tag.String())
			require.True(t, ok)
			require.Equal(t, tag, again)
			made, ok := httpheader.NewEntityTag(tag.Opaque, tag.Weak)
			require.True(t, ok)
			require.True(t, made.MatchesWeakly(tag))
		}
		var again []string
		for tag := range httpheader.EntityTags([]string{strings.Join(found, ", ")}) {
			again = append(again, tag.String())
		}
		require.Equal(t, found, again)
	})
}
