"""What lies between two hosts: takes the packets out of one's network interface and puts them into the other's, or does not."""

import asyncio
import os
import random

MOST_BYTES = 65536
OF_PACKETS = 20  # one, when it is by chance
PROTOCOL_UDP = 17


def is_udp(packet):
    """Of IPv4."""
    return packet[9] == PROTOCOL_UDP


class Cable:
    """Belongs to the running loop. `carry` makes of a packet the list of those that arrive."""

    def __init__(self, seed):
        self._ends = []
        self._random = random.Random(seed)
        self._swapped = {}
        self._turns = {}
        self.spoilt = 0  # packets that were lost, doubled or swapped by chance
        self.carry = self.whole

    def plug(self, one, other):
        self._ends = [one, other]
        loop = asyncio.get_running_loop()
        loop.add_reader(one, self._pass_on, one, other)
        loop.add_reader(other, self._pass_on, other, one)

    def plugged(self):
        return len(self._ends) == 2

    def unplug(self):
        """The second end goes away, and what it belonged to; returns the first."""
        loop = asyncio.get_running_loop()
        for end in self._ends:
            loop.remove_reader(end)
        one, other = self._ends
        os.close(other)
        self._ends = [one]
        return one

    def close(self):
        for end in self._ends:
            asyncio.get_running_loop().remove_reader(end)
            os.close(end)
        self._ends = []

    def _pass_on(self, one, other):
        try:
            packet = os.read(one, MOST_BYTES)
        except BlockingIOError:
            return
        if packet[0] >> 4 != 4:
            return  # what IPv6 looks for by itself
        for arrived in self.carry(packet):
            try:
                os.write(other, arrived)
            except OSError:
                pass  # the interface is down, or full

    # --- what it may do ---

    def whole(self, packet):
        return [packet]

    def cut(self, _packet):
        return []

    def without_udp(self, packet):
        return [] if is_udp(packet) else [packet]

    def by_chance(self):
        return self.carry in (self.lossy, self.doubling, self.swapping)

    def _chosen(self, packet):
        """One of each OF_PACKETS that go the same way."""
        way = (packet[9], packet[12:20])
        turn, choice = self._turns.get(way) or (0, self._random.randrange(OF_PACKETS))
        self._turns[way] = (turn + 1, choice) if turn + 1 < OF_PACKETS else None
        self.spoilt += turn == choice
        return turn == choice

    def lossy(self, packet):
        return [] if self._chosen(packet) else [packet]

    def doubling(self, packet):
        return [packet] * (2 if self._chosen(packet) else 1)

    def swapping(self, packet):
        """Now and then a packet comes after the next one that goes the same way."""
        way = packet[12:20]
        held = self._swapped.pop(way, None)
        if held:
            return [packet, held]
        if self._chosen(packet):
            self._swapped[way] = packet
            return []
        return [packet]
