// Package eventsource reads event streams from any server: what EventSource is
// in a browser (HTML standard, section 9.2), as a loop. It reconnects by itself
// and says in Last-Event-ID where it left off.
//
//	func main() {
//		ctx := context.Background()
//		for event, err := range eventsource.Get(ctx, "http://localhost:8080/events") {
//			if err != nil {
//				log.Fatal(err) // it is of no use to try again
//			}
//			fmt.Println(event.Event, event.Data)
//		}
//	}
//
// [Get] is the short form. [New] takes any request, with its method, its headers
// and its body. Both can be configured by functions that change a [Config].
// The data of an event is text; [Values] decodes it as JSON.
//
// # How a loop ends
//
// The loop is the stream: it connects when it begins, everything happens in its
// goroutine, and when it ends the connection is closed and nothing is left
// behind. It ends
//
//   - when its body leaves it;
//   - without an error when the server responds with 204, which means not to
//     come back, after the event that [Config.IsLast] says is the last one, and,
//     without IsLast, at the clean end of the stream if the request is not safe to
//     repeat, such as a POST: the answer is whole;
//   - with an error when the context of the request ends, with its cause;
//   - with an error when it is of no use to try again: a [*ResponseError] for
//     any other status than 200 that is not among [Config.RetryStatuses], for a
//     type other than text/event-stream and [Config.Types], and for a content
//     coding that cannot be read, a [*sse.LimitError], a body that is not in its
//     content coding, and an error of [Config.OnRequest];
//   - when no reconnection is left, see [Config.MaxReconnectionAttempts]: as
//     the last connection has ended, with its error or, at the clean end of a
//     stream, without one.
//
// An error is yielded once, with the zero Event, and is the last thing that is
// yielded.
//
// # Reconnection
//
// Whatever else ends a connection, the end of the stream included, is followed
// by another one, also if none has come about yet. A GET, and any other safe
// request, is sent again without limit. Other requests are not sent again
// unless [Config.MaxReconnectionAttempts] says so, because to send them twice
// may mean to do something twice: then a connection that failed or broke off is
// followed by another one, so many times in all. Nor are they sent again once the
// loop has been given an event, unless an ID came with it, or
// [Config.Restart] is set: the answer would begin anew in the middle of the
// loop. Loop over [Stream.Events] again to send one again whose stream has ended
// cleanly.
//
// The pause before it is the reconnection time, which is
// [Config.ReconnectionTime] until the server sets another one by a retry field,
// and a random time on top: less than the reconnection time at first, and up to
// twice as much after each further attempt in a row, until [Config.MaxBackoff]
// is reached. A connection that has delivered anything, if only a comment, or
// has been open for 30 s, starts the count anew. A response that is tried again
// may ask for a longer pause by Retry-After. The reconnection time is never
// under 100 ms, so that a server that asks for none is not flooded with
// requests, and what a server asks for counts up to an hour.
//
// An event that was not complete when its connection ended is dropped, and its
// ID with it. Whether anything was missed is between the server and
// Last-Event-ID; see [Stream.LastEventID] to go on after the process itself has
// restarted.
//
// # Answers of models
//
// A model's answer is the stream of a POST that ends with an event of its own:
// set [Config.IsLast], to [IsDone] for what speaks OpenAI's form. Then a loop that
// ends without an error has read the whole answer, and every answer that has been
// cut is an error, however it was cut: without IsLast, a proxy that ends a stream
// cleanly when its server is gone passes half an answer for the whole.
//
// An error that the server knows of beforehand is a [*ResponseError], whose Body
// is what the API says about it. One that comes up later is an event, as the
// answer is: what it looks like is up to the API. [Config.RetryStatuses] and
// [Config.MaxReconnectionAttempts] say how often a server that refuses is asked
// again, and Retry-After when. Some send their head with the first word, so that
// [Config.ResponseTimeout] has to be as long as a model may think.
//
// # Redirects
//
// A redirect is followed each time, also a permanent one: the next connection
// asks the first address again. One that would turn a POST into a GET, which are
// 301 and 302, is not followed, and neither is one from https to http: the loop
// ends with its [*ResponseError]. What the header of the request says is told to
// no other origin, but for the fields that are about the exchange, such as
// Accept, Content-Type and Last-Event-ID: tokens go by many names. The body of a POST
// goes wherever 307 and 308 lead, as in browsers. A client whose CheckRedirect is
// set has its own rules, which are net/http's if it allows all.
//
// # Servers that are silent
//
// A server that accepts a connection and sends no head is given up after
// [Config.ResponseTimeout]. One that falls silent afterwards is only found by
// the operating system, unless [Config.ReadTimeout] is set: two or three times
// the period of the server's heartbeat is a good value. Comments are signs of
// life of whoever sends them, which may be a relay; [Config.EventTimeout] is about
// events alone. Streams that share a dead HTTP/2 connection share it with the next
// attempt too, until HTTP2.SendPingTimeout of the client's [http.Transport]
// finds out.
//
// Ktor: the plugin SSE of its client.
package eventsource
