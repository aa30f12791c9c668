package main

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestPath1 is Ktor's testPath1, to the nanosecond.
func TestPath1(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		start := time.Now()
		host.Get("/path1")
		assert.Equal(t, 2*time.Second, time.Since(start))
	})
}

func TestErrorRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		for request := 1; request <= 11; request++ {
			want := http.StatusOK
			if request <= 2 {
				want = http.StatusInternalServerError
			} else if request > 10 {
				want = http.StatusNotFound
			}
			assert.Equal(t, want, host.Get("/error").StatusCode, "request %d", request)
		}
	})
}
