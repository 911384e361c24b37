"""Joins what the soak's cameras have sent with what has come: docs/reliability.md says what each word means."""

import statistics

# After these the camera's bytes may be lost on their way; after all other ends everything that was sent must come.
CUTTING = {"reset", "refuse", "flood"}
# Garbage can look like the head of a packet: so many frames behind it may be lost with it (a packet has 64 KiB at most).
GARBAGE_REACH = 80
VIOLATIONS = ("wrong_bytes", "wrong_order", "without_discont", "times_back")
KINDS = {"video": 0, "audio": 1, "src": 0}


class Account:
    """The sums over all sessions, and what can't be explained."""

    def __init__(self):
        self.sent = self.received = self.lost = self.cut = 0
        self.sessions = 0
        self.recoveries = []  # seconds from the camera being well again to the first frame
        self.problems = []

    def add_session(self, sent, came, pad):
        """`sent`: of the camera's report; `came`: of one stream in this session, None if nothing has."""
        stream = KINDS[pad.split("_")[0]]
        total = sent["sent"][stream]
        name = f"camera {sent['camera']}, session {sent['session']}, {pad}"
        if not total:
            return
        self.sent += total
        if came is None:
            came = {"received": 0, "last": -1, "missing": [], "first_at": None}
        self.received += came["received"]
        if came["last"] >= total:
            self.problems.append(f"{name}: frame {came['last']} has come, of {total} that were sent")
        self._add_lost(sent, came["missing"], stream, name)
        self._add_cut(sent, came["last"] + 1, total, stream, name)

    def _add_lost(self, sent, missing, stream, name):
        for first, last in missing:
            self.lost += last - first + 1
            for frame in range(first, last + 1):
                if not is_explained(sent, stream, frame):
                    self.problems.append(f"{name}: frame {frame} is missing, and the camera has sent it whole")

    def _add_cut(self, sent, first, total, stream, name):
        if first >= total:
            return
        self.cut += total - first
        if sent["ended"] in CUTTING or (sent["ended"] == "client" and sent["garbage"]):
            return
        for frame in range(first, total):
            if not is_explained(sent, stream, frame):
                self.problems.append(f"{name}: the frames from {frame} to {total - 1} are missing at its end ({sent['ended']})")
                return

    def balances(self):
        return self.sent == self.received + self.lost + self.cut


def is_explained(sent, stream, frame):
    """Whether the camera has left a part of it out, or has spoilt the bytes before it."""
    if any(out[0] == stream and out[1] == frame for out in sent["left_out"]):
        return True
    return any(at[stream] is not None and at[stream] - 1 <= frame < at[stream] + GARBAGE_REACH for at in sent["garbage"])


def check_counters(camera, stats, sessions, came_of, account):
    """What the element has counted as lost, against what it must have seen to be missing."""
    least = sum(out[2] for session in sessions for out in session["left_out"] if out[1] < came_of(session))
    if stats["packets-lost"] < least:
        account.problems.append(f"camera {camera}: {stats['packets-lost']} packets counted as lost, of {least}")
    spoilt = any(session["garbage"] or session["ended"] == "flood" for session in sessions)
    most = sum(out[2] for session in sessions for out in session["left_out"])
    if stats["packets-lost"] > most and not spoilt:
        account.problems.append(f"camera {camera}: {stats['packets-lost']} packets counted as lost, and {most} were")


def settle(sent, client):
    """The account of a whole run. `sent`, `client`: what soak_camera.py and soak_client have printed."""
    account = Account()
    account.sessions = len(sent["sessions"])
    for camera in client["cameras"]:
        sessions = [session for session in sent["sessions"] if session["camera"] == camera["camera"]]
        if camera["error"]:
            account.problems.append(f"camera {camera['camera']}: {camera['error']}")
        for stream in camera["streams"]:
            for violation in VIOLATIONS:
                if stream[violation]:
                    account.problems.append(f"camera {camera['camera']}, {stream['pad']}: {violation}: {stream[violation]}")
            known = {str(session["session"]) for session in sessions}
            for number in stream["sessions"].keys() - known:
                account.problems.append(f"camera {camera['camera']}: frames of session {number}, which there was not")
            for session in sessions:
                account.add_session(session, stream["sessions"].get(str(session["session"])), stream["pad"])
        pictures = next((stream["sessions"] for stream in camera["streams"] if KINDS[stream["pad"].split("_")[0]] == 0), {})
        check_counters(camera["camera"], camera["stats"], sessions,
                       lambda session, all_=pictures: all_.get(str(session["session"]), {"last": -1})["last"], account)
        for session in sessions[1:]:
            came = pictures.get(str(session["session"]))
            if came:
                account.recoveries.append(came["first_at"] - session["well_since"])
        for session in sessions:
            if session["ended"] == "client" and not session["garbage"]:
                account.problems.append(f"camera {camera['camera']}, session {session['session']}: the client has left by itself")
    if not account.balances():
        account.problems.append("sent = received + lost + cut does not hold")
    return account


def recovery_text(recoveries):
    if not recoveries:
        return "none"
    ordered = sorted(recoveries)
    at = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
    return f"{statistics.median(ordered):.2f} s median, {at:.2f} s 95 %, {ordered[-1]:.2f} s longest, of {len(ordered)}"
