// Package mcphttp serves the Model Context Protocol over streamable HTTP on
// several nodes: what an MCP server sends is kept in a log that the nodes share,
// so that a client whose connection is cut resumes on another one.
//
//	store := mcphttp.NewStore(a, func(c *mcphttp.StoreConfig) { c.Broker = broker })
//	handler := mcphttp.NewHandler(a, store, func(options *mcp.ServerOptions) *mcp.Server {
//		return mcp.NewServer(&mcp.Implementation{Name: "reports"}, options)
//	})
//	r.Mount("/mcp", handler).Install(sse.Adopt)
//
// It stands on github.com/modelcontextprotocol/go-sdk, and is a module of its own
// because of it.
//
// # Two parts
//
// [Store] is an [mcp.EventStore], the memory from which an interrupted stream is
// replayed. The one that the SDK has is in the memory of a process. This one is a
// log behind an [sse.Broker]: Redis, NATS, or memory for one process.
//
// [Handler] is in place of [mcp.StreamableHTTPHandler], which knows the sessions
// that were begun in its process and no others. A Handler knows those of all
// nodes, because the log says of each whose it is and how it was initialized:
//
//   - A GET, for the messages that belong to no request or with a Last-Event-ID,
//     is answered from the log, whichever node it comes to, and goes on with what
//     the others append. A stream that belongs to a request ends with its answer.
//   - A request runs on the node that it comes to, which connects the session to
//     its own server if it has not before. It goes on when its client's
//     connection is cut.
//   - Notifications of the client reach all nodes, so that a request is cancelled
//     wherever it runs, and its answer to a question of the server, such as an
//     elicitation, reaches the node that has asked.
//   - A DELETE ends the session everywhere.
//
// The session ID is a secret of 128 bits. A session belongs to the user who began
// it, by [HandlerConfig.User]; to anybody else it does not exist: 404.
//
// # What is not shared
//
// The SDK numbers the questions of each node for itself. If two nodes ask the
// client of one session at the same time, an answer that comes to one of them is
// taken for that node's. A log level and subscriptions to resources hold on the
// node that was told. A tool that runs on a node which dies is gone, and its stream
// never ends.
//
// The protocol 2026-07-28 has neither sessions nor streams that resume, so that
// nothing of this package is needed for it: an [mcp.StreamableHTTPHandler] that is
// Stateless serves it on any node. A Handler tells a client that knows it to speak
// an older one.
//
// # Limits
//
// All of it is in [StoreConfig] and [HandlerConfig]: how long a session may be idle,
// how much of it is kept, how many there are. A client that asks for what has
// gone gets 400, as the SDK has it.
package mcphttp
