"""Servers of tunnels that do what no standard asks for, or what it forbids, each in one way. On loopback, for tests."""

import base64
import socket
import struct

import relays
from relays import field


class HttpTunnelServer(relays.Relay):
    """RTSP through HTTP for a camera. `answer` opens the GET's stream; `post` says what is done to POSTs: nothing, "answer" at once,
    "close" behind each request, close one "half", "refuse" the first for its credentials. The stream is `bytewise` if so wanted."""

    OK = b"HTTP/1.0 200 OK\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n"

    def __init__(self, camera, answer=OK, post=None, bytewise=False):
        super().__init__(camera)
        self.answer = answer
        self.post = post
        self.bytewise = bytewise
        self.gets = []
        self.posts = []
        self._cameras = {}

    def serve(self, client):
        lines = self.head(client)
        cookie = field(lines, "x-sessioncookie")
        if lines[0].startswith("GET"):
            self.gets.append(client)
            with self.connect(self.camera) as camera:
                self._cameras[cookie] = camera
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.sendall(self.answer)
                self.pass_on(camera, client)
        else:
            self.posts.append(client)
            self.serve_post(client, self._cameras[cookie])

    def pass_on(self, camera, client):
        while self.bytewise and (byte := camera.recv(1)):
            client.sendall(byte)
        self.pump(camera, client)

    def serve_post(self, client, camera):
        if self.post == "refuse" and len(self.posts) == 1:
            client.sendall(b"HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"m\"\r\n\r\n")
            return
        if self.post == "answer":
            client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
        if self.post == "half":
            client.shutdown(socket.SHUT_WR)
        text = b""
        while data := client.recv(65536):
            text += data
            whole = len(text) // 4 * 4
            if self.post == "close" and whole == len(text):
                client.shutdown(socket.SHUT_RDWR)  # before the camera answers
            camera.sendall(self.decode(text[:whole]))
            text = text[whole:]

    @staticmethod
    def decode(text):
        return b"".join(base64.b64decode(text[at:at + 4]) for at in range(0, len(text), 4))


class OddWebSocketServer(relays.WebSocketServer):
    """One whose frames have something of their own; `close` comes with the fortieth piece."""

    def __init__(self, camera, odd):
        super().__init__(camera)
        self.odd = odd
        self._pieces = 0

    def frames(self, piece):
        self._pieces += 1
        size = len(piece)
        if self.odd == "close":
            return self.frame(0x88, struct.pack(">H", 1001) + b"bye") if self._pieces == 40 else self.frame(0x82, piece)
        return {
            "text": lambda: self.frame(0x81, piece),
            "wide length": lambda: struct.pack(">BBQ", 0x82, 127, size) + piece,
            "a byte each": lambda: b"".join(self.frame(0x82, piece[at:at + 1]) for at in range(size)),
            "empty": lambda: self.frame(0x02, b"") + 3 * self.frame(0x00, b"") + self.frame(0x80, piece) + self.frame(0x8A, b"unasked"),
            "masked": lambda: struct.pack(">BBH", 0x82, 0x80 | 126, size) + b"abcd" + piece,
            "huge": lambda: struct.pack(">BBQ", 0x82, 127, 1 << 62) + piece,
            "reserved": lambda: self.frame(0xC2, piece),
        }[self.odd]()
