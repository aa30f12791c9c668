package websockets_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// The opcodes of frames (RFC 6455 section 5.2).
const (
	opContinuation byte = 0x0
	opText         byte = 0x1
	opBinary       byte = 0x2
	opClose        byte = 0x8
	opPing         byte = 0x9
	opPong         byte = 0xa

	final byte = 0x80
	rsv1  byte = 0x40
)

// A rawClient sends and receives frames byte by byte.
type rawClient struct {
	net.Conn

	t      *testing.T
	reader *bufio.Reader
	head   *http.Response
}

// handshake are the lines of a request for a WebSocket, after the request line.
const handshake = "Host: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// dialRaw opens a WebSocket, with more lines in its request.
func dialRaw(t *testing.T, host *apptest.Host, lines ...string) *rawClient {
	t.Helper()
	conn := host.Dial()
	t.Cleanup(func() { _ = conn.Close() })
	request := "GET / HTTP/1.1\r\n" + handshake
	for _, line := range lines {
		request += line + "\r\n"
	}
	_, err := io.WriteString(conn, request+"\r\n")
	require.NoError(t, err)
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
	require.Equal(t, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", response.Header.Get("Sec-WebSocket-Accept"))
	return &rawClient{conn, t, reader, response}
}

// write sends a frame, masked as a client has to.
func (c *rawClient) write(first byte, payload string) {
	c.t.Helper()
	_, err := c.Write(frame(first, payload))
	require.NoError(c.t, err)
}

// frame returns a masked frame.
func frame(first byte, payload string) []byte {
	bytes := []byte{first}
	switch length := len(payload); {
	case length < 126:
		bytes = append(bytes, 0x80|byte(length))
	case length < 1<<16:
		bytes = binary.BigEndian.AppendUint16(append(bytes, 0x80|126), uint16(length))
	default:
		bytes = binary.BigEndian.AppendUint64(append(bytes, 0x80|127), uint64(length))
	}
	mask := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	bytes = append(bytes, mask[:]...)
	for i := range len(payload) {
		bytes = append(bytes, payload[i]^mask[i%4])
	}
	return bytes
}

// A gotFrame is a frame of the server.
type gotFrame struct {
	first   byte
	payload string
}

// next reads a frame, or returns the error of the connection.
func (c *rawClient) next() (gotFrame, error) {
	var head [2]byte
	if _, err := io.ReadFull(c.reader, head[:]); err != nil {
		return gotFrame{}, err
	}
	length := uint64(head[1])
	switch head[1] {
	case 126:
		var long [2]byte
		if _, err := io.ReadFull(c.reader, long[:]); err != nil {
			return gotFrame{}, err
		}
		length = uint64(binary.BigEndian.Uint16(long[:]))
	case 127:
		var long [8]byte
		if _, err := io.ReadFull(c.reader, long[:]); err != nil {
			return gotFrame{}, err
		}
		length = binary.BigEndian.Uint64(long[:])
	}
	payload := make([]byte, length)
	_, err := io.ReadFull(c.reader, payload)
	return gotFrame{head[0], string(payload)}, err
}

// require reads a frame, which has to be that one.
func (c *rawClient) require(first byte, payload string) {
	c.t.Helper()
	got, err := c.next()
	require.NoError(c.t, err)
	require.Equal(c.t, gotFrame{first, payload}, got)
}

// requireClosed reads up to the close frame, whatever it says besides its code,
// answers it, and requires the end of the connection.
func (c *rawClient) requireClosed(code uint16) {
	c.t.Helper()
	for {
		got, err := c.next()
		require.NoError(c.t, err)
		if got.first != final|opClose {
			continue
		}
		require.GreaterOrEqual(c.t, len(got.payload), 2)
		require.Equal(c.t, int(code), int(binary.BigEndian.Uint16([]byte(got.payload))))
		_, _ = c.Write(frame(final|opClose, got.payload[:2]))
		break
	}
	_, err := c.next()
	require.ErrorIs(c.t, err, io.EOF)
}

// closing is the payload of a close frame.
func closing(code uint16, text string) string {
	return string(binary.BigEndian.AppendUint16(nil, code)) + text
}
