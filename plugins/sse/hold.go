package sse

// hold keeps the stream of a session open whose function has returned, while it
// has joined a hub, and delivers what there is: on the goroutine that has served it,
// until the stream can be parked. An error is one of the application's code.
func (p *presence) hold() error {
	if err := p.deliverAll(); p.session.ctx.Err() == nil {
		return err
	}
	return nil // the session has ended, and there is nothing to add
}

func (p *presence) deliverAll() error {
	s := p.session
	returned := s.joinedWhenReturned()
	if len(returned) == 0 {
		return nil
	}
	if err := s.refuseMissed(returned); err != nil {
		return err
	}
	s.begin()
	if p.obstacle == nil { // hooks may have put something around the body, with the head
		p.obstacle = s.shared.parking.obstacle(s.call)
	}
	j := s.settle()
	if p.obstacle != nil {
		s.shared.parking.countHeld(s.call, p.obstacle)
	}
	return j.deliver(s.ctx, p.park)
}

// cut ends a write that is stuck, if the function of the session has returned: then
// the response has been flushed, and its call goes on.
func (s *Session) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil {
		return
	}
	switch s.rare.joining.stage {
	case stageHeld:
		s.call.Cut()
	case stageParked:
		s.rare.joining.bell.parked().conn.Cut()
	}
}
