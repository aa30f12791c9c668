package engine

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
)

// readyFD names the descriptor of the pipe into which a successor writes a byte
// when it serves.
const readyFD = "CHITOR_READY_FD"

// A predecessor is the process that this one replaces: what it has handed over.
// The zero predecessor is none.
type predecessor struct {
	sockets map[string][]inheritedSocket // by the key of a connector
	seen    map[string]int               // places, by their name
	ready   *os.File                     // nil without a predecessor
	files   []*net.UnixListener          // whose files are this process's when it serves
}

// findPredecessor looks for the process that this one replaces, if the server may
// be replaced and h says that there is one.
func (s *Server) findPredecessor(h heritage) error {
	p := &s.predecessor
	p.seen = map[string]int{}
	text, set := h.lookup(readyFD)
	if len(s.restart) == 0 || !set || !h.names(listenParent, h.parent) {
		return nil
	}
	_ = h.unset(readyFD) // fails for names that cannot be one
	descriptor, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return fmt.Errorf("%s: %q is no descriptor", readyFD, text)
	}
	sockets, err := h.sockets()
	if err != nil {
		return fmt.Errorf("take over: %w", err)
	}
	p.ready, p.sockets = openReady(uintptr(descriptor)), map[string][]inheritedSocket{}
	for _, socket := range sockets {
		key, err := url.QueryUnescape(socket.name)
		if err != nil {
			key = socket.name // nobody looks for it
		}
		p.sockets[key] = append(p.sockets[key], socket)
	}
	return nil
}

// keyOf returns the key by which a successor finds what listens at a place: its
// name, and a number, since there may be several of one name, such as port 0. It
// is empty for what cannot be handed over. It is called once for each connector.
func (p *predecessor) keyOf(at place) string {
	if _, foreign := at.(given); foreign {
		return ""
	}
	name := at.String()
	p.seen[name]++
	return name + " " + strconv.Itoa(p.seen[name])
}

// listen opens a place, or takes over what the predecessor has open there.
func (p *predecessor) listen(ctx context.Context, at place, key string) (opened []net.Listener, err error) {
	sockets := p.sockets[key]
	delete(p.sockets, key)
	if len(sockets) == 0 {
		return at.listen(ctx)
	}
	for i, socket := range sockets {
		listener, err := socket.listen()
		if err != nil {
			closeInherited(sockets[i+1:])
			closeListeners(opened)
			return nil, err
		}
		opened = append(opened, listener)
		unix, isUnix := listener.(*net.UnixListener)
		own, isOwn := at.(unixSocket) // systemd keeps its files
		if !isUnix || !isOwn {
			continue
		}
		if err := own.setMode(); err != nil {
			closeInherited(sockets[i+1:])
			closeListeners(opened)
			return nil, err
		}
		p.files = append(p.files, unix)
	}
	return opened, nil
}

// close closes what nobody wants.
func (p *predecessor) close() {
	for _, sockets := range p.sockets {
		closeInherited(sockets)
	}
}

// tell lets the predecessor know that this process serves. If it has gone, there
// is nobody to tell. Until then the files of Unix sockets are the predecessor's,
// which goes on if this process fails.
func (p *predecessor) tell() {
	for _, unix := range p.files {
		unix.SetUnlinkOnClose(true)
	}
	if p.ready != nil {
		_, _ = p.ready.Write([]byte{1})
		_ = p.ready.Close()
	}
}
