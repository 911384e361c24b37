"""The cameras of tools/soak: each on a port of its own, with faults that a seed decides.

Its standard input takes a line each: "faults RATE" (in a second, over all cameras; 0: none any more), "hold" (no more media),
"quit". Its standard output is a line with the ports, and at the end one with what was sent (JSON).
"""

import argparse
import asyncio
import json
import random
import socket
import struct
import sys
import time

import stream

PLAYING_FAULTS = ("close", "reset", "stall", "silence", "trickle", "half", "garbage", "flood", "loss", "bye", "lost-session", "refuse")
PHASES = ("accept", "OPTIONS", "DESCRIBE", "SETUP", "PLAY")
ANSWERS = ("close", "reset", "stall", "half", "garbage", "404 Not Found", "454 Session Not Found", "503 Service Unavailable")
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"


class Session:
    """What one PLAY has sent, for the account."""

    def __init__(self, camera, number):
        self.camera = camera
        self.number = number
        self.sent = [None, None]  # frames, of the streams that were set up
        self.sequence = [number * 77 & 0xFFFF, number * 99 & 0xFFFF]
        self.left_out = []  # [stream, frame, packets]
        self.garbage = []  # [frames of each stream sent before it]
        self.ended = ""
        self.started = time.monotonic()
        self.well_since = camera.well_since

    def end(self, reason):
        if not self.ended:
            self.ended = reason

    def account(self):
        return {"camera": self.camera.index, "session": self.number, "sent": self.sent, "left_out": self.left_out,
                "garbage": self.garbage, "ended": self.ended, "started": self.started, "well_since": self.well_since}


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, camera):
        self.camera = camera
        self.transport = None
        self.received = b""
        self.channels = [None, None]
        self.session = None
        self.mode = "good"  # or what keeps it from serving
        self.leave_out = 0
        self.fault = camera.take_dialogue_fault()
        self.trickled = b""

    # --- the dialogue ---

    def connection_made(self, transport):
        self.transport = transport
        self.camera.connections.add(self)
        if self.fault and self.fault[0] == "accept":
            self.misbehave(self.fault[1], b"")

    def connection_lost(self, _):
        self.camera.connections.discard(self)
        if self.session:
            self.session.end("client")
        if self.mode != "good" or self.fault:
            self.camera.well_since = time.monotonic()

    def data_received(self, data):
        if self.mode in ("stall", "gone"):
            return
        self.received += data
        while self.received and self.mode not in ("stall", "gone"):
            if self.received[:1] == b"$":
                size = 4 + struct.unpack(">H", self.received[2:4])[0] if len(self.received) >= 4 else 4
                if len(self.received) < size:
                    return
                self.received = self.received[size:]
                continue
            head, end, rest = self.received.partition(b"\r\n\r\n")
            if not end:
                return
            self.received = rest
            self.request(head.decode("utf-8", "replace"))

    def request(self, text):
        lines = text.split("\r\n")
        words = lines[0].split(" ")
        headers = dict(line.split(":", 1) for line in lines[1:] if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, value in headers.items()}
        if words[0].startswith("RTSP/"):
            return
        reply = self.reply(words[0], words[1] if len(words) > 1 else "", headers)
        if self.fault and self.fault[0] == words[0] and self.mode == "good":
            self.misbehave(self.fault[1], reply)
            return
        self.transport.write(reply)
        if words[0] == "PLAY" and b" 200 " in reply[:14] and self.mode == "good":
            self.play()

    def misbehave(self, how, reply):
        if " " in how:
            sequence = reply.partition(b"CSeq: ")[2].partition(b"\r\n")[0] or b"1"
            self.transport.write(f"RTSP/1.0 {how}\r\nCSeq: ".encode() + sequence + b"\r\n\r\n")
            self.mode = "refused"
        elif how == "half":
            self.transport.write(reply[:len(reply) // 2])
            self.leave()
        elif how == "garbage":
            self.transport.write(self.camera.random.randbytes(self.camera.random.randint(1, 3000)))
            self.mode = "stall"
        else:
            self.break_off(how)

    def reply(self, method, url, headers):
        def answer(status, *lines, body=""):
            if body:
                lines += (f"Content-Length: {len(body)}",)
            head = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '0')}", *lines]
            return ("\r\n".join(head) + "\r\n\r\n" + body).encode()

        mine = f"Session: {self.camera.index + 1:08X}"
        if method == "OPTIONS":
            return answer("200 OK", "Public: " + METHODS)
        if method == "DESCRIBE":
            return answer("200 OK", f"Content-Base: {url}/", "Content-Type: application/sdp", body=stream.SDP)
        if method == "SETUP":
            number = 1 if url.endswith("track1") else 0
            channel = 2 * number
            self.channels[number] = channel
            return answer("200 OK", mine + ";timeout=4", f"Transport: RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}")
        if self.mode == "lost-session" or self.channels == [None, None]:
            if self.session:
                self.stop("lost-session")
            return answer("454 Session Not Found")
        if method == "TEARDOWN" and self.session:
            self.session.end("teardown")
        return answer("200 OK", mine)

    # --- media ---

    def play(self):
        if self.session:
            return
        self.fault = None  # those of the dialogue are over
        self.session = self.camera.new_session()
        self.session.sent = [None if channel is None else 0 for channel in self.channels]

    def stop(self, reason):
        self.session.end(reason)

    def tick(self):
        if self.transport.is_closing():
            return
        if self.trickled:
            self.transport.write(self.trickled[:1])
            self.trickled = self.trickled[1:]
        if not self.session or self.session.ended:
            return
        for number, channel in enumerate(self.channels):
            if channel is not None:
                self.send_frame(number, channel)

    def send_frame(self, number, channel):
        session = self.session
        frame = session.sent[number]
        made = self.frame(number, frame)
        if number == 0 and self.leave_out:
            self.leave_out -= 1
            random_ = self.camera.random
            out = sorted(random_.sample(range(len(made)), random_.randint(1, len(made))))
            made = [packet for index, packet in enumerate(made) if index not in out]
            session.left_out.append([number, frame, len(out)])
        self.transport.write(b"".join(stream.interleaved(channel, packet) for packet in made))
        session.sent[number] += 1

    def frame(self, number, frame):
        session = self.session
        made = stream.packets(number, self.camera.index, session.number, frame, session.sequence[number])
        session.sequence[number] += len(made)
        return made

    # --- faults ---

    def leave(self):
        self.mode = "gone"
        self.transport.close()

    def reset(self):
        self.mode = "gone"
        no_linger = struct.pack("ii", 1, 0)
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        self.transport.abort()

    def break_off(self, how):
        if how == "close":
            self.leave()
        elif how == "reset":
            self.reset()
        else:
            self.mode = "stall"

    def spoil(self, fault):
        """One of PLAYING_FAULTS, while it plays."""
        session = self.session
        random_ = self.camera.random
        if fault == "loss":
            self.leave_out += random_.randint(1, 5)
            return
        if fault == "garbage":
            session.garbage.append(list(session.sent))
            self.transport.write(random_.randbytes(random_.randint(1, 3000)))
            return
        if fault == "lost-session":
            self.mode = fault  # ends with the next request
            return
        session.end(fault)
        number = 0 if self.channels[0] is not None else 1
        whole = b"".join(stream.interleaved(self.channels[number], packet) for packet in self.frame(number, session.sent[number]))
        if fault in ("close", "reset"):
            self.break_off(fault)
        elif fault == "refuse":
            self.reset()
            self.camera.refuse(random_.uniform(0.1, 2))
        elif fault == "half":
            self.transport.write(whole[:len(whole) // 2])
            self.leave()
        elif fault == "trickle":
            self.mode, self.trickled = "trickle", whole
        elif fault == "flood":
            self.mode = "flood"
            self.transport.write(random_.randbytes(3 * 1024 * 1024))
        elif fault == "bye":
            self.mode = "bye"
            for number, channel in enumerate(self.channels):
                if channel is not None:
                    packet = stream.bye(number, self.camera.index, session.number)
                    self.transport.write(stream.interleaved(channel + 1, packet))
        else:
            self.mode = fault  # stall: nothing is answered; silence: only media is missing


class Camera:
    connection = Connection

    def __init__(self, index, seed):
        self.index = index
        self.random = random.Random(f"{seed} {index}")
        self.sessions = []
        self.connections = set()
        self.dialogue_faults = []
        self.well_since = time.monotonic()
        self.server = None
        self.port = 0
        self.holding = False
        self.faults = {}

    async def open(self, address="127.0.0.1"):
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: self.connection(self), address, self.port, reuse_address=True)
        self.port = self.server.sockets[0].getsockname()[1]

    def refuse(self, seconds):
        """Closes the port for a while."""
        if self.server is None:
            return
        self.server.close()
        self.server = None

        async def come_back():
            await asyncio.sleep(seconds)
            await self.open()
            self.well_since = time.monotonic()

        self.returning = asyncio.ensure_future(come_back())

    def hold(self):
        self.holding = True
        for connection in self.connections:
            if connection.session:
                connection.session.end("held")

    def new_session(self):
        session = Session(self, len(self.sessions) + 1)
        self.sessions.append(session)
        return session

    def take_dialogue_fault(self):
        return self.dialogue_faults.pop() if self.dialogue_faults else None

    def spoil(self):
        playing = [one for one in self.connections if one.session and not one.session.ended and one.mode == "good"]
        if not playing:
            return
        fault = self.random.choice(PLAYING_FAULTS)
        self.faults[fault] = self.faults.get(fault, 0) + 1
        if fault not in ("loss", "garbage") and self.random.random() < 0.4:
            for _ in range(self.random.randint(1, 3)):
                self.dialogue_faults.append((self.random.choice(PHASES), self.random.choice(ANSWERS)))
                self.faults["dialogue"] = self.faults.get("dialogue", 0) + 1
        self.well_since = time.monotonic()
        playing[0].spoil(fault)

    async def run(self):
        start = time.monotonic() + self.index % 25 / 25 / stream.FRAMES_A_SECOND
        ticks = 0
        while True:
            ticks += 1
            await asyncio.sleep(max(0, start + ticks / stream.FRAMES_A_SECOND - time.monotonic()))
            if not self.holding:
                for connection in list(self.connections):
                    connection.tick()


async def spoil_some(cameras, seed, rate):
    chance = random.Random(seed)
    while True:
        await asyncio.sleep(chance.expovariate(rate))
        chance.choice(cameras).spoil()


async def commands():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line.decode().split()


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    cameras = [Camera(index, options.seed) for index in range(options.cameras)]
    for camera in cameras:
        await camera.open()
    print(json.dumps([camera.port for camera in cameras]), flush=True)
    running = [asyncio.ensure_future(camera.run()) for camera in cameras]
    spoiling = None
    async for command in commands():
        if command[0] == "faults":
            if spoiling:
                spoiling.cancel()
            rate = float(command[1])
            spoiling = asyncio.ensure_future(spoil_some(cameras, options.seed, rate)) if rate > 0 else None
            if not rate:
                for camera in cameras:
                    camera.dialogue_faults.clear()
        elif command[0] == "hold":
            for camera in cameras:
                camera.hold()
        else:
            break
    for task in running:
        task.cancel()
    faults = {}
    for camera in cameras:
        for name, count in camera.faults.items():
            faults[name] = faults.get(name, 0) + count
    print(json.dumps({"sessions": [session.account() for camera in cameras for session in camera.sessions], "faults": faults}),
          flush=True)


if __name__ == "__main__":
    asyncio.run(main())
