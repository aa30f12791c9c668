package httpheader_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/internal/httpheader"
)

func TestDeleteKeeping(t *testing.T) {
	t.Parallel()
	future := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for name, test := range map[string]struct{ header, want http.Header }{
		"a time to keep it":           {http.Header{"Cache-Control": {"public, max-age=60"}, "Age": {"3"}, "Cdn-Cache-Control": {"max-age=60"}}, http.Header{}},
		"a date to keep it until":     {http.Header{"Expires": {future}}, http.Header{}},
		"nothing is to be stored":     {http.Header{"Cache-Control": {"private", "No-Store"}}, http.Header{"Cache-Control": {"private", "No-Store"}}},
		"nothing is to be used again": {http.Header{"Cache-Control": {"no-cache"}}, http.Header{"Cache-Control": {"no-cache"}}},
		"a date that has passed":      {http.Header{"Expires": {"0"}}, http.Header{"Expires": {"0"}}},
		"anything else":               {http.Header{"Vary": {"Accept"}}, http.Header{"Vary": {"Accept"}}},
	} {
		httpheader.DeleteKeeping(test.header)
		assert.Equal(t, test.want, test.header, name)
	}
}
