package main_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/bench/hubs"
	main "github.com/chitor-go/chitor/bench/idle"
)

func TestStreamsComeAndGo(t *testing.T) {
	for _, variant := range hubs.Variants() {
		for name, secure := range map[string]bool{"plain": false, "TLS": true} {
			t.Run(variant+"/"+name, func(t *testing.T) {
				objects, err := main.Listen(t.Context(), variant, secure, 20, 3)
				require.NoError(t, err)
				require.Len(t, objects, 3)
				for _, size := range objects {
					assert.Positive(t, size)
				}
			})
		}
	}
}

func TestRequests(t *testing.T) {
	for name, want := range map[string]struct {
		browser      bool
		fields, size int
	}{"curl": {false, 2, 100}, "browser": {true, 14, 1000}} {
		t.Run(name, func(t *testing.T) {
			text := main.Request(want.browser)
			request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
			require.NoError(t, err)
			assert.Len(t, request.Header, want.fields)
			assert.InDelta(t, want.size, len(text), float64(want.size)/4)
		})
	}
}

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		scene, variant string
		rss            int64
		goroutines     int
		want           string
	}{
		"little enough":           {"curl", hubs.Chitor, 4300, 10, ""},
		"too much memory":         {"curl", hubs.Chitor, 4500, 10, "curl: a stream takes 4.39 KiB, which is more than 4.3"},
		"enough for a browser":    {"browser", hubs.Chitor, 6700, 10, ""},
		"too much of a browser's": {"browser", hubs.Chitor, 6900, 10, "browser: a stream takes 6.74 KiB, which is more than 6.6"},
		"too much for TLS":        {"tls", hubs.Chitor, 14 << 10, 10, "tls: a stream takes 14.00 KiB, which is more than 13.0"},
		"too many goroutines":     {"curl", hubs.Chitor, 4300, 11, "curl: there are 11 goroutines, which is more than 10"},
		"the streams of others":   {"curl", hubs.Held, 30_000, 30_000, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := main.Judge(test.scene, test.variant, test.rss, test.goroutines)
			if test.want == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, test.want)
			}
		})
	}
}
