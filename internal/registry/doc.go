// Package registry is the one place for what event streams and WebSockets share
// about their sessions: which are open, what all have done, when each has to end,
// and what the log says of code that they were given. A session has its own place in
// the list, which allocates nothing:
//
//	type Session struct{ listed }
//	type listed = registry.Entry[*Session]
package registry
