package main_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	main "github.com/chitor-go/chitor/bench/fanout"
	"github.com/chitor-go/chitor/bench/hubs"
)

func TestEachVariantDeliversEachEventOnce(t *testing.T) {
	const clients, events = 10, 300
	for _, variant := range hubs.Variants() {
		for name, secure := range map[string]bool{"plain": false, "TLS": true} {
			t.Run(variant+"/"+name, func(t *testing.T) {
				received, err := main.Marks(t.Context(), variant, secure, clients, events)
				require.NoError(t, err)
				assert.Equal(t, slices.Repeat([]int{events}, clients), received)
			})
		}
	}
}

func TestAVariantThatIsNotThereIsRefused(t *testing.T) {
	_, err := main.Marks(t.Context(), "nobody", false, 1, 1)
	assert.ErrorContains(t, err, `there is no variant "nobody"`)
}

func TestPlot(t *testing.T) {
	picture := main.Draw(3)
	decoder, lines := xml.NewDecoder(bytes.NewReader(picture)), 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if element, opens := token.(xml.StartElement); opens && element.Name.Local == "polyline" {
			lines++
		}
	}
	assert.Equal(t, 3*len(hubs.Variants()), lines, "one in the legend and one in each panel")
	assert.NotContains(t, string(picture), "NaN")
	assert.Equal(t, 2, strings.Count(string(picture), ">18,000</text>"))
}
