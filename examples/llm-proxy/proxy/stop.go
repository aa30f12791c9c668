package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// tellOfStop ends the answers that are cut because the application stops with an
// error in OpenAI's form: a stream that ends without a word may be taken for a whole
// answer.
func tellOfStop(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &answerWriter{ResponseWriter: w}
		defer out.tell(r.Context()) // also when ReverseProxy panics, as it does when it is cut
		next.ServeHTTP(out, r)
	})
}

// An answerWriter knows how the answer ends that goes through it.
type answerWriter struct {
	http.ResponseWriter
	tail []byte // the last bytes of the answer, which fit longestEnd
}

// longestEnd ends an answer, and so the last event of it.
const longestEnd = "data: [DONE]\r\n\r\n"

// Unwrap lets the answer be flushed.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *answerWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.tail = append(w.tail, p[max(0, n-len(longestEnd)):n]...)
	w.tail = w.tail[max(0, len(w.tail)-len(longestEnd)):]
	return n, err
}

// tell tells of a stop, if that has cut the answer between two events. In the middle
// of one there is nothing that could be said.
func (w *answerWriter) tell(ctx context.Context) {
	end := strings.ReplaceAll(string(w.tail), "\r", "")
	isStream := strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream")
	if !errors.Is(context.Cause(ctx), app.ErrStopping) || !isStream ||
		!strings.HasSuffix(end, "\n\n") || strings.HasSuffix(end, "data: [DONE]\n\n") {
		return
	}
	var data bytes.Buffer
	_ = json.NewEncoder(&data).Encode(newFailure(http.StatusServiceUnavailable, "the proxy stops: ask again"))
	_, _ = fmt.Fprintf(w.ResponseWriter, "event: error\ndata: %s\n", data.Bytes())
}
