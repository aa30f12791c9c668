package wire_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/internal/wire"
)

// around is a handler that nothing is known of.
type around struct{ http.Handler }

func TestBehindLooksThroughFrontsAlone(t *testing.T) {
	last := http.NewServeMux()
	front := func(next http.Handler) http.Handler { return &wire.Front{Handler: next, Next: next} }
	for name, test := range map[string]struct{ handler, want http.Handler }{
		"no front":       {last, last},
		"one":            {front(last), last},
		"several":        {front(front(front(last))), last},
		"before another": {front(around{last}), around{last}},
		"behind another": {around{front(last)}, around{front(last)}},
		"nothing":        {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, wire.Behind(test.handler))
		})
	}
}
