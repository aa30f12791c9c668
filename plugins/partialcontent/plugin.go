package partialcontent

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
)

// Plugin answers requests for ranges. It can be installed on the application, or
// on routes, where the nearest installation is the only one that runs.
//
// Ktor: PartialContent.
var Plugin = app.NewScopedPlugin("PartialContent", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	cutter := &cutter{b.Config().MaxRangeCount}
	b.OnCall(wantPlainBytes)
	b.InterceptSend(app.SendTransferEncoding, cutter.answer)
	return b.Config().check()
}

// wantPlainBytes has the response sent as it is where a range is asked for:
// there are none of what is encoded on its way.
func wantPlainBytes(c *app.Call) error {
	if lines := c.Request.Header["Range"]; len(lines) == 1 && c.Request.Method == http.MethodGet {
		if unit, _, _ := strings.Cut(lines[0], "="); httpheader.EqualFold(unit, "bytes") {
			c.SuppressCompression()
		}
	}
	return nil
}

// A cutter cuts ranges out of responses. It never changes, and serves any number
// of calls at once.
type cutter struct{ maxRangeCount int }

// answer changes the response to the ranges that are asked for.
func (k *cutter) answer(c *app.Call, out *app.Outgoing) error {
	length := wholeLength(c, out)
	if length <= 0 || !divisible(out) {
		return nil
	}
	out.Header["Accept-Ranges"] = acceptBytes
	asked, ok := askedFor(c.Request)
	if !ok {
		return nil
	}
	verdict, err := conditionalheaders.Judge(c, out)
	if err != nil || verdict.Status != 0 || !verdict.Continues {
		return err
	}
	ranges := asked.Resolve(length, k.maxRangeCount)
	if len(ranges) == 0 {
		return refuse(c, length)
	}
	if len(ranges) > 1 && ascending(ranges) {
		if m := newMultipart(ranges, length, out.Header.Get("Content-Type")); m.length <= length {
			m.send(out)
			return nil
		}
	}
	part := httpheader.Enclose(ranges)
	out.Status = http.StatusPartialContent
	out.Header["Content-Range"] = []string{contentRange(part, length)}
	out.Wrap(newPart(part))
	return nil
}

// acceptBytes is shared by all responses, and never written.
var acceptBytes = []string{"bytes"}

// wholeLength returns the length of a response that ranges can be of: a 200 to
// GET, or to HEAD, which is told so. Otherwise, and if it is not known, it
// returns -1.
func wholeLength(c *app.Call, out *app.Outgoing) int64 {
	head := c.Request.Method == http.MethodHead
	if out.Status != http.StatusOK || !head && c.Request.Method != http.MethodGet {
		return -1
	}
	if length := out.Length(); length != 0 || !head {
		return length
	}
	// What HEAD leaves out is as long as the handler has said.
	if declared := out.Header.Get("Content-Length"); declared != "" && declared != "0" {
		return 1
	}
	return 0
}

// divisible reports whether ranges can be cut out of the bytes that are sent.
// Those of a stored variant in a coding can, if it has a tag of its own.
func divisible(out *app.Outgoing) bool {
	h := out.Header
	accepted := h["Accept-Ranges"]
	return !out.Wrapped() && len(h["Content-Range"]) == 0 && (len(accepted) == 0 || httpheader.Lists(accepted, "bytes")) &&
		(len(h["Content-Encoding"]) == 0 || len(h["Etag"]) > 0) && !httpheader.IsEventStream(h.Get("Content-Type"))
}

// askedFor returns the ranges that a request asks for. For other methods than
// GET, and with several headers or one that cannot be read, it asks for none
// (RFC 9110 section 14.2).
func askedFor(r *http.Request) (httpheader.ByteRanges, bool) {
	lines := r.Header["Range"]
	if len(lines) != 1 || r.Method != http.MethodGet {
		return nil, false
	}
	return httpheader.ParseByteRanges(lines[0])
}

// refuse answers that the body has none of the ranges.
func refuse(c *app.Call, length int64) error {
	return c.Replace(func(c *app.Call, _ *app.Outgoing) error {
		httpheader.DeleteKeeping(c.Header())
		c.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", length))
		return c.RespondStatus(http.StatusRequestedRangeNotSatisfiable)
	})
}

func contentRange(r httpheader.ByteRange, length int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", r.First, r.Last, length)
}

// ascending reports whether the ranges can be sent while the body is written
// from its beginning to its end.
func ascending(ranges []httpheader.ByteRange) bool {
	for i := 1; i < len(ranges); i++ {
		if ranges[i].First < ranges[i-1].First {
			return false
		}
	}
	return true
}
