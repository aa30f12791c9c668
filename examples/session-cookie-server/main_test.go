package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

func TestRequests(t *testing.T) {
	client := apptest.Start(t, Module).NewClient(apptest.Cookies())
	assert.Equal(t, "Product IDs: [1, 3, 7]", apptest.Text(t, client.Get("/login")))
	assert.Equal(t, "Product IDs: [1, 3, 7]", apptest.Text(t, client.Get("/cart")))
	assert.Equal(t, "Your basket is empty.", apptest.Text(t, client.Get("/logout")))
	assert.Equal(t, "Your basket is empty.", apptest.Text(t, client.Get("/cart")))
}
