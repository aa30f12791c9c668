package app

// CodeAround returns what stands around the handlers of the endpoint that a call
// has reached.
func CodeAround(c *Call) string { return c.Endpoint().codeAround() }
