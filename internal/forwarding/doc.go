// Package forwarding is what the plugins for headers of proxies share: which
// proxies are believed, how they name clients and hosts, and what becomes of
// the origin of a call.
//
//	trust := forwarding.Trust{Proxies: prefixes, Skip: forwarding.Known}
//	if !trust.Believes(c) {
//		return next(c) // the header says nothing
//	}
//	client, hop, err := trust.Client(nodes)
//
// A chain of proxies is read from the right, where the last of them has written
// what it has seen itself. What stands to the left of the client anybody may
// have written, and it is not looked at.
package forwarding
