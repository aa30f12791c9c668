package contentnegotiation_test

import (
	"encoding/json"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
)

const entity = `{"id":777,"name":"Cargo","children":[{"item":"Qube","quantity":1},{"item":"Sphere","quantity":2}]}`

// byHand is what a handler does without the plugin.
func byHand(c *app.Call) error {
	data, err := c.ReceiveBytes()
	if err != nil {
		return err
	}
	var value MyEntity
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	if data, err = json.Marshal(value); err != nil {
		return err
	}
	c.Header().Set("Content-Type", "application/json")
	return c.RespondBytes(data)
}

func BenchmarkEcho(b *testing.B) {
	for _, variant := range []struct {
		name      string
		configure func(*contentnegotiation.Config)
		handler   app.Handler
	}{
		{"by hand", nil, byHand},
		{"JSON", onlyJSON, echo[MyEntity]},
		{"JSON and XML", jsonAndXML, echo[MyEntity]},
	} {
		b.Run(variant.name, func(b *testing.B) {
			serve := serving(b, variant.configure, variant.handler)
			b.ReportAllocs()
			for b.Loop() {
				serve()
			}
		})
	}
}
