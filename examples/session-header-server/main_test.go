package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

func TestRequests(t *testing.T) {
	t.Chdir(t.TempDir())
	host := apptest.Start(t, Module)
	login := host.Get("/login")
	assert.Equal(t, "Successful login", apptest.Text(t, login))
	session := apptest.Header("cart_session", login.Header.Get("cart_session"))
	assert.Equal(t, "Product IDs: [1, 3, 7]", apptest.Text(t, host.Get("/cart", session)))
	logout := host.Get("/logout", session)
	assert.Equal(t, "Successful logout", apptest.Text(t, logout))
	assert.Equal(t, []string{""}, logout.Header["Cart_session"], "the client is told")
	assert.Equal(t, "Your basket is empty.", apptest.Text(t, host.Get("/cart", session)))
	assert.Equal(t, "Your basket is empty.", apptest.Text(t, host.Get("/cart")))
}

// TestFilesOutlastTheServer: that is what they are for.
func TestFilesOutlastTheServer(t *testing.T) {
	t.Chdir(t.TempDir())
	first := apptest.Start(t, Module)
	session := apptest.Header("cart_session", first.Get("/login").Header.Get("cart_session"))
	first.Stop()
	assert.Equal(t, "Product IDs: [1, 3, 7]", apptest.Text(t, apptest.Start(t, Module).Get("/cart", session)))
}
