"""A host with a camera on it: a process with a network of its own, which does as it is told, and one more that serves.

The camera is that of the soak (tests/soak), whose every byte the watcher knows; here it sends over UDP too, can trickle, and ends
sessions that nobody keeps alive.
"""

import array
import asyncio
import os
import signal
import socket
import time

import namespaces
import soak_camera
import stream

PORT = 554
TRICKLE_SECONDS = 1  # between two bytes
SESSION_SECONDS = 4  # without a request; so the soak's camera says in its answer to SETUP


class Slow:
    """A transport that gives away a byte a second while the camera trickles."""

    def __init__(self, camera, transport):
        self._camera = camera
        self._transport = transport
        self._held = bytearray()

    def __getattr__(self, name):
        return getattr(self._transport, name)

    def write(self, data):
        self._held += data
        if not self._camera.trickling:
            self.flush(len(self._held))

    def flush(self, count):
        self._transport.write(bytes(self._held[:count]))
        del self._held[:count]


class Connection(soak_camera.Connection):
    """Answers SETUP for UDP too."""

    def __init__(self, camera):
        super().__init__(camera)
        self.addresses = [None, None]
        self.sockets = []
        self.heard_at = time.monotonic()

    def data_received(self, data):
        self.heard_at = time.monotonic()
        super().data_received(data)

    def connection_made(self, transport):
        super().connection_made(Slow(self.camera, transport))

    def connection_lost(self, why):
        super().connection_lost(why)
        self.addresses = [None, None]
        for one in self.sockets:
            one.close()

    def reply(self, method, url, headers):
        reply = super().reply(method, url, headers)
        transport = headers.get("transport", "")
        if method != "SETUP" or "client_port=" not in transport:
            return reply
        ports = transport.partition("client_port=")[2].partition(";")[0]
        number = 1 if url.endswith("track1") else 0
        sender = self.sender()
        self.addresses[number] = (sender, (self.transport.get_extra_info("peername")[0], int(ports.partition("-")[0])))
        mine = sender.getsockname()[1]
        head = reply.partition(b"Transport:")[0]
        return head + f"Transport: RTP/AVP;unicast;client_port={ports};server_port={mine}-{mine + 1}\r\n\r\n".encode()

    def sender(self):
        """The even socket of a pair."""
        while True:
            pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) for _ in range(2)]
            self.sockets += pair
            address = self.transport.get_extra_info("sockname")[0]
            pair[0].bind((address, 0))
            port = pair[0].getsockname()[1]
            try:
                pair[1].bind((address, port + 1))
            except (OSError, OverflowError):
                continue
            if port % 2 == 0:
                return pair[0]

    def send_frame(self, number, channel):
        if time.monotonic() - self.heard_at > SESSION_SECONDS:
            self.session.end("timeout")
            self.transport.abort()
            return
        if not self.addresses[number]:
            super().send_frame(number, channel)
            return
        sender, address = self.addresses[number]
        for packet in self.frame(number, self.session.sent[number]):
            self.send_datagram(sender, packet, address)
        self.session.sent[number] += 1

    def send_datagram(self, sender, packet, address):
        if self.camera.trickling:
            if self.camera.drip is None:
                return
            packet, self.camera.drip = packet[:1], None
        try:
            sender.sendto(packet, address)
        except OSError:
            pass  # nobody hears it, as on any network


class Camera(soak_camera.Camera):
    connection = Connection

    def __init__(self, index, first_session):
        super().__init__(index, 0)
        self.port = PORT
        self.trickling = False
        self.drip = None  # a byte that UDP may send
        self.first_session = first_session

    def new_session(self):
        session = soak_camera.Session(self, self.first_session + len(self.sessions) + 1)
        self.sessions.append(session)
        return session

    def trickle(self, on):
        self.trickling = on
        if not on:
            for connection in self.connections:
                connection.transport.flush(1 << 30)

    async def drop_by_drop(self):
        while True:
            await asyncio.sleep(TRICKLE_SECONDS)
            if self.trickling:
                self.drip = b"\0"
                for connection in list(self.connections):
                    connection.transport.flush(1)

    async def serve(self, ready):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self.trickle, True)
        loop.add_signal_handler(signal.SIGUSR2, self.trickle, False)
        await self.open("0.0.0.0")
        os.write(ready, b"!")
        await asyncio.gather(self.run(), self.drop_by_drop())


class Host:
    """What the process of a host does; the other end is `Remote`."""

    def __init__(self, index, orders):
        self._index = index
        self._orders = orders
        self._camera = 0
        self._starts = 0
        self._tun = None

    def run(self):
        while order := self._orders.recv(64).decode():
            getattr(self, order.split()[0])(*order.split()[1:])
            descriptors = [self._tun] if order.startswith("boot") else []
            self._orders.sendmsg([b"done"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
                                 if descriptors else [])
            if descriptors:
                os.close(self._tun)
        if self._camera:
            self.signal("SIGKILL")

    def boot(self, address):
        """A network that remembers nothing."""
        namespaces.unshare(namespaces.CLONE_NEWNET)
        self._tun = namespaces.tun("eth0")
        namespaces.ip("link set lo up", f"addr add {address}/24 dev eth0", "link set eth0 up")

    def ip(self, *words):
        namespaces.ip(" ".join(words))

    def signal(self, name):
        os.kill(self._camera, getattr(signal, name))
        if name == "SIGKILL":
            os.waitpid(self._camera, 0)
            self._camera = 0

    def serve(self):
        self._starts += 1
        heard, ready = os.pipe()
        self._camera = os.fork()
        if self._camera == 0:
            namespaces.end_with_parent()
            self._orders.close()
            asyncio.run(Camera(self._index, 1000 * self._starts).serve(ready))
            os._exit(0)
        os.close(ready)
        os.read(heard, 1)
        os.close(heard)


class Remote:
    """A host, as the test sees it. Made before there are threads: it forks."""

    def __init__(self, index):
        self._orders, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._orders.settimeout(30)
        self._process = os.fork()
        if self._process == 0:
            status = 1
            try:
                namespaces.end_with_parent()
                self._orders.close()
                Host(index, other).run()
                status = 0
            finally:
                os._exit(status)
        other.close()

    def tell(self, order):
        """Returns when it is done. Of "boot", the descriptor of the host's network interface."""
        self._orders.send(order.encode())
        answer, descriptors, _, _ = socket.recv_fds(self._orders, 16, 1)
        if answer != b"done":
            raise OSError(f"the host has died of {order!r}")
        return descriptors[0] if descriptors else None

    def end(self):
        self._orders.shutdown(socket.SHUT_RDWR)
        self._orders.close()
        os.waitpid(self._process, 0)
