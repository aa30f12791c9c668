package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/apptest"
)

// TestModules is Ktor's testModule1, testModule2 and testModule3, with the
// modules that the configuration names.
func TestModules(t *testing.T) {
	host := apptest.Start(t, modules().Load, apptest.Configuration("application.conf"))
	for _, name := range []string{"module1", "module2", "module3"} {
		assert.Equal(t, "Hello from '"+name+"'!", apptest.Text(t, host.Get("/"+name)))
	}
}
