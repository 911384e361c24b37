#!/usr/bin/env python3
"""Servers of tunnels that are slow, odd or broken (odd_relays.py), and what comes of that."""

import os
import re
import socket
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))

import demo  # noqa: E402
import tunnels_test as plain  # noqa: E402
from odd_relays import HttpTunnelServer, OddWebSocketServer  # noqa: E402


class OddTunnels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        plain.warm_up()

    def watched(self, program, transport, reconnects="0"):
        watched = plain.Watched(program)
        self.assertEqual((watched.status, watched.errors), (0, []), watched.output)
        self.assertEqual((watched["transport"], watched["resyncs"]), (transport, "0"))
        # gst-rtsp-server may still be busy with the end of the session before.
        (self.assertEqual if reconnects == "0" else self.assertGreaterEqual)(watched["reconnects"], reconnects, watched.output)
        return watched

    def test_http_servers_that_work_nevertheless(self):
        ok = HttpTunnelServer.OK
        cases = {
            "1.1 without a type": {"answer": b"HTTP/1.1 200 OK\r\n\r\n"},
            "length 0": {"answer": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
            "length 32767": {"answer": b"HTTP/1.0 200 OK\r\nContent-Length: 32767\r\n\r\n"},
            "100 first": {"answer": b"HTTP/1.1 100 Continue\r\n\r\n" + ok},
            "a byte at a time": {"bytewise": True},
            "POST answered": {"post": "answer"},
            "POST closed behind each request": {"post": "close"},
            "POST half closed": {"post": "half"},
            "POST refused": {"post": "refuse"},
        }
        for name, settings in cases.items():
            with self.subTest(name), demo.Camera() as camera, HttpTunnelServer(plain.port_of(camera), **settings) as server:
                with plain.watch(f"location=rtsph://127.0.0.1:{server.port}/stream user-id=me user-pw=geheim") as program:
                    self.watched(program, "http")
                if name in ("POST closed behind each request", "POST refused"):
                    self.assertGreater(len(server.posts), 1)

    def test_http_in_chunks_is_named(self):
        answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        with demo.Camera() as camera, HttpTunnelServer(plain.port_of(camera), answer) as server:
            with plain.watch(f"location=rtsph://127.0.0.1:{server.port}/stream") as program:
                self.assertIn("it answers in chunks", plain.Watched(program).errors[0])

    def test_either_side_is_cut_while_playing(self):
        for side, reconnects in (("posts", "0"), ("gets", "1")):
            with self.subTest(side), demo.Camera() as camera, HttpTunnelServer(plain.port_of(camera)) as server:
                line = f"location=rtsph://127.0.0.1:{server.port}/stream reconnect-delay=10"
                with plain.watch(line, 3 * plain.FRAMES) as program:
                    program.wait_for("^frame", plain.FRAMES)
                    getattr(server, side)[0].shutdown(socket.SHUT_RDWR)
                    self.watched(program, "http", reconnects)

    def test_websocket_servers_that_work_nevertheless(self):
        for odd in ("text", "wide length", "a byte each", "empty"):
            with self.subTest(odd), demo.Camera() as camera, OddWebSocketServer(plain.port_of(camera), odd) as server:
                with plain.watch(f"location={camera.url} websocket-uri=ws://127.0.0.1:{server.port}/") as program:
                    self.watched(program, "ws")

    def test_a_websocket_that_is_closed_comes_back(self):
        with demo.Camera() as camera, OddWebSocketServer(plain.port_of(camera), "close") as server:
            line = f"location={camera.url} websocket-uri=ws://127.0.0.1:{server.port}/ reconnect-delay=10"
            with plain.watch(line) as program:
                self.watched(program, "ws", "1")

    def test_what_is_no_websocket_is_named(self):
        for odd, words in (("masked", "masked WebSocket frame"), ("huge", "WebSocket frame"), ("reserved", "WebSocket reserved bits")):
            with self.subTest(odd), demo.Camera() as camera, OddWebSocketServer(plain.port_of(camera), odd) as server:
                with plain.watch(f"location={camera.url} websocket-uri=ws://127.0.0.1:{server.port}/") as program:
                    self.assertRegex(plain.Watched(program).errors[0], re.escape(f"what comes is no WebSocket ({words})"))

    def test_no_credentials_in_any_line_of_the_log(self):
        for kind in ("Basic", "Digest"):
            with self.subTest(kind), demo.Camera("--user", "admin", "--password", "kamerawort") as camera, \
                    plain.relays.ConnectProxy("me:proxywort", kind) as proxy:
                line = f"location={camera.url.replace('rtsp:', 'rtsph:')} proxy=127.0.0.1:{proxy.port} " \
                    "user-id=admin user-pw=kamerawort proxy-id=me proxy-pw=proxywort"
                with plain.watch(line, 5, GST_DEBUG="retina*:9") as program:
                    watched = self.watched(program, "http")
                self.assertIn("retina", watched.output)
                # In base64 too.
                for secret in ("kamerawort", "proxywort", "bWU6cHJveHl3b3J0", "YWRtaW46a2FtZXJhd29ydA", "response=\""):
                    self.assertNotIn(secret, watched.output)


if __name__ == "__main__":
    unittest.main()
