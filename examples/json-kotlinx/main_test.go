package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// The first two are Ktor's CustomerTests.

func TestGetCustomer(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/customer/1")
	assert.Equal(t, []string{
		`{`,
		`    "id": 1,`,
		`    "firstName": "Jane",`,
		`    "lastName": "Smith"`,
		`}`,
	}, strings.Split(apptest.Text(t, response), "\n"))
	assert.Equal(t, http.StatusOK, response.StatusCode)
}

func TestPostCustomer(t *testing.T) {
	host := apptest.Start(t, Module)
	customer, err := json.Marshal(Customer{3, "Jet", "Brains"})
	require.NoError(t, err)
	response := host.Post("/customer", "application/json", strings.NewReader(string(customer)))
	assert.Equal(t, "Customer stored correctly", apptest.Text(t, response))
	assert.Equal(t, http.StatusCreated, response.StatusCode)

	assert.JSONEq(t, string(customer), apptest.Text(t, host.Get("/customer/3")))
}

func TestRefusals(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Equal(t, http.StatusNotFound, host.Get("/customer/4").StatusCode)
	assert.Equal(t, http.StatusBadRequest, host.Get("/customer/first").StatusCode)
	assert.Equal(t, http.StatusNotAcceptable, host.Get("/customer/1", apptest.Header("Accept", "application/xml")).StatusCode)

	// Ktor's post.http sends this request as well.
	response := host.Post("/customer", "application/xml", strings.NewReader(`<Customer id="3" firstName="Jet" lastName="Brains"/>`))
	assert.Equal(t, http.StatusUnsupportedMediaType, response.StatusCode)

	response = host.Post("/customer", "application/json", strings.NewReader(`{"id": "three"}`))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.Equal(t, "the body cannot be read: field id: a string, where a whole number is expected, at byte 14", apptest.Text(t, response))
}
