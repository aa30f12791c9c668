package forwardedheaders

import (
	"errors"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/forwarding"
)

// Plugin makes what the Forwarded header of a trusted proxy says the origin of
// the call. It is installed on the application, with a configuration that says
// who is trusted: without one it is a mistake.
//
// Ktor: ForwardedHeaders.
var Plugin = app.NewPlugin("ForwardedHeaders", defaultConfig, setup)

const header = "Forwarded"

func setup(b *app.PluginBuilder[Config]) error {
	trust, err := newTrust(*b.Config())
	if err != nil {
		return err
	}
	b.OnPhase(app.PhaseSetup, func(c *app.Call) error {
		lines := c.Request.Header[header]
		if len(lines) == 0 || !trust.Believes(c) {
			return nil
		}
		claim, err := claimOf(trust, lines)
		if err == nil {
			err = claim.Apply(c)
		}
		if err != nil {
			return forwarding.Refusal(header, err)
		}
		return nil
	})
	return nil
}

// claimOf returns what the element of the client says.
func claimOf(trust *forwarding.Trust, lines []string) (claim forwarding.Claim, err error) {
	var read []element // from the right
	client, hop, err := trust.Client(func(yield func(forwarding.Node, error) bool) {
		for found, err := range backwards(lines) {
			var node forwarding.Node
			if err == nil && found.client != "" {
				node, err = forwarding.ParseNode(found.client)
			}
			read = append(read, found)
			if !yield(node, err) {
				return
			}
		}
	})
	if err != nil || len(read) == 0 {
		return forwarding.Claim{}, err
	}
	claim.Client = client
	return claim, errors.Join(claim.SetScheme(read[hop].scheme), claim.SetHost(read[hop].host))
}
