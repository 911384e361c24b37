"""The rows and columns of the network's faults, and how one cell is played."""

import asyncio
import re
import time

RESOURCE_ERRORS = {3: "NOT_FOUND", 5: "OPEN_READ", 9: "READ"}
PATIENCE = 30  # seconds, for whatever must come
RECOVERY_SECONDS = 8  # after the fault's end, at most
PROPERTIES = "reconnect-delay=100 reconnect-max-delay=1000 idle-timeout=3000000 tcp-timeout=5000000"
SETTLED_FRAMES = 20
SPOILT_FRAMES = 3 * SETTLED_FRAMES  # among so many some are spoilt
MOMENT, WHILE, LONG = 0.5, 4, 8  # seconds; the element's patience is 3
DAY = 86400


class Fault:
    """What goes wrong for `lasts` seconds, and how it is mended. Names are those of the table."""

    def __init__(self, name, lasts, begin, end):
        self.name = name
        self.lasts = lasts
        self.begin = begin
        self.end = end


def carrying(name):
    def begin(cell):
        cell.cable.carry = getattr(cell.cable, name)
    return begin


def telling(*orders):
    def begin(cell):
        for order in orders:
            cell.host.tell(order)
    return begin


def our_link(state):
    def change(cell):
        cell.ip(f"link set {cell.interface} {state}")
    return change


def move(cell):
    cell.host.tell(f"ip addr del {cell.address}/24 dev eth0")
    cell.host.tell(f"ip addr add {cell.other_address}/24 dev eth0")


def rename(cell):
    cell.hosts.set(cell.name, cell.other_address)


def cut_power(cell):
    cell.cable.carry = cell.cable.cut
    cell.host.tell("signal SIGKILL")


def restore_power(cell):
    cell.boot()
    cell.cable.carry = cell.cable.whole


def step(seconds):
    def begin(cell):
        cell.client.step_clock(seconds)
    return begin


def step_and_kill(cell):
    cell.host.tell("signal SIGKILL")
    cell.client.step_clock(DAY)


def nothing(_cell):
    pass


whole = carrying("whole")
FAULTS = (
    Fault("our link down, 0.5 s", MOMENT, our_link("down"), our_link("up")),
    Fault("our link down", LONG, our_link("down"), our_link("up")),
    Fault("the camera's link down", LONG, telling("ip link set eth0 down"), telling("ip link set eth0 up")),
    Fault("all packets dropped, 0.5 s", MOMENT, carrying("cut"), whole),
    Fault("all packets dropped", LONG, carrying("cut"), whole),
    Fault("UDP dropped", LONG, carrying("without_udp"), whole),
    Fault("server killed", LONG, telling("signal SIGKILL"), telling("serve")),
    Fault("camera stopped (window closes), 0.5 s", MOMENT, telling("signal SIGSTOP"), telling("signal SIGCONT")),
    Fault("camera stopped (window closes)", LONG, telling("signal SIGSTOP"), telling("signal SIGCONT")),
    Fault("power cut, 0.3 s (half-open connection)", 0.3, cut_power, restore_power),
    Fault("power cut (half-open connection)", LONG, cut_power, restore_power),
    Fault("another address under the same name", LONG, move, rename),
    Fault("a byte a second", LONG, telling("signal SIGUSR1"), telling("signal SIGUSR2")),
    Fault("5 % of packets lost", WHILE, carrying("lossy"), whole),
    Fault("5 % of packets doubled", WHILE, carrying("doubling"), whole),
    Fault("5 % of packets swapped", WHILE, carrying("swapping"), whole),
    Fault("our clock a day forward", MOMENT, step(DAY), nothing),
    Fault("our clock a day back", MOMENT, step(-DAY), nothing),
    Fault("our clock a day forward, server killed", LONG, step_and_kill, telling("serve")),
)
COLUMNS = (("tcp", False), ("udp", False), ("tcp", True), ("udp", True))
HEADS = ("playing, TCP", "playing, UDP", "at the first start, TCP", "at the first start, UDP")


