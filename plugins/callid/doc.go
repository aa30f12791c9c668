// Package callid gives each call an id, so that what the call leaves behind in
// logs and in other services can be found again. It is Ktor's CallId plugin,
// with the differences listed below.
//
//	a.Install(callid.Plugin.With(func(c *callid.Config) {
//		c.Header("X-Request-Id")             // taken from the request, sent back with the answer
//		c.GenerateText(20, callid.Dictionary) // for a request that brings none
//	}))
//
// [Get] returns the id of a call, from the Setup phase on where the plugin is
// installed on the application, and [FromContext] that of a call's context.
// With package calllogging each line of a call carries it:
//
//	a.Install(calllogging.Plugin.With(func(c *calllogging.Config) { c.MDC("call-id", callid.Get) }))
//
// # Where an id comes from
//
// The sources that [Config.Retrieve] added are asked first, then those of
// [Config.Generate], each in order. The first id that passes is the call's. The
// header that [Config.ReplyToHeader] names is set at once, so that an answer to
// an error carries it too. If no id passes, the call goes on without one.
//
// Ids come from strangers and end in logs and headers, so each is looked at
// before it is taken. One that is longer than [Config.MaxLength] or has a
// control character is refused with 400. Any other has to pass the verifier, of
// [Config.VerifyDictionary] or [Config.Verify]: by default an id with a character outside [Dictionary], such as a capital
// letter, is passed over, as in Ktor.
//
// # Differences from Ktor
//
// An empty id is none; Ktor takes it for an id unless the verifier objects. The
// length is bounded, and control characters are refused; Ktor fails with 500
// when it sends them back. A refused id is logged as every 4xx is, at level
// debug and shortened; Ktor warns with all of it. Generated text that the
// verifier's dictionary does not allow is a mistake that Start returns; Ktor
// drops such ids without a word.
package callid
