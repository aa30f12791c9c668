package hubs

import "github.com/chitor-go/chitor/plugins/sse"

// hold has all streams held.
func hold(*sse.Config) {}
