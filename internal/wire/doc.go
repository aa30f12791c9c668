// Package wire is where one HTTP exchange touches the network: the last step of
// its response and the first of its request body.
//
//	server := wire.Limits{Write: 10 * time.Second, Read: time.Minute}
//	...
//	w.Open(&server, response, request) // puts the limit on request.Body
//	defer w.Close()
//	w.WriteHeader(http.StatusOK)
//	_, err := w.Write(ctx, page) // cut when ctx ends, or after ten seconds
//	err = w.Flush(ctx)
//	w.Finish()
//
// A [Wire] hands bytes to the server's writer under deadlines that guard bytes
// on their way and never idle time, reads the body under another, and cuts a
// write that is stuck. It knows net/http and nothing of an application.
package wire
