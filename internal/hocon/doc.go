// Package hocon reads configuration files in HOCON, the format of Ktor's
// application.conf, and in JSON and Java's properties.
//
//	tree, err := hocon.Parse("application.conf", text, hocon.Options{Lookup: os.LookupEnv})
//	if err != nil {
//		return err // application.conf:7:12: expected a value, found }
//	}
//	properties := app.NewProperties(tree)
//
// It follows the specification, HOCON.md of github.com/lightbend/config.
// docs/hocon.md says what is in, what is refused, and where it differs from the
// reference implementation.
//
// A document goes three ways. The lexer cuts it into tokens, and the parser
// makes nodes of them, in which the fields of one key are merged already where
// no substitution is in the way (node.go: begin there). The resolver replaces
// the substitutions. Tree makes maps of what it returns.
package hocon
