package mediatype_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/mediatype"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]mediatype.Type{
		"text/html":                {Kind: "text", Subtype: "html"},
		"Application/LD+JSON":      {Kind: "application", Subtype: "ld+json"},
		"image/*":                  {Kind: "image", Subtype: "*"},
		"*/*":                      {Kind: "*", Subtype: "*"},
		"text":                     {},
		"text/":                    {},
		"/html":                    {},
		"text/html/5":              {},
		"te xt/html":               {},
		"":                         {},
		"text/html; charset=utf-8": {},
	} {
		got, ok := mediatype.Parse(text)
		assert.Equal(t, want, got, text)
		assert.Equal(t, want != mediatype.Type{}, ok, text)
	}
}

func TestParseContentType(t *testing.T) {
	t.Parallel()
	got, parameters, err := mediatype.ParseContentType(`Text/HTML; Charset="utf-8"`)
	require.NoError(t, err)
	assert.Equal(t, "text/html", got.String())
	assert.Equal(t, map[string]string{"charset": "utf-8"}, parameters)
	for _, text := range []string{"", "text", "text/", "text/html; charset", "a/b/c"} {
		_, _, err := mediatype.ParseContentType(text)
		assert.Error(t, err, text)
	}
}

func TestRangesOfTypes(t *testing.T) {
	t.Parallel()
	all, images, png := mediatype.Type{Kind: "*", Subtype: "*"}, mediatype.Type{Kind: "image", Subtype: "*"}, mediatype.Type{Kind: "image", Subtype: "png"}
	assert.True(t, all.Contains(png) && images.Contains(png) && png.Contains(png))
	assert.False(t, png.Contains(images) || images.Contains(all) || images.Contains(mediatype.Type{Kind: "text", Subtype: "png"}))
	assert.Equal(t, []int{0, 1, 2}, []int{all.Precision(), images.Precision(), png.Precision()})
	assert.True(t, all.IsRange() && images.IsRange() && !png.IsRange())
}

func TestRanges(t *testing.T) {
	t.Parallel()
	type element struct {
		name       string
		quality    float64
		parameters map[string]string
	}
	for name, test := range map[string]struct {
		accept string
		want   []element
		err    string
	}{
		"none":              {"", nil, ""},
		"empty elements":    {" , ;,\t,", nil, ""},
		"several":           {"text/html, image/*;q=0.5,*", []element{{"text/html", 1, nil}, {"image/*", 0.5, nil}, {"*/*", 1, nil}}, ""},
		"parameters":        {`a/b;Level=1;q=0.25;title="x,\"y;z"`, []element{{"a/b", 0.25, map[string]string{"level": "1", "title": `x,"y;z`}}}, ""},
		"q-values to doubt": {"a/b;q=2, a/c;q=x, a/d;q=NaN, a/e;q", []element{{"a/b", 1, nil}, {"a/c", 1, nil}, {"a/d", 1, nil}, {"a/e", 1, nil}}, ""},
		"not a range":       {"a/b, what, c/d", []element{{"a/b", 1, nil}}, `accept "a/b, what, c/d": it is not a media type`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []element
			for found, err := range mediatype.Ranges(test.accept) {
				if err != nil {
					require.EqualError(t, err, test.err)
					test.err = ""
					continue
				}
				parameters := maps.Collect(found.Parameters())
				if len(parameters) == 0 {
					parameters = nil
				}
				got = append(got, element{found.String(), found.Quality, parameters})
			}
			assert.Equal(t, test.want, got)
			assert.Empty(t, test.err, "an error that did not come")
		})
	}
}

func TestElements(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"Upgrade", `a="b, c";q=0.5`}, slices.Collect(mediatype.Elements(` Upgrade ,, a="b, c";q=0.5`)))
	value, quality := mediatype.Weighted("gzip ; q=0.5")
	assert.Equal(t, "gzip", value)
	assert.InDelta(t, 0.5, quality, 0)
	value, quality = mediatype.Weighted("gzip")
	assert.Equal(t, "gzip", value)
	assert.InDelta(t, 1, quality, 0)
}

// FuzzRanges reads anything: what is no media range is an error, and the last
// thing that comes.
func FuzzRanges(f *testing.F) {
	for _, seed := range []string{"", "*/*", "text/*;q=0.5, text/html", `text/html;a="b,c";q=.1,*`, `x"/y`, `a/b;c="\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		ended := false
		for found, err := range mediatype.Ranges(accept) {
			require.False(t, ended, "nothing comes after an error")
			if ended = err != nil; ended {
				continue
			}
			read, ok := mediatype.Parse(found.String())
			require.True(t, ok)
			require.Equal(t, found.Type, read)
			require.True(t, found.Quality >= 0 && found.Quality <= 1)
			for name := range found.Parameters() {
				require.NotEmpty(t, name)
			}
		}
	})
}
