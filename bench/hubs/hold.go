//go:build !before

package hubs

import "github.com/chitor-go/chitor/plugins/sse"

// Hold has all streams held.
func Hold(c *sse.Config) { c.Parking = sse.ParkNever }
