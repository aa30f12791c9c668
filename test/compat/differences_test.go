package compat_test

// A difference is that of one cell: the lines in which the two answers differ,
// exactly, and the mark of the reason.
type difference struct {
	mark   string
	chi    answer // lines that only bare chi's answer has
	chitor answer // lines that only Chitor's answer has
}

// The marks of the cells in which Chitor answers otherwise, on purpose.
const (
	markSame     = "="
	markPanic    = "P"
	markPage     = "B"
	markSlashes  = "S"
	markFlush    = "F"
	markMount    = "M"
	markSocket   = "W"
	markDeadline = "D"
)

// A reason is what a mark stands for.
type reason struct{ mark, title, why string }

func reasons() []reason {
	return []reason{
		{markPanic, "a panic is a response",
			"net/http cuts the connection of a handler that panics. Chitor answers 500 inside the innermost middleware, and " +
				"logs the panic with its stack. Loggers and metrics count a 500, and a middleware that recovers, such as " +
				"Recoverer or the handler of sentry-go, has nothing to recover: a hook reports failures instead, see below."},
		{markPage, "a page is made when the response leaves",
			"StatusPages' page for a status is made at the commit, outside of the middlewares: they see its status, and none " +
				"of its bytes. On a route they run after a match only, and are not asked."},
		{markSlashes, "repeated slashes count as one", "Chitor's routing does so by itself, on a route too."},
		{markFlush, "a stream needs a writer that can flush",
			"The writer of the middleware hides `Flush`, so that bare chi holds the first event back, until the handler has " +
				"returned or failed. Chitor refuses the stream at once, with 500 and an error in the log that says so."},
		{markDeadline, "a deadline that has passed is an error",
			"A handler that returns without an answer after the deadline of its context has failed: the response is 504 with " +
				"the text of that status, like that of any error. Bare chi's has no body."},
		{markSocket, "a WebSocket needs a writer that hands the connection over",
			"The writer of the middleware has no `Unwrap`. If it hides `Hijack`, the WebSocket is refused at once: with 500, " +
				"where coder/websocket answers 501 below net/http, since Chitor's writer has the method. If it hands `Hijack` " +
				"on, the WebSocket works, and the 101 goes to the connection without passing the writer."},
		{markMount, "a mount is named by its path", "The pattern of `r.Mount(\"/x\", h)` is `/x`, where chi has `/x/*`."},
	}
}

// everywhere is what differs in all rows, unless a row says otherwise.
func everywhere() map[string]difference {
	return map[string]difference{"panic": panics(nil, nil)}
}

// panics is the difference of a panic, with what the middleware notes.
func panics(chi, chitor answer) difference {
	return difference{
		mark:   markPanic,
		chi:    append(answer{"a panic: no response"}, chi...),
		chitor: append(answer{"a panic: the same"}, chitor...),
	}
}

// bodiless is the difference of a page for a status, by what the middleware notes.
func bodiless(chi, chitor string) difference {
	return difference{mark: markPage, chi: answer{chi}, chitor: answer{chitor}}
}

// noSocket is the difference of a WebSocket whose writer hides Hijack.
func noSocket(chi, chitor answer) difference {
	return difference{
		mark:   markSocket,
		chi:    append(answer{"status 501"}, chi...),
		chitor: append(answer{"status 500"}, chitor...),
	}
}

// refused is the difference of a stream whose writer cannot flush.
func refused(chi, chitor answer) difference {
	return difference{
		mark: markFlush,
		chi: append(answer{
			"status 200", "Cache-Control: " + notCached, "Content-Type: text/event-stream",
			"X-Accel-Buffering: no", `event "one" at once`, "stream: ended",
		}, chi...),
		chitor: append(answer{
			"status 500", "Content-Type: " + textType, `body: "Internal Server Error"`,
		}, chitor...),
	}
}
