#!/usr/bin/env python3
"""What comes of a network's faults: each of matrix.FAULTS in each phase, side by side, and the table of docs/reliability.md.

Each camera is on a host of its own, a network namespace, at the end of a cable of its own (cable.py). The elements are in the
namespace of this process. --only WORDS plays the rows whose names have these words, and compares no table.
"""

import argparse
import asyncio
import json
import os
import shutil
import struct
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "soak"))

import cable  # noqa: E402
import host  # noqa: E402
import matrix  # noqa: E402
import namespaces  # noqa: E402

SKIPPED = 77
BEGIN, END = "<!-- network -->\n", "<!-- /network -->"


class Client:
    """A process that watches several cameras: tests/soak/soak_client.cpp. Questions are answered in order."""

    def __init__(self, folder=None):
        self.cells = []
        self._lock = asyncio.Lock()
        self._clock = None
        if folder:
            handle, self._clock = tempfile.mkstemp(dir=folder)
            os.close(handle)
            self.step_clock(0)

    def add(self, cell):
        cell.client, cell.index = self, len(self.cells)
        self.cells.append(cell)

    async def start(self):
        environment = dict(os.environ)
        if self._clock:
            environment.update(LD_PRELOAD=os.environ["RETINA_CLOCK_STEPPER"], RETINA_CLOCK_STEP=self._clock)
        self._process = await asyncio.create_subprocess_exec(
            os.environ["RETINA_SOAK_CLIENT"], "--hold", *(cell.arguments() for cell in self.cells),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment, limit=1 << 24)

    async def ask(self, line):
        async with self._lock:
            self.tell(line)
            return json.loads(await asyncio.wait_for(self._process.stdout.readline(), matrix.PATIENCE))

    def tell(self, line):
        self._process.stdin.write(line.encode() + b"\n")

    async def state(self):
        return (await self.ask("state"))["watchers"]

    def again(self, index):
        self.tell(f"again {index}")

    def step_clock(self, seconds):
        with open(self._clock, "r+b") as file:
            file.write(struct.pack("q", seconds))
        self.stepped = seconds

    async def clock_is_ahead(self):
        return (await self.ask("state"))["real_time"] - time.time()

    async def stop(self):
        if self._clock:
            ahead = await self.clock_is_ahead()
            if abs(ahead - self.stepped) > matrix.DAY / 2:
                self.cells[0].problems.append(f"its clock was not moved: {ahead} s")
        report = await self.ask("stop")
        for cell, account in zip(self.cells, report["cameras"]):
            cell.settle(account)
        status = await asyncio.wait_for(self._process.wait(), matrix.PATIENCE)
        if status != 0:
            self.cells[0].problems.append(f"the watching process ended with {status}")

    def kill(self):
        if self._process.returncode is None:
            self._process.kill()


class Run:
    def __init__(self, faults, hosts, folder):
        chosen = [(fault, *column) for fault in faults for column in matrix.COLUMNS]
        self.cells = [matrix.Cell(number, *each) for number, each in enumerate(chosen)]
        self.clients = []
        self._hosts = hosts
        self._folder = folder

    def prepare(self):
        """Before the loop: hosts are forked."""
        together = Client()
        for cell in self.cells:
            client = Client(self._folder) if cell.stepping else together
            client.add(cell)
            if client not in self.clients and (cell.stepping or cell is together.cells[0]):
                self.clients.append(client)
            cell.host = host.Remote(cell.index)
            cell.ip = namespaces.ip
            cell.hosts = self._hosts
            self._hosts.set(cell.name, cell.address)

    def lay_cable(self, cell):
        cell.cable = cable.Cable(cell.number)
        end = namespaces.tun(cell.interface)
        namespaces.ip(f"addr add {cell.own_address}/24 dev {cell.interface}", f"link set {cell.interface} up")

        def boot():
            nonlocal end
            if cell.cable.plugged():
                end = cell.cable.unplug()
            cell.cable.plug(end, cell.host.tell(f"boot {cell.address}"))
            cell.host.tell("serve")

        cell.boot = boot
        boot()

    async def go(self):
        for cell in self.cells:
            self.lay_cable(cell)
        try:
            for client in self.clients:
                await client.start()
            for client in self.clients:
                await client.state()  # it answers: what it takes to start is not among the times
            await asyncio.gather(*(cell.play() for cell in self.cells))
            for client in self.clients:
                await client.stop()
        finally:
            for client in self.clients:
                client.kill()
            for cell in self.cells:
                cell.cable.close()

    def end(self):
        for cell in self.cells:
            cell.host.end()


def enter():
    """The names of its hosts; nothing, and it is said why, where no network can be made."""
    if not shutil.which("ip"):
        print("skipped: iproute2 isn't installed")
        return None
    try:
        namespaces.enter()
        os.close(namespaces.tun("try"))
        namespaces.ip("link set lo up")
        return namespaces.Hosts()
    except OSError as error:
        print(f"skipped: no network can be made here ({error})")
        return None


def compare(found):
    with open(os.path.join(ROOT, "docs", "reliability.md"), encoding="utf-8") as file:
        document = file.read()
    if document.partition(BEGIN)[2].partition(END)[0] == found:
        return True
    print(f"docs/reliability.md has another table. The right one:\n{found}")
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="WORDS", default="")
    options = parser.parse_args()
    hosts = enter()
    if not hosts:
        return SKIPPED
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        run = Run([fault for fault in matrix.FAULTS if options.only in fault.name], hosts, folder)
        run.prepare()
        try:
            asyncio.run(run.go())
        finally:
            run.end()
    good = True
    for cell in run.cells:
        print(f"{cell.title()}: {cell.outcome}, {cell.recovery:.1f} s after it; {cell.sentence}")
        for problem in cell.problems:
            good = False
            print("  WRONG:", problem)
    print(f"longest recovery: {max(cell.recovery for cell in run.cells):.1f} s; all in {time.monotonic() - begun:.1f} s")
    if not options.only:
        good = compare(matrix.table(run.cells)) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