class Cell:
    """One fault in one phase: what comes of it, and how long after its end."""

    def __init__(self, number, fault, transport, at_start):
        self.number = number
        self.fault = fault
        self.transport = transport
        self.at_start = at_start
        self.stepping = "clock" in fault.name
        self.name = f"camera-{number}"
        self.interface = f"cable{number}"
        self.address = f"10.78.{number}.1"
        self.own_address = f"10.78.{number}.2"
        self.other_address = f"10.78.{number}.3"
        self.sentence = ""
        self.outcome = ""
        self.recovery = 0.0
        self.problems = []
        # What the run lends it: host, cable, client (and its index there), hosts, ip, boot.

    def arguments(self):
        return f"src=rtsp://{self.name}/soak protocols={self.transport} {PROPERTIES}"

    def title(self):
        return f"{self.fault.name}, {'start' if self.at_start else 'playing'}, {self.transport}"

    async def state(self):
        return (await self.client.state())[self.index]

    async def until(self, what, reached, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while not reached(now := await self.state()):
            if time.monotonic() > end:
                raise AssertionError(f"{what}: not within {seconds} s: {now}")
            await asyncio.sleep(0.05)
        return now

    async def play(self):
        try:
            await (self._start() if self.at_start else self._playing())
        except AssertionError as problem:
            self.problems.append(str(problem))

    async def _playing(self):
        self.client.again(self.index)
        await self.until("it plays", lambda now: now["frames"] >= SETTLED_FRAMES)
        self.fault.begin(self)
        await asyncio.sleep(self.fault.lasts)
        before = await self.state()
        self._end_fault()
        now = await self._recover(before["frames"])
        self._no_error(now)
        self.sentence = now["reason"]
        self.outcome = "comes back" if now["lost"] else "goes on"

    async def _start(self):
        self.fault.begin(self)
        self.client.again(self.index)
        await asyncio.sleep(self.fault.lasts)
        if self.fault.lasts >= LONG:
            await self.until("an end of the start", lambda now: now["error"] or now["frames"])
        if self.cable.by_chance():
            await self.until("frames through the fault", lambda now: now["error"] or now["frames"] >= SPOILT_FRAMES)
        before = await self.state()
        self._end_fault()
        now = before if before["error"] else await self._recover(before["frames"])
        if now["error"]:
            self.sentence = now["error"]
            self.outcome = RESOURCE_ERRORS.get(now["error_code"], str(now["error_code"]))
            self.client.again(self.index)
        else:
            self.outcome = "plays"
        now = await self._recover(before["frames"])
        if now["lost"]:
            self.problems.append(f"what had started was lost: {now['reason']}")
        self._no_error(now)

    def _end_fault(self):
        if self.cable.by_chance() and not self.cable.spoilt:
            self.problems.append("the cable did no wrong")
        self.fault.end(self)
        self._mended = time.monotonic()

    async def _recover(self, frames):
        """The error that it ends with, or some more frames than those, after as many sessions as it takes."""
        def settled(now):
            return now["frames"] >= frames + SETTLED_FRAMES and bool(now["lost"]) == bool(now["reconnected"])

        if not self.recovery:
            await self.until("a frame after the fault", lambda now: now["error"] or now["frames"] > frames, RECOVERY_SECONDS)
            self.recovery = time.monotonic() - self._mended
        return await self.until("frames after the fault", lambda now: now["error"] or settled(now))

    def _no_error(self, now):
        if now["error"]:
            self.problems.append(f"error: {now['error']}")

    def settle(self, account):
        """When all is over: what has come, byte for byte."""
        streams = account["streams"]
        for name in ("wrong_bytes", "wrong_order", "without_discont", "times_back"):
            if count := sum(one[name] for one in streams):
                self.problems.append(f"{name}: {count}")
        missing = [gap for one in streams for session in one["sessions"].values() for gap in session["missing"]]
        if self.transport == "udp":
            missing = [gap for gap in missing if gap[0] > 0]  # what was sent before the first one is not waited for
        if missing:
            self.outcome += ", frames lost"
            if self.transport == "tcp":
                self.problems.append("frames are missing over TCP")
        if missing and not account["stats"]["packets-lost"]:
            self.problems.append("frames are missing, and no packet is counted as lost")
        if account["stats"]["transport"] != self.transport:
            self.problems.append(f"transport: {account['stats']['transport']}")


class Sentences:
    """Numbers the reasons, as in the table above it: what differs from run to run is left out."""

    def __init__(self):
        self._texts = []

    def number(self, text):
        text = re.sub(r"10\.78\.\d+\.\d+|camera-\d+", "camera", text)
        if text not in self._texts:
            self._texts.append(text)
        return self._texts.index(text) + 1

    def __str__(self):
        return "".join(f"{number}. {text}\n" for number, text in enumerate(self._texts, 1))


def table(cells):
    """The text for the document."""
    sentences = Sentences()
    lines = [" | ".join(("", "fault", *HEADS, "")).strip() + "\n", "|---" * (1 + len(HEADS)) + "|\n"]
    for fault in FAULTS:
        row = [fault.name]
        for transport, at_start in COLUMNS:
            cell = next(one for one in cells if (one.fault, one.transport, one.at_start) == (fault, transport, at_start))
            number = f" ({sentences.number(cell.sentence)})" if cell.sentence else ""
            outcome, comma, lost = cell.outcome.partition(",")
            row.append(outcome + number + comma + lost)
        lines.append(f"| {' | '.join(row)} |\n")
    return "".join(lines) + "\n" + str(sentences)
