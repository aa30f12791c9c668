// Package mistakes collects what is wrong with the configuration of a plugin,
// so that Start can return all of it at once.
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
// The setup of the plugin returns c.mistakes.Err().
package mistakes
