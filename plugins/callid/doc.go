// Package callid gives each call an id, so that what the call leaves behind in
// logs and in other services can be found again.
//
//	a.Install(callid.Plugin.With(func(c *callid.Config) {
//		c.Header("X-Request-Id")
//		c.Generate(func(*app.Call) string { return "generated-1" })
//	}))
//
// [Get] returns the id of a call, from the Setup phase on where the plugin is
// installed on the application, and [FromContext] that of a call's context.
// With package calllogging each line of a call has it: c.MDC("call-id",
// callid.Get).
//
// # Where an id comes from
//
// The sources that [Config.Retrieve] added are asked first, then those of
// [Config.Generate], each in order; [Config.GenerateText] makes random ids. The
// first id that passes is the call's. The header that [Config.ReplyToHeader]
// names is set at once, so that the response to an error has it too. If no id
// passes, the call goes on without one.
//
// Ids come from strangers and end in logs and headers, so each is checked
// before it is used. One that is longer than [Config.MaxLength] or has a
// control character is refused with 400. Any other must pass the verifier, of
// [Config.VerifyDictionary] or [Config.Verify]: by default an id with a
// character outside [Dictionary], such as a capital letter, is skipped, as in
// Ktor.
//
// # Differences from Ktor
//
// An empty id is none; Ktor takes it for an id unless the verifier objects. The
// length is limited, and control characters are refused; Ktor fails with 500
// when it sends them back. A refused id is logged as every 4xx is, at level
// debug and shortened; Ktor warns with all of it. Generated text that the
// verifier's dictionary does not allow is a mistake that Start returns; Ktor
// drops such ids without a word.
//
// Ktor: CallId.
package callid
