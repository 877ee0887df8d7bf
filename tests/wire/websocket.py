"""A WebSocket client for protocol scripts: frames as given, over a socket that is open."""

import base64
import hashlib
import os
import struct

BINARY, CLOSE, PING, PONG = 0x2, 0x8, 0x9, 0xA
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def handshake(opened, host):
    """Asks for a WebSocket; returns the answer's status line."""
    key = base64.b64encode(os.urandom(16)).decode()
    opened.sendall(
        (
            f"GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        byte = opened.recv(1)
        assert byte, answer
        answer += byte
    accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest())
    lines = answer.split(b"\r\n")
    if lines[0].split()[1] == b"101":
        assert b"Sec-WebSocket-Accept: " + accept in lines, answer
    return lines[0].decode()


def frame(opcode, payload=b"", final=True, mask=bytes(4)):
    """As a client sends it."""
    size = len(payload)
    header = bytes([(0x80 if final else 0) | opcode])
    if size < 126:
        header += bytes([0x80 | size])
    elif size < 65536:
        header += bytes([0x80 | 126]) + struct.pack("!H", size)
    else:
        header += bytes([0x80 | 127]) + struct.pack("!Q", size)
    return header + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


class WebSocket:
    """Looks like a socket that carries the messages."""

    def __init__(self, opened):
        self.opened = opened
        self.frames = []  # (opcode, payload) of all that came

    def send_frame(self, opcode, payload=b"", final=True):
        self.opened.sendall(frame(opcode, payload, final, os.urandom(4)))

    def sendall(self, data):
        self.send_frame(BINARY, data)

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.opened.recv(size - len(data))
            if not piece:
                raise ConnectionResetError("the stream ended")
            data += piece
        return data

    def receive_frame(self):
        first, second = self._exactly(2)
        assert first & 0x80 and not second & 0x80, (first, second)
        size = second
        if size == 126:
            (size,) = struct.unpack("!H", self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._exactly(8))
        frame = first & 0x0F, self._exactly(size)
        self.frames.append(frame)
        return frame

    def recv(self, _size):
        while True:
            opcode, payload = self.receive_frame()
            if opcode == BINARY:
                return payload
            if opcode == CLOSE:
                return b""

    def close(self):
        self.opened.close()
