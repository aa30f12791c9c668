package partialcontent

import "fmt"

// Config limits what an installation of [Plugin] answers. It is read when the
// plugin is installed; later changes have no effect. Start returns the mistakes
// in it, with the line of the installation.
//
// Ktor: PartialContentConfig.
type Config struct {
	// MaxRangeCount is how many ranges a request may ask for. More are answered
	// with one, from the first byte that any of them asks for to the last. 10
	// by default; less than 1 is a mistake.
	MaxRangeCount int
}

func defaultConfig() Config { return Config{MaxRangeCount: 10} }

func (c Config) check() error {
	if c.MaxRangeCount < 1 {
		return fmt.Errorf("MaxRangeCount is %d, and must be at least 1", c.MaxRangeCount)
	}
	return nil
}
