package httpheader_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// found is what a test says of one range.
type found struct {
	name       string
	weight     float64
	parameters map[string]string
}

func TestMediaRanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		accept string
		want   []found
		err    string
	}{
		"RFC 9110 section 12.5.1: audio": {"audio/*; q=0.2, audio/basic", []found{{"audio/*", 0.2, nil}, {"audio/basic", 1, nil}}, ""},
		"RFC 9110 section 12.5.1: elaborate": {
			"text/plain; q=0.5, text/html,\ttext/x-dvi; q=0.8, text/x-c",
			[]found{{"text/plain", 0.5, nil}, {"text/html", 1, nil}, {"text/x-dvi", 0.8, nil}, {"text/x-c", 1, nil}}, "",
		},
		"RFC 9110 section 12.5.1: precedence": {
			"text/*, text/plain, text/plain;format=flowed, */*",
			[]found{{"text/*", 1, nil}, {"text/plain", 1, nil}, {"text/plain", 1, map[string]string{"format": "flowed"}}, {"*/*", 1, nil}}, "",
		},
		"RFC 9110 section 12.5.1: weights": {
			"text/plain;format=fixed;q=0.4, */*;q=0.5",
			[]found{{"text/plain", 0.4, map[string]string{"format": "fixed"}}, {"*/*", 0.5, nil}}, "",
		},
		"none":                      {"", nil, ""},
		"empty elements":            {" , ;,\t,", nil, ""},
		"several":                   {"text/html, image/*;q=0.5,*", []found{{"text/html", 1, nil}, {"image/*", 0.5, nil}, {"*/*", 1, nil}}, ""},
		"parameters":                {`a/b;Level=1;q=0.25;title="x,\"y;z"`, []found{{"a/b", 0.25, map[string]string{"level": "1", "title": `x,"y;z`}}}, ""},
		"parameters without a name": {`a/b;=x;;c=d; =`, []found{{"a/b", 1, map[string]string{"c": "d"}}}, ""},
		"quotes":                    {`a/b;a="b";c="";d=";e="f`, []found{{"a/b", 1, map[string]string{"a": "b", "c": "", "d": `";e="f`}}}, ""},
		"q-values to doubt":         {"a/b;q=2, a/c;q=x, a/d;q=NaN, a/e;q", []found{{"a/b", 1, nil}, {"a/c", 1, nil}, {"a/d", 1, nil}, {"a/e", 1, nil}}, ""},
		"not a range":               {"a/b, what, c/d", []found{{"a/b", 1, nil}}, `accept "a/b, what, c/d": it is not a media type`},
		"parameters alone":          {";q=0.5", nil, `accept ";q=0.5": it is not a media type`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []found
			failure := ""
			for each, err := range httpheader.MediaRanges(test.accept) {
				if err != nil {
					failure = err.Error()
					continue
				}
				parameters := maps.Collect(each.Parameters())
				if len(parameters) == 0 {
					parameters = nil
				}
				got = append(got, found{each.String(), each.Weight, parameters})
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.err, failure)
		})
	}
}

// FuzzMediaRanges reads anything: what is no media range is an error, and the
// last thing that comes.
func FuzzMediaRanges(f *testing.F) {
	for _, seed := range []string{"", "*/*", "text/*;q=0.5, text/html", `text/html;a="b,c";q=.1,*`, `x"/y`, `a/b;c="\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		ended := false
		for found, err := range httpheader.MediaRanges(accept) {
			require.False(t, ended, "nothing comes after an error")
			if ended = err != nil; ended {
				continue
			}
			read, ok := httpheader.ParseMediaType(found.String())
			require.True(t, ok)
			require.Equal(t, found.MediaType, read)
			require.True(t, found.Weight >= 0 && found.Weight <= 1)
			for name := range found.Parameters() {
				require.NotEmpty(t, name)
			}
		}
	})
}

func TestMediaRangesStopWhenTheLoopDoes(t *testing.T) {
	t.Parallel()
	for each, err := range httpheader.MediaRanges("a/b;x=1;y=2, what") {
		require.NoError(t, err)
		for name, value := range each.Parameters() {
			assert.Equal(t, "x=1", name+"="+value)
			break
		}
		break
	}
}

// TestARangeNamesAType has the parameters of a range and those of a type.
func TestARangeNamesAType(t *testing.T) {
	t.Parallel()
	// Each line is less precise than the one before, but for those that do not
	// contain the type.
	ordered := []string{
		"text/html;level=1;charset=utf-8", "text/html;level=1", "text/html", "text/html;x=y",
		"text/*;level=1", "text/*", "text/*;x=y", "*/*;level=1", "*/*", "*/*;x=y",
	}
	parameters := map[string]string{"level": "1", "charset": "UTF-8"}
	names := func(accept string, m httpheader.MediaType, parameters map[string]string) int {
		for found, err := range httpheader.MediaRanges(accept) {
			require.NoError(t, err)
			return found.Names(m, parameters)
		}
		return -2
	}
	html := httpheader.MediaType{Type: "text", Subtype: "html"}
	for i, accept := range ordered {
		precision := names(accept, html, parameters)
		assert.GreaterOrEqual(t, precision, 0, accept)
		if i > 0 {
			assert.Less(t, precision, names(ordered[i-1], html, parameters), accept)
		}
	}
	for _, accept := range []string{"text/html;level=2", "text/html;level=1;charset=latin1", "text/css", "image/*", "*/*;level=2"} {
		assert.Equal(t, -1, names(accept, html, parameters), accept)
	}
	assert.Equal(t, names("text/html", html, nil), names("text/html;q=0.1", html, nil), "q is no parameter")
	text := httpheader.MediaType{Type: "text", Subtype: "*"}
	assert.GreaterOrEqual(t, names("text/html;level=2", text, map[string]string{"level": "1"}), 0, "any type in a range will do")
	many := "text/*" + strings.Repeat(";level=1", 1000)
	assert.Less(t, names(many, html, parameters), names("text/html;x=y", html, parameters), "no number of parameters beats a part")
}
