package httpheader_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func TestAddVary(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before []string
		want   []string
	}{
		"no header":                {nil, []string{"Origin"}},
		"an empty line":            {[]string{""}, []string{"Origin"}},
		"lines without names":      {[]string{" ,", "\t"}, []string{"Origin"}},
		"another name":             {[]string{"Accept"}, []string{"Accept, Origin"}},
		"several lines become one": {[]string{"Accept", "Cookie,X-A"}, []string{"Accept, Cookie, X-A, Origin"}},
		"a comma at the end":       {[]string{"Accept,"}, []string{"Accept, Origin"}},
		"the same name":            {[]string{"Origin"}, []string{"Origin"}},
		"the same, in any case":    {[]string{"accept,ORIGIN"}, []string{"accept,ORIGIN"}},
		"the same, on another":     {[]string{"Accept", "origin"}, []string{"Accept, origin"}},
		"the same twice":           {[]string{"Origin", "Accept", "origin, accept"}, []string{"Origin, Accept"}},
		"everything":               {[]string{"*"}, []string{"*"}},
		"everything, in one line":  {[]string{"Cookie, *"}, []string{"Cookie, *"}},
		"everything, among others": {[]string{"Accept", "Cookie, *"}, []string{"*"}},
		"a part of a name":         {[]string{"Origin-Agent-Cluster"}, []string{"Origin-Agent-Cluster, Origin"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			if test.before != nil {
				header["Vary"] = test.before
			}
			for range 2 { // the second time changes nothing
				httpheader.AddVary(header, "Origin")
				assert.Equal(t, test.want, header["Vary"])
			}
		})
	}
}

func TestAddVaryOfAnyField(t *testing.T) {
	t.Parallel()
	header := http.Header{}
	for _, field := range []string{"X-Version", "Accept", "x-version"} {
		httpheader.AddVary(header, field)
	}
	assert.Equal(t, []string{"X-Version, Accept"}, header["Vary"])
}

// TestVaryOfOneResponseIsItsOwn: whoever appends to the header that AddVary has
// made does not reach another response.
func TestVaryOfOneResponseIsItsOwn(t *testing.T) {
	t.Parallel()
	first, second := http.Header{}, http.Header{}
	httpheader.AddVary(first, "Accept")
	first.Add("Vary", "Cookie")
	httpheader.AddVary(second, "Accept")
	assert.Equal(t, []string{"Accept", "Cookie"}, first["Vary"])
	assert.Equal(t, []string{"Accept"}, second["Vary"])
}

// FuzzAddVary: afterwards Vary is one line that lists the name and all that was
// there, and a second time changes nothing.
func FuzzAddVary(f *testing.F) {
	for _, seed := range []string{"", "Accept", "*", "a,b\nc", " ,\n", "ORIGIN", `"a,`} {
		f.Add(seed, "Origin")
	}
	f.Fuzz(func(t *testing.T, before, field string) {
		if !httpheader.IsToken(field) || strings.Contains(before, `"`) {
			return
		}
		lines := strings.Split(before, "\n")
		header := http.Header{"Vary": lines}
		httpheader.AddVary(header, field)
		require.Len(t, header["Vary"], 1)
		require.True(t, httpheader.Lists(header["Vary"], field) || httpheader.Lists(header["Vary"], "*"))
		for element := range httpheader.Elements(lines) {
			require.True(t, httpheader.Lists(header["Vary"], element) || httpheader.Lists(header["Vary"], "*"), element)
		}
		after := header.Clone()
		httpheader.AddVary(header, field)
		require.Equal(t, after, header)
	})
}
