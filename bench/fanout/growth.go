package main

import (
	"fmt"
	"io"
)

// sizes are the numbers of clients of the growth.
func sizes() []int { return []int{100, 300, 1000, 3000, 10_000, 18_000} }

// deliveries is how many of them are measured at least for each size.
const deliveries = 100_000

// growth is what variants cost with more and more clients.
type growth struct {
	names  []string
	sizes  []int
	tables []table // by size
}

// grow measures all variants with more and more clients, each in one process.
func (c comparison) grow(sizes []int, l load) (growth, error) {
	g := growth{names: c.names, sizes: sizes}
	for range sizes {
		g.tables = append(g.tables, newTable(c.names))
	}
	return g, c.eachInTurn(func(variant string, f *field) error {
		for i, size := range sizes {
			l.rows = max(deliveries/(l.events*size), 1)
			if err := c.add(g.tables[i].costs[variant], f, size, l); err != nil {
				return fmt.Errorf("%d clients: %w", size, err)
			}
		}
		return nil
	})
}

// print prints the medians as rows of a table in Markdown.
func (g growth) print(out io.Writer) error {
	for i, size := range g.sizes {
		for _, name := range g.names {
			of := g.tables[i].costs[name]
			_, err := fmt.Fprintf(out, "| %s | %s | %.2f | %.1f | %.0f,000 | %.1f |\n", thousands(size), name,
				middle(of.FlatOut, func(c cost) float64 { return c.CPU }),
				middle(of.OneAtATime, func(c cost) float64 { return c.CPU }),
				1e3/middle(of.FlatOut, func(c cost) float64 { return c.Time }),
				middle(of.OneAtATime, func(c cost) float64 { return c.RSS })/1024)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// thousands writes a number below a million as people read it.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
