// Package mistakes collects what is wrong with a configuration, of a plugin for
// instance, so that Start can return all of it at once.
//
//	type Config struct {
//		names    []string
//		mistakes mistakes.List
//	}
//
//	func (c *Config) Name(name string) {
//		if name == "" {
//			c.mistakes.Add(errors.New("the name is empty"))
//			return
//		}
//		c.names = append(c.names, name)
//	}
//
// The setup of the plugin returns c.mistakes.Err(). Outside of app, every
// variadic list of configuration functions is applied by [Configure].
package mistakes
