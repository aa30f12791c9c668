package app

// bodyLimitKey holds the limit that a call has of its own.
var bodyLimitKey = NewKey[int64]("app.bodyLimit")

// BodyLimit returns how many bytes of a body the call may receive, 0 for any
// number, and whether [Call.SetBodyLimit] has said so: if not, it is
// [Config.BodyLimit]. It may be called from any goroutine.
func (c *Call) BodyLimit() (bytes int64, own bool) {
	if bytes, own = bodyLimitKey.Get(c); own {
		return bytes, true
	}
	return c.Application().config.BodyLimit, false
}

// SetBodyLimit replaces [Config.BodyLimit] for what this call has not received
// yet; 0 or less sets no limit. A plugin that decodes bodies lets them have as
// many bytes, also where its own limit is lower, and one that keeps them takes
// it for its own. What is read as a reader, as multipart or of Request.Body is
// not limited by it: the plugin requestbodylimit limits a body as it arrives.
func (c *Call) SetBodyLimit(bytes int64) { bodyLimitKey.Set(c, max(bytes, 0)) }
