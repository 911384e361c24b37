#!/usr/bin/env python3
"""A camera behind HTTP, HTTPS, WebSocket and proxies: gst-rtsp-server's own tunnel, and relays of the tests (relays.py)."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))

import demo  # noqa: E402
import relays  # noqa: E402

PYTHON = "/usr/bin/python3"  # the one that the distribution's PyGObject is for
FRAMES = 40


def port_of(camera):
    return int(re.search(r":(\d+)/", camera.url).group(1))


def watch(properties, frames=FRAMES, **environment):
    """A program that watches a camera through avdec_h264, so that what comes is video."""
    pipeline = f"retinasrc name=s media=video {properties} num-buffers={frames} ! avdec_h264 ! fakesink sync=false"
    return demo.Program([PYTHON, os.path.join(HERE, "watch.py"), pipeline], **environment)


def certificate(folder):
    """Its file, of nobody in particular, with its key."""
    pem = os.path.join(folder, "camera.pem")
    key = os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=camera", "-days", "2",
                    "-keyout", key, "-out", pem], check=True, stderr=subprocess.DEVNULL, timeout=60)
    with open(pem, "a", encoding="ascii") as both, open(key, encoding="ascii") as private:
        both.write(private.read())
    return pem


class Watched:
    """What a watch.py has said."""

    def __init__(self, program):
        self.status, self.output = program.end()
        self.figures = dict(re.findall(r"^figure (\S+) (\S+)$", self.output, re.M))
        self.errors = re.findall(r"^error (.*)$", self.output, re.M)

    def __getitem__(self, name):
        return self.figures[name]


def warm_up():
    """Plugins are listed and loaded: what that takes on a busy machine is not among the times of the tests."""
    with demo.Camera() as camera, watch(f"location={camera.url}") as program:
        program.end()


class Tunnels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warm_up()

    def good(self, program, transport, frames=FRAMES):
        watched = Watched(program)
        self.assertEqual((watched.status, watched.errors), (0, []), watched.output)
        self.assertEqual((watched["transport"], watched["packets-lost"], watched["resyncs"]), (transport, "0", "0"))
        self.assertGreaterEqual(int(watched["frames"]), frames)
        return watched

    def failed(self, program, text):
        watched = Watched(program)
        self.assertEqual(len(watched.errors), 1, watched.output)
        self.assertRegex(watched.errors[0], text)
        return watched

    def test_gst_rtsp_servers_http_tunnel(self):
        with demo.Camera() as camera, watch(f"location={camera.url.replace('rtsp:', 'rtsph:')}") as program:
            self.good(program, "http")

    def test_credentials_go_through_the_tunnel(self):
        with demo.Camera("--user", "admin", "--password", "geheim") as camera:
            url = camera.url.replace("rtsp:", "rtsph:")
            with watch(f"location={url} user-id=admin user-pw=geheim") as program:
                self.good(program, "http")
            with watch(f"location={url} user-id=admin user-pw=falsch") as program:
                watched = self.failed(program, "user-id and user-pw")
                self.assertNotIn("falsch", watched.output)

    def test_gst_rtsp_servers_http_tunnel_over_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            with demo.Camera("--tls", certificate(folder)) as camera:
                url = camera.url.replace("rtsps:", "rtspsh:")
                with watch(f"location={url} tls-validation-flags=0") as program:
                    self.good(program, "https")
                with watch(f"location={url}") as program:
                    self.failed(program, "certificate")

    def test_a_websocket(self):
        with demo.Camera() as camera, relays.WebSocketServer(port_of(camera)) as server:
            with watch(f"location={camera.url} websocket-uri=ws://127.0.0.1:{server.port}/rtsp-over-websocket") as program:
                self.good(program, "ws")
            self.assertEqual(server.seen[0][0], "GET /rtsp-over-websocket HTTP/1.1")

    def test_a_websocket_where_there_is_none(self):
        with demo.Camera() as camera:
            place = f"ws://127.0.0.1:{port_of(camera)}/nothing"
            with watch(f"location={camera.url} websocket-uri={place}") as program:
                self.failed(program, "WebSocket|HTTP")

    def test_a_tunnel_that_is_cut_comes_back(self):
        cases = {
            "ws": (relays.WebSocketServer, "location={url} websocket-uri=ws://127.0.0.1:{port}/"),
            "http": (relays.Relay, "location=rtsph://127.0.0.1:{port}/stream"),
        }
        for transport, (kind, properties) in cases.items():
            with self.subTest(transport), demo.Camera() as camera, kind(port_of(camera)) as relay:
                line = properties.format(url=camera.url, port=relay.port) + " reconnect-delay=10"
                with watch(line, 3 * FRAMES) as program:
                    program.wait_for("^frame", FRAMES)
                    relay.cut()
                    watched = Watched(program)
                    self.assertEqual(watched.errors, [], watched.output)
                    self.assertEqual((watched["transport"], watched["reconnects"]), (transport, "1"), watched.output)

    def test_a_proxy(self):
        for scheme, transport in (("rtsp", "tcp"), ("rtsph", "http")):
            with self.subTest(scheme), demo.Camera() as camera, relays.ConnectProxy() as proxy:
                url = camera.url.replace("rtsp:", scheme + ":")
                with watch(f"location={url} proxy=127.0.0.1:{proxy.port}") as program:
                    self.good(program, transport)
                self.assertEqual(proxy.seen[0][0], f"CONNECT 127.0.0.1:{port_of(camera)} HTTP/1.1")

    def test_a_proxy_is_given_the_name(self):
        with demo.Camera() as camera, relays.ConnectProxy() as proxy:
            url = camera.url.replace("127.0.0.1", "no-such-camera.invalid")
            with watch(f"location={url} proxy=127.0.0.1:{proxy.port}") as program:
                self.good(program, "tcp")
            self.assertEqual(proxy.seen[0][0], f"CONNECT no-such-camera.invalid:{port_of(camera)} HTTP/1.1")

    def test_a_proxy_that_wants_credentials(self):
        for kind in ("Basic", "Digest"):
            with self.subTest(kind), demo.Camera() as camera, relays.ConnectProxy("me:geheim%1", kind) as proxy:
                line = f"location={camera.url} proxy=http://127.0.0.1:{proxy.port} "
                with watch(line + "proxy-id=me proxy-pw=geheim%1") as program:
                    self.good(program, "tcp")
                with watch(line + "proxy-id=me proxy-pw=falsch") as program:
                    watched = self.failed(program, "it refuses the credentials. Check proxy-id and proxy-pw")
                    self.assertNotIn("falsch", watched.output)
                with watch(line) as program:
                    self.failed(program, "it wants credentials. Set proxy-id and proxy-pw")

    def test_tls_behind_a_proxy_that_wants_digest(self):
        with tempfile.TemporaryDirectory() as folder, demo.Camera("--tls", certificate(folder)) as camera:
            for scheme, transport in (("rtsps:", "tls"), ("rtspsh:", "https")):
                with self.subTest(scheme), relays.ConnectProxy("me:geheim", "Digest") as proxy:
                    line = f"location={camera.url.replace('rtsps:', scheme)} proxy=127.0.0.1:{proxy.port} proxy-id=me proxy-pw=geheim "
                    with watch(line + "tls-validation-flags=0") as program:
                        self.good(program, transport)
                    with watch(line) as program:
                        self.failed(program, "certificate")

    def test_a_proxy_that_is_not_there(self):
        with demo.Camera() as camera, watch(f"location={camera.url} proxy=127.0.0.1:{demo.free_port()}") as program:
            self.failed(program, "through the proxy: .*refused.*Check proxy")

    def test_a_socks_proxy(self):
        with demo.Camera() as camera, relays.SocksProxy() as proxy:
            url = camera.url.replace("127.0.0.1", "no-such-camera.invalid")
            with watch(f"location={url} proxy=socks5://127.0.0.1:{proxy.port}") as program:
                self.good(program, "tcp")
            self.assertEqual(proxy.seen, [["no-such-camera.invalid"]])


if __name__ == "__main__":
    unittest.main()
