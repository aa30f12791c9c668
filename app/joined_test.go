package app_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestEachOfSeveralMistakesHasItsLine: what a setup has joined is as many
// mistakes.
func TestEachOfSeveralMistakesHasItsLine(t *testing.T) {
	plugin := app.NewPlugin("Broken", func() int { return 0 }, func(*app.PluginBuilder[int]) error {
		return errors.Join(errors.New("first"), errors.Join(errors.New("second"), errors.New("third")))
	})
	var site app.Site
	a := app.New(func(a *app.Application) {
		site = app.Caller(0)
		a.Install(plugin)
	})
	err := a.Start(t.Context())
	site.Line++
	at := site.String() + ": install Broken: "
	assert.EqualError(t, err, at+"first\n"+at+"second\n"+at+"third")
}
