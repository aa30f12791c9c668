package httpheader_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func TestParseMediaType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]httpheader.MediaType{
		"text/html":                {Type: "text", Subtype: "html"},
		"Application/LD+JSON":      {Type: "application", Subtype: "ld+json"},
		"image/*":                  {Type: "image", Subtype: "*"},
		"*/*":                      {Type: "*", Subtype: "*"},
		"text":                     {},
		"text/":                    {},
		"/html":                    {},
		"text/html/5":              {},
		"te xt/html":               {},
		"":                         {},
		"text/html; charset=utf-8": {},
	} {
		got, ok := httpheader.ParseMediaType(text)
		assert.Equal(t, want, got, text)
		assert.Equal(t, want != httpheader.MediaType{}, ok, text)
	}
}

func TestParseContentType(t *testing.T) {
	t.Parallel()
	for _, text := range []string{ // RFC 9110 section 8.3.1: all equivalent
		"text/html;charset=utf-8", "Text/HTML;Charset=\"utf-8\"", `text/html; charset="utf-8"`, "text/html;charset=utf-8 ",
	} {
		got, parameters, err := httpheader.ParseContentType(text)
		require.NoError(t, err, text)
		assert.Equal(t, "text/html", got.String(), text)
		assert.Equal(t, map[string]string{"charset": "utf-8"}, parameters, text)
	}
	for _, text := range []string{"", "text", "text/", "text/html; charset", "a/b/c"} {
		_, _, err := httpheader.ParseContentType(text)
		assert.Error(t, err, text)
	}
}

func TestSplitContentType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"Text/HTML ; charset=utf-8": {"Text", "HTML"},
		" text/plain\t":             {"text", "plain"},
		"text":                      {"text", ""},
		"a/b/c":                     {"a", "b/c"},
		";a/b":                      {"", ""},
		"":                          {"", ""},
	} {
		kind, subtype := httpheader.SplitContentType(text)
		assert.Equal(t, want, [2]string{kind, subtype}, text)
	}
}

func TestIsEventStream(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"text/event-stream", "Text/Event-Stream", "TEXT/EVENT-STREAM", " text/event-stream ", "text/event-stream;charset=utf-8",
		"text/event-stream ; charset=UTF-8", "text/event-stream;", `text/event-stream; a="b;c"`,
	} {
		assert.True(t, httpheader.IsEventStream(text), text)
	}
	for _, text := range []string{
		"", "text/event-streamfoo", "text/event-stream/foo", "text/event-strea", "x/event-stream", "text/plain", "text", "event-stream",
		"text /event-stream", "text/plain; a=text/event-stream", "text/event-stream, text/plain", "text/event-\u017ftream", "*/*", "text/*",
	} {
		assert.False(t, httpheader.IsEventStream(text), text)
	}
}

func TestRangesContainTypes(t *testing.T) {
	t.Parallel()
	all, images, png := httpheader.MediaType{Type: "*", Subtype: "*"}, httpheader.MediaType{Type: "image", Subtype: "*"}, httpheader.MediaType{Type: "image", Subtype: "png"}
	assert.True(t, all.Contains(png) && images.Contains(png) && png.Contains(png))
	assert.False(t, png.Contains(images) || images.Contains(all) || images.Contains(httpheader.MediaType{Type: "text", Subtype: "png"}))
	assert.False(t, png.Contains(httpheader.MediaType{Type: "image", Subtype: "gif"}))
	assert.True(t, png.ContainsParts("Image", "PNG") && images.ContainsParts("IMAGE", "") && all.ContainsParts("x", ""))
	assert.False(t, images.ContainsParts("text", "png") || png.ContainsParts("image", ""))
	assert.Equal(t, []int{0, 1, 2}, []int{all.Precision(), images.Precision(), png.Precision()})
	assert.True(t, all.IsRange() && images.IsRange() && !png.IsRange())
}

func TestHaveParameters(t *testing.T) {
	t.Parallel()
	sent := map[string]string{"charset": "UTF-8", "version": ""}
	for name, test := range map[string]struct {
		wanted map[string]string
		want   bool
	}{
		"none are wanted":     {nil, true},
		"the same, in case":   {map[string]string{"charset": "utf-8"}, true},
		"another value":       {map[string]string{"charset": "latin1"}, false},
		"one is missing":      {map[string]string{"charset": "utf-8", "action": "run"}, false},
		"any value":           {map[string]string{"charset": "*", "version": "*"}, true},
		"any, but it is none": {map[string]string{"action": "*"}, false},
		"an empty one":        {map[string]string{"version": ""}, true},
		"missing is not ''":   {map[string]string{"action": ""}, false},
	} {
		assert.Equal(t, test.want, httpheader.HaveParameters(sent, test.wanted), name)
	}
}

// FuzzContentType: what parses has the parts that splitting shows, and contains
// itself.
func FuzzContentType(f *testing.F) {
	for _, seed := range []string{"text/event-stream", "Text/HTML; Charset=\"a;b\"", "*/*", "a", "a/b/c", ";", "x/y; a=b; a=c", "text/event-\u017ftream"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kind, subtype := httpheader.SplitContentType(text)
		named, _, _ := strings.Cut(text, ";")
		require.Contains(t, named, kind)
		require.Contains(t, named, subtype)
		parsed, _, err := httpheader.ParseContentType(text)
		isStream := parsed == httpheader.MediaType{Type: "text", Subtype: "event-stream"}
		if err != nil {
			require.Zero(t, parsed)
			return
		}
		require.Equal(t, isStream, httpheader.IsEventStream(text))
		require.True(t, parsed.Contains(parsed))
		again, ok := httpheader.ParseMediaType(parsed.String())
		require.True(t, ok)
		require.Equal(t, parsed, again)
	})
}
