package main

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// The cases are Ktor's ApplicationTest.
func TestRateLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		for path, limit := range map[string]int{"/": 5, "/public-api": 10} {
			for range limit {
				assert.Equal(t, http.StatusOK, host.Get(path).StatusCode)
			}
			assert.Equal(t, http.StatusTooManyRequests, host.Get(path).StatusCode)
		}
		assert.Equal(t, http.StatusOK, host.Get("/protected-api?login=jetbrains").StatusCode)
	})
}

// What Ktor's does not test: the texts, the weights, and what comes later.
func TestTexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		for _, step := range []struct {
			wait       time.Duration
			path, want string
		}{
			{0, "/", "Welcome to the home page! 4 requests left."},
			{0, "/public-api", "Welcome to public API! 9 requests left."},
			{0, "/protected-api?login=jetbrains", "Welcome to protected API, jetbrains! 29 requests left."},
			{0, "/protected-api?login=other", "Welcome to protected API, other! 28 requests left."},
			{0, "/protected-api?login=other", "Welcome to protected API, other! 26 requests left."},
			{0, "/", "Welcome to the home page! 3 requests left."},
			{0, "/", "Welcome to the home page! 2 requests left."},
			{0, "/", "Welcome to the home page! 1 requests left."},
			{0, "/", "Welcome to the home page! 0 requests left."},
			{0, "/", "429: Too many requests. Wait for 12 seconds."},
			{12 * time.Second, "/", "Welcome to the home page! 0 requests left."},
		} {
			time.Sleep(step.wait)
			assert.Equal(t, step.want, apptest.Text(t, host.Get(step.path)))
		}
		assert.Equal(t, http.StatusBadRequest, host.Get("/protected-api").StatusCode)
	})
}
