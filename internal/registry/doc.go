// Package registry is the one place for what event streams and WebSockets share
// about their sessions: which are open, what all have done, and when each has to
// end. A session has its own place in the list, which allocates nothing:
//
//	type Session struct{ listed }
//	type listed = registry.Entry[*Session]
package registry
