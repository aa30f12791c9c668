package passwords

import (
	"fmt"
	"runtime"
)

// Config configures a [Table]. It is read when the table is made.
type Config struct {
	// MaxConcurrent is how many hashes are made at once; other calls wait. It is a
	// bound for memory: as many times what a hash takes, 19 MiB for those of
	// [Hash]. As many as there are CPUs for the program (GOMAXPROCS) by default,
	// since more would not be faster. Less than 1 is a mistake.
	MaxConcurrent int
	// Decoy is a hash of the kind and cost that the table's are of. It is verified
	// for names that nobody has. Empty, the default, is one of the table's own, and
	// for a table that has none, or has a [Lookup], one such as [Hash] makes.
	Decoy string
}

func defaultConfig() Config { return Config{MaxConcurrent: runtime.GOMAXPROCS(0)} }

// check returns what is wrong with the numbers.
func (c *Config) check() error {
	if c.MaxConcurrent < 1 {
		return fmt.Errorf("MaxConcurrent is %d: it must be positive, or nobody would ever get in", c.MaxConcurrent)
	}
	return nil
}
