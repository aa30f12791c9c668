package httpheader_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// TestReadingAllocatesNothing: these run for each call.
func TestReadingAllocatesNothing(t *testing.T) {
	lines := []string{"gzip, deflate;q=0.5", `br;q=1.0, zstd;a="b,c";q=0.25`}
	header := http.Header{}
	var sum float64
	for name, read := range map[string]func(){
		"elements": func() {
			for element := range httpheader.Elements(lines) {
				_, parameters := httpheader.CutParameters(element)
				sum += httpheader.Weight(parameters)
			}
		},
		"lists":        func() { httpheader.Lists(lines, "identity") },
		"coding":       func() { weight, _ := httpheader.CodingWeight(lines, "br"); sum += weight },
		"token":        func() { httpheader.IsToken("Content-Type") },
		"event stream": func() { httpheader.IsEventStream("Text/Event-Stream; charset=utf-8") },
		"media ranges": func() {
			for found := range httpheader.MediaRanges("text/html, application/json;q=0.9;level=1, */*;q=0.1") {
				for range found.Parameters() {
					sum += found.Weight
				}
			}
		},
		"vary": func() {
			delete(header, "Vary")
			httpheader.AddVary(header, "Accept-Encoding")
			httpheader.AddVary(header, "accept-encoding")
		},
	} {
		assert.Zero(t, testing.AllocsPerRun(100, read), name)
	}
}

func BenchmarkElements(b *testing.B) {
	lines := []string{"gzip, deflate, br;q=0.9, zstd"}
	b.ReportAllocs()
	for b.Loop() {
		for element := range httpheader.Elements(lines) {
			_, parameters := httpheader.CutParameters(element)
			httpheader.Weight(parameters)
		}
	}
}
