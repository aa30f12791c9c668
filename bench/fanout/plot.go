package main

import (
	"bytes"
	"fmt"
	"math"
)

// The picture, in its own units.
const (
	width, height  = 820, 400
	left, top      = 58, 76   // of the first panel
	across, down   = 330, 252 // of a panel
	between        = 72       // two panels
	few, many      = 80.0, 22_000.0
	cheap, dear    = 0.1, 100.0 // microseconds
	legendDistance = 150
	labelWidth     = 50
)

// style makes the picture readable on light and on dark ground.
const style = `<style>
	rect.ground { fill: #ffffff }
	text { fill: #1f2328; font: 13px system-ui, sans-serif }
	text.title { font-weight: 600 }
	.grid { stroke: #d1d9e0; stroke-width: 1 }
	.axis { stroke: #59636e; stroke-width: 1 }
	polyline { fill: none; stroke-width: 2.2 }
	.s0 { stroke: #0969da; fill: #0969da } .s1 { stroke: #1a7f37; fill: #1a7f37 }
	.s2 { stroke: #bc4c00; fill: #bc4c00 } .s3 { stroke: #8250df; fill: #8250df }
	.s4 { stroke: #bf3989; fill: #bf3989 }
	polyline.s0, polyline.s1, polyline.s2, polyline.s3, polyline.s4 { fill: none }
	polyline.s1 { stroke-dasharray: 7 4 } polyline.s2 { stroke-dasharray: 2 4 } polyline.s3 { stroke-dasharray: 9 4 2 4 }
	polyline.s4 { stroke-dasharray: 12 3 }
	@media (prefers-color-scheme: dark) {
		rect.ground { fill: #0d1117 }
		text { fill: #f0f6fc }
		.grid { stroke: #3d444d } .axis { stroke: #9198a1 }
		.s0 { stroke: #4493f8; fill: #4493f8 } .s1 { stroke: #3fb950; fill: #3fb950 }
		.s2 { stroke: #f0883e; fill: #f0883e } .s3 { stroke: #ab7df8; fill: #ab7df8 }
		.s4 { stroke: #f778ba; fill: #f778ba }
	}
</style>
`

// draw draws the CPU of a delivery by the number of clients, as SVG. Both axes are
// logarithmic.
func (g growth) draw() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n",
		width, height, width, height)
	out.WriteString("<title>CPU time of the server for each delivery, by the number of clients</title>\n")
	out.WriteString(style)
	fmt.Fprintf(&out, "<rect class=\"ground\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", width, height)
	for i, name := range g.names {
		x := left + i*legendDistance
		fmt.Fprintf(&out, "<polyline class=\"s%d\" points=\"%d,24 %d,24\"/>\n<circle class=\"s%d\" cx=\"%d\" cy=\"24\" r=\"3.5\"/>\n"+
			"<text x=\"%d\" y=\"28\">%s</text>\n", i, x, x+34, i, x+17, x+42, name)
	}
	g.panel(&out, left, "Flat out", func(c *costs) []cost { return c.FlatOut })
	g.panel(&out, left+across+between, "One event at a time", func(c *costs) []cost { return c.OneAtATime })
	out.WriteString("</svg>\n")
	return out.Bytes()
}

// panel draws one set of axes and what belongs there.
func (g growth) panel(out *bytes.Buffer, from int, title string, part func(*costs) []cost) {
	x := func(clients float64) float64 { return float64(from) + across*math.Log(clients/few)/math.Log(many/few) }
	y := func(cpu float64) float64 { return top + down*(1-math.Log(cpu/cheap)/math.Log(dear/cheap)) }
	fmt.Fprintf(out, "<text class=\"title\" x=\"%d\" y=\"%d\">%s: CPU per delivery, in µs</text>\n", from, top-14, title)
	for _, cpu := range []float64{0.1, 0.3, 1, 3, 10, 30, 100} {
		fmt.Fprintf(out, "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n", from, y(cpu), from+across, y(cpu))
		fmt.Fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n", from-7, y(cpu)+4, cpu)
	}
	for i, size := range g.sizes {
		at := x(float64(size))
		fmt.Fprintf(out, "<line class=\"axis\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", at, top+down, at, top+down+5)
		if i == len(g.sizes)-1 || x(float64(g.sizes[i+1]))-at > labelWidth {
			fmt.Fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", at, top+down+20, thousands(size))
		}
	}
	fmt.Fprintf(out, "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", from, top+down, from+across, top+down)
	fmt.Fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">clients, logarithmic</text>\n", from+across/2, top+down+42)
	for i, name := range g.names {
		var points, dots bytes.Buffer
		for j, size := range g.sizes {
			cpu := middle(part(g.tables[j].costs[name]), func(c cost) float64 { return c.CPU })
			fmt.Fprintf(&points, " %.1f,%.1f", x(float64(size)), y(cpu))
			fmt.Fprintf(&dots, "<circle class=\"s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", i, x(float64(size)), y(cpu))
		}
		fmt.Fprintf(out, "<polyline class=\"s%d\" points=\"%s\"/>\n%s", i, bytes.TrimSpace(points.Bytes()), dots.Bytes())
	}
}
