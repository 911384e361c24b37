"""What stands between a client and a camera: a WebSocket server, a proxy, a mere relay that can be cut. On loopback, for tests."""

import base64
import hashlib
import re
import socket
import struct
import threading


class Relay:
    """Passes bytes on between those who connect and `camera` (a port), each connection on a thread of its own."""

    def __init__(self, camera):
        self.camera = camera
        self.seen = []  # the heads of requests that were made of the relay itself
        self._sockets = []
        self._threads = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def cut(self):
        """Ends what goes on; those who connect later are served."""
        for end in self._sockets:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(client)
            self._start(self._serve, client)

    def _serve(self, client):
        with client:
            try:
                self.serve(client)
            except OSError:
                pass

    def connect(self, port):
        camera = socket.create_connection(("127.0.0.1", port))
        self._sockets.append(camera)
        return camera

    def pump(self, source, sink, change=bytes):
        """Until the source ends."""
        try:
            while piece := source.recv(65536):
                sink.sendall(change(piece))
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def head(self, client):
        """The head of a request, as lines."""
        text = b""
        while not text.endswith(b"\r\n\r\n"):
            byte = client.recv(1)
            if not byte:
                raise OSError("closed")
            text += byte
        lines = text.decode().split("\r\n")[:-2]
        self.seen.append(lines)
        return lines

    def serve(self, client):
        with self.connect(self.camera) as camera:
            self._start(self.pump, client, camera)
            self.pump(camera, client)


def field(lines, name):
    for line in lines[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return None


class ConnectProxy(Relay):
    """An HTTP proxy that knows CONNECT, wherever that is to go: on loopback. With credentials it wants them by `kind`, Basic or
    Digest (and then offers both), and closes where it doesn't get them."""

    NONCE = "dcd98b7102dd2f0e"

    def __init__(self, credentials=None, kind="Basic"):
        super().__init__(None)
        self.credentials = credentials
        self.kind = kind

    def agrees(self, lines):
        given = field(lines, "Proxy-Authorization") or ""
        if not self.credentials or self.kind == "Basic":
            return not self.credentials or given == "Basic " + base64.b64encode(self.credentials.encode()).decode()
        user, password = self.credentials.split(":")
        parts = dict(re.findall(r'(\w+)="?([^",]*)"?', given))

        def digest(*words):
            return hashlib.sha256(":".join(words).encode()).hexdigest()

        ha1 = digest(user, "p", password)
        ha2 = digest("CONNECT", lines[0].split(" ")[1])
        wanted = digest(ha1, self.NONCE, parts.get("nc", ""), parts.get("cnonce", ""), "auth", ha2)
        return given.startswith("Digest ") and parts.get("response") == wanted

    def serve(self, client):
        lines = self.head(client)
        method, target, _ = lines[0].split(" ")
        if method != "CONNECT":
            client.sendall(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
        elif not self.agrees(lines):
            digest = f'Proxy-Authenticate: Digest realm="p", nonce="{self.NONCE}", algorithm=SHA-256, qop="auth"\r\n'
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\n" +
                           (digest.encode() if self.kind == "Digest" else b"") + b"\r\n")
        else:
            with self.connect(int(target.rpartition(":")[2])) as camera:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._start(self.pump, client, camera)
                self.pump(camera, client)


class WebSocketServer(Relay):
    """RTSP over WebSocket: what comes from the camera is cut into frames, messages in three, with pings between."""

    def serve(self, client):
        lines = self.head(client)
        key = field(lines, "Sec-WebSocket-Key")
        if field(lines, "Sec-WebSocket-Protocol") != "rtsp.onvif.org" or not key:
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        client.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Protocol: rtsp.onvif.org\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        with self.connect(self.camera) as camera:
            self._start(self._unframe, client, camera)
            self.pump(camera, client, self.frames)

    @staticmethod
    def frame(first, payload):
        if len(payload) < 126:
            return struct.pack(">BB", first, len(payload)) + payload
        if len(payload) < 65536:
            return struct.pack(">BBH", first, 126, len(payload)) + payload
        return struct.pack(">BBQ", first, 127, len(payload)) + payload

    def frames(self, piece):
        third = len(piece) // 3
        return self.frame(0x02, piece[:third]) + self.frame(0x89, b"there?") + self.frame(0x00, piece[third:2 * third]) + \
            self.frame(0x80, piece[2 * third:])

    def exactly(self, client, count):
        data = b""
        while len(data) < count:
            piece = client.recv(count - len(data))
            if not piece:
                raise OSError("closed")
            data += piece
        return data

    def _unframe(self, client, camera):
        try:
            while True:
                first, size = self.exactly(client, 2)
                if not size & 0x80:
                    raise OSError("a frame without a mask")
                size &= 0x7F
                if size == 126:
                    size, = struct.unpack(">H", self.exactly(client, 2))
                mask = self.exactly(client, 4)
                payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.exactly(client, size)))
                if first == 0x82:
                    camera.sendall(payload)
                elif (first, payload) != (0x8A, b"there?"):
                    raise OSError("neither binary nor the pong")
        except OSError:
            self.pump(client, camera)


class SocksProxy(Relay):
    """SOCKS 5 without credentials, for names: on loopback."""

    def __init__(self):
        super().__init__(None)

    def serve(self, client):
        client.recv(client.recv(2)[1])
        client.sendall(b"\x05\x00")
        size = client.recv(5)[4]
        name, port = client.recv(size), client.recv(2)
        self.seen.append([name.decode()])
        with self.connect(int.from_bytes(port, "big")) as camera:
            client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01" + port)
            self._start(self.pump, client, camera)
            self.pump(camera, client)
