// Package contentnegotiation turns values into bodies and bodies into values,
// in the format that the client asks for. It is Ktor's ContentNegotiation
// plugin, with the differences listed below.
//
//	a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) {
//		c.JSON(func(j *contentnegotiation.JSONConfig) { j.Indent = "    " })
//		c.Register("application/xml", contentnegotiation.Codec(xml.Marshal, xml.Unmarshal))
//	}))
//
//	r.Post("/customer", func(c *app.Call) error {
//		customer, err := app.Receive[Customer](c) // by the Content-Type of the request
//		if err != nil {
//			return err
//		}
//		return c.Respond(customer) // by its Accept
//	})
//
// It offers what is registered, and nothing by itself.
//
// # Responses
//
// What a handler passes to Respond is converted, unless it is of an ignored
// type ([Config.IgnoreType]), which text and bytes are by default. An
// app.Status, an app.Stream and an io.Reader never are values to convert: event
// streams and files pass untouched. The converters are asked in the order of
// what the client likes, by RFC 9110 section 12.5.1: for each registered type
// the most precise range in Accept counts, and its q-value decides, 0 meaning
// never; between equal ones the more precise range, then the earlier one in
// Accept, then the earlier registration. A client that sends no Accept takes
// everything. Parameters of ranges other than q are not looked at, and a
// q-value that is malformed counts as 1, as in Ktor.
//
// The first converter that can do it makes the body. Its type becomes
// Content-Type unless the handler has set one. Where nothing suits, the answer
// is 406; an Accept that cannot be read is answered with 400. With more than
// one type to choose from the response gets Vary: Accept. All bodies are in
// UTF-8: Accept-Charset is not looked at, as RFC 9110 section 12.5.2 advises.
//
// # Requests
//
// What is received as anything else than text, bytes or an io.Reader is read by
// the converters whose type matches the Content-Type, in order of registration.
// Without one the answer is 415, likewise for a charset other than UTF-8. A
// Content-Type that cannot be read, and a body that is broken or that the
// converter cannot read, are 400: the client learns that the body cannot be
// read, the log learns why. An error that carries a status is answered with
// that status, and a body that is too long with 413. An empty body is nil where
// a pointer is received, which answers to Ktor's receiveNullable, and an error
// of the converter otherwise.
//
// A page of another origin cannot send a type such as application/json without
// asking first (CORS), and a request without Content-Type is refused;
// registering text/plain or */* gives that protection up.
//
// # Differences from Ktor
//
// A range with q=0 excludes, and a more precise range beats a less precise one
// whatever their q-values are. Vary is set. No charset but UTF-8 is read or
// written. All lines of Accept are read. A type with a * is registered for
// requests only. JSON is encoding/json: unknown fields are ignored unless
// [JSONConfig.DisallowUnknownFields] is set, and there is no lenient mode, no
// NaN. Streams, readers and status codes cannot be taken from the ignored
// types. Once string is, RespondText and ReceiveText are converted as Respond
// and Receive are.
package contentnegotiation
