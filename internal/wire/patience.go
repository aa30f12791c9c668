package wire

import "time"

// A patience is how long a client may still be waited for. Waiting uses it up,
// and what arrives gives it back, up to the whole. One number thus bounds both
// silence and a body that trickles.
type patience struct {
	whole time.Duration // 0 or less waits for ever
	left  time.Duration
	rate  int64 // bytes that give a second back; 0 or less: any byte gives all
	final bool  // nothing is given back any more
}

func newPatience(whole time.Duration, rate int64) patience {
	return patience{whole: whole, left: whole, rate: rate}
}

// spend notes that n bytes have come after a time.
func (p *patience) spend(waited time.Duration, n int) {
	p.left = max(p.left-waited, 0)
	switch {
	case n == 0 || p.final:
	case p.rate <= 0:
		p.left = p.whole
	default:
		p.left = min(p.left+time.Duration(n)*time.Second/time.Duration(p.rate), p.whole)
	}
}
