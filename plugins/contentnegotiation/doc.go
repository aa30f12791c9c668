// Package contentnegotiation converts values to bodies and bodies to values, in
// the format that the client asks for.
//
//	a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) {
//		c.JSON(func(j *contentnegotiation.JSONConfig) { j.Indent = "    " })
//		c.Register("application/xml", contentnegotiation.Codec(xml.Marshal, xml.Unmarshal))
//	}))
//	routing.Routes(a, func(r *routing.Route) {
//		r.Post("/customer", func(c *app.Call) error {
//			customer, err := app.Receive[Customer](c)
//			if err != nil {
//				return err
//			}
//			customer.ID = 3
//			return c.Respond(customer)
//		})
//	})
//
// The customer is received by the Content-Type of the request, and sent by its
// Accept header. The plugin offers what is registered, and nothing by itself.
//
// # Responses
//
// What a handler passes to Respond is converted, unless it is of an ignored
// type ([Config.IgnoreType]), which text and bytes are by default. An
// app.Status, an app.Stream and an io.Reader are never converted: event streams
// and files pass untouched.
//
// The converters are asked in the order in which the client prefers their types
// (RFC 9110 section 12.5.1). For each registered type the most precise range in
// Accept counts, and its q-value decides, 0 meaning never; between equal ones
// the more precise range, then the earlier one in Accept, then the earlier
// registration. A client that sends no Accept accepts everything. A parameter
// of a range keeps a type out that was registered with another value of it, and
// is ignored where the type has none, such as charset. A q-value that is
// malformed counts as 1, as in Ktor.
//
// The first converter that supports the value makes the body. Its type becomes
// Content-Type unless the handler has set one. If there is none, the status is
// 406; for an Accept that cannot be read it is 400. What tells an error, with a
// status of 400 or more or in place of an error, is sent whatever the client
// accepts: in a type that it accepts if there is one, else in the first that
// supports the value (RFC 9110 section 12.4.1). With more than one type to
// choose from the response gets Vary: Accept. All bodies are in UTF-8:
// Accept-Charset is ignored, as RFC 9110 section 12.5.2 advises.
//
// # Requests
//
// What is received as anything else than text, bytes or an io.Reader is read by
// the converters whose type matches the Content-Type, in order of registration.
// If there is none, or for a charset other than UTF-8, the status is 415. A
// Content-Type that cannot be read, and a body that is broken or that the
// converter cannot read, are 400: the client learns that the body cannot be
// read, and of JSON also which field or byte is wrong; the log learns the rest.
// An error that carries a status keeps it, and a body that is too long is 413.
// An empty body is nil where a pointer is received, which is Ktor's
// receiveNullable, and an error of the converter otherwise.
//
// A page of another origin cannot send a type such as application/json without
// asking first (CORS), and a request without Content-Type is refused;
// registering text/plain or */* gives that protection up.
//
// # Differences from Ktor
//
// A range with q=0 excludes, and a more precise range beats a less precise one
// whatever their q-values are. Vary is set. No charset but UTF-8 is read or
// written. All lines of Accept are read. An error page is sent to a client that
// accepts none of its types, where Ktor answers with 406. A type with a * is registered for
// requests only. JSON is encoding/json: unknown fields are ignored unless
// [JSONConfig.DisallowUnknownFields] is set, and there is no lenient mode, no
// NaN. Streams, readers and status codes cannot be taken from the ignored
// types. Once string is, RespondText and ReceiveText are converted as Respond
// and Receive are.
//
// Ktor: ContentNegotiation.
package contentnegotiation
