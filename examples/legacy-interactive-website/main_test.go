package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// send sends a form; the client goes where the answer leads it.
func send(host *apptest.Host, path string, form url.Values) *http.Response {
	return host.Post(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func TestArticles(t *testing.T) {
	host := apptest.Start(t, Module)
	index := host.Get("/")
	assert.Equal(t, "/articles", index.Request.URL.Path)
	assert.Contains(t, apptest.Text(t, index), `<a href="/articles/1">The drive to develop!</a>`)
	assert.Contains(t, apptest.Text(t, host.Get("/articles/new")), `<form action="/articles" method="post">`)

	created := send(host, "/articles", url.Values{"title": {"<b>"}, "body": {"Hello"}})
	assert.Equal(t, "/articles/2", created.Request.URL.Path)
	assert.Contains(t, apptest.Text(t, created), "<h3>&lt;b&gt;</h3>")
	assert.Contains(t, apptest.Text(t, host.Get("/articles/2/edit")), `value="&lt;b&gt;"`)

	updated := send(host, "/articles/2", url.Values{"title": {"Second"}, "body": {"Hello"}, "_action": {"update"}})
	assert.Contains(t, apptest.Text(t, updated), "<h3>Second</h3>")

	deleted := send(host, "/articles/2", url.Values{"_action": {"delete"}})
	assert.Equal(t, "/articles", deleted.Request.URL.Path)
	assert.NotContains(t, apptest.Text(t, deleted), "Second")
	assert.Equal(t, http.StatusNotFound, host.Get("/articles/2").StatusCode)
}

func TestRefusals(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, http.StatusBadRequest, host.Get("/articles/first").StatusCode)
	assert.Equal(t, http.StatusNotFound, send(host, "/articles/7", url.Values{"_action": {"delete"}}).StatusCode)
	assert.Equal(t, http.StatusBadRequest, send(host, "/articles", url.Values{"title": {"no body"}}).StatusCode)
	assert.Equal(t, http.StatusBadRequest, send(host, "/articles/1", url.Values{"_action": {"archive"}}).StatusCode)
	assert.Len(t, strings.Split(apptest.Text(t, host.Get("/articles")), "<h3>"), 2, "nothing has changed")
}
