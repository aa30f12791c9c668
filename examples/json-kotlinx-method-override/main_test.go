package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestDeleteCustomer is Ktor's testDeleteCustomer.
func TestDeleteCustomer(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.JSONEq(t, `{"id":3,"firstName":"Jet","lastName":"Brains"}`, apptest.Text(t, host.Get("/customer/3")))
	response := host.Do(http.MethodPost, "/customer/3", nil, apptest.Header("X-Http-Method-Override", "DELETE"))
	assert.Equal(t, http.StatusNoContent, response.StatusCode)
	assert.Equal(t, http.StatusNotFound, host.Get("/customer/3").StatusCode)
	assert.Equal(t, http.StatusMethodNotAllowed, host.Do(http.MethodPost, "/customer/2", nil).StatusCode)
}
