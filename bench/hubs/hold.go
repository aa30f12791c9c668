package hubs

import "github.com/chitor-go/chitor/plugins/sse"

// Hold has all streams held.
func Hold(*sse.Config) {}
