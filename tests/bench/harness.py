"""Running the benchmark's programs: the release build, the load, the clients, and what each of them cost."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = ("load_camera", "bare_recv", "udp_camera", "bare_udp", "pipeline_client", "depacketize")


class Failure(Exception):
    """A program of the benchmark failed or took too long; the text says which and why."""


class Build:
    """The release build that is measured, with a plugin registry of its own."""

    def __init__(self, folder, make=True):
        self.folder = os.path.abspath(folder)
        self.environment = dict(
            os.environ,
            GST_PLUGIN_PATH=os.path.join(self.folder, "gst"),
            GST_REGISTRY=os.path.join(self.folder, "bench-registry.bin"),
        )
        if make:
            self._make()

    def program(self, name):
        return os.path.join(self.folder, "tests", "bench", name)

    def has_element(self, name):
        command = [self.program("pipeline_client"), "--has", name]
        return subprocess.run(command, env=self.environment, stderr=subprocess.DEVNULL, timeout=120).returncode == 0

    def _make(self):
        if not os.path.exists(os.path.join(self.folder, "build.ninja")):
            setup = ["meson", "setup", self.folder, ROOT, "--buildtype=release", "-Db_lto=true"]
            subprocess.run(setup, check=True, stdout=subprocess.DEVNULL)
        ninja = ["ninja", "-C", self.folder, "--quiet"]
        subprocess.run(ninja + ["tests/bench/" + name for name in PROGRAMS], check=True)
        plugin = subprocess.run(ninja + ["gst/libgstretina.so"], capture_output=True, text=True)
        if plugin.returncode != 0:
            print("The plugin could not be built:\n" + plugin.stdout[-2000:])


class Camera:
    """The load generator, for the length of a `with`. `summary` is there afterwards."""

    PROGRAM = "load_camera"

    def __init__(self, build, arguments, max_seconds=240):
        command = [build.program(self.PROGRAM), *map(str, arguments), "--max-seconds", str(max_seconds)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        first_line = self._process.stdout.readline()
        if not first_line:
            raise Failure(f"{self.PROGRAM} did not start")
        self.port = json.loads(first_line)["port"]
        self.url = f"rtsp://127.0.0.1:{self.port}/bench"
        self.summary = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            output, _ = self._process.communicate(timeout=10)
            self.summary = json.loads(output.splitlines()[-1])
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class UdpCamera(Camera):
    """That of UDP, for one client; it ends behind it. `overflows`: datagrams that found no room in a socket meanwhile."""

    PROGRAM = "udp_camera"

    def __enter__(self):
        self._before = receive_buffer_errors()
        return self

    def __exit__(self, failure, *_):
        if failure is not None:
            self._process.kill()
        try:
            output, _ = self._process.communicate(timeout=10)
            self.summary = {} if failure else json.loads(output.splitlines()[-1])
        except (subprocess.TimeoutExpired, IndexError):
            self._process.kill()
            self._process.wait()
            raise Failure("udp_camera did not end behind its client") from None
        self.overflows = receive_buffer_errors() - self._before


def receive_buffer_errors():
    """RcvbufErrors of all sockets of UDP so far."""
    with open("/proc/net/snmp", encoding="ascii") as counters:
        names, values = [line.split()[1:] for line in counters if line.startswith("Udp:")]
    return int(dict(zip(names, values))["RcvbufErrors"])


def _status_of(pid):
    """(threads, most memory so far in kB) of a running process; the kernel's ru_maxrss would include its parent's."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            fields = dict(line.split(":", 1) for line in status if ":" in line)
        return int(fields["Threads"]), int(fields["VmHWM"].split()[0])
    except (OSError, KeyError):  # it has just ended
        return 0, 0


class Finished:
    """What a client that ran to its end left behind."""

    def __init__(self, output, usage, wall, threads, max_rss_kb):
        self.output = output
        self.usage = usage
        self.wall = wall
        self.threads = threads
        self.max_rss_kb = max_rss_kb


def run(command, environment=None, timeout=180):
    """Runs a client to its end; a Failure when it ends badly, or not in time."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment,
                                   start_new_session=True)
        most = (0, 0)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid != 0:
                break
            if time.monotonic() - begin > timeout:
                os.killpg(process.pid, signal.SIGKILL)  # its own group: what it started, nothing else
                _, status, usage = os.wait4(process.pid, 0)
                break
            most = tuple(map(max, most, _status_of(process.pid)))
            time.sleep(0.02)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            reason = err.read().decode(errors="replace").strip()[-500:]
            raise Failure(f"{os.path.basename(command[0])} ended with {process.returncode}: {reason}")
        return Finished(out.read().decode(errors="replace"), usage, wall, *most)


class Client:
    """One row of the tables: how to start a client for `connections` streams, and how to read what it cost."""

    def __init__(self, build, name):
        self.build = build
        self.name = name

    def why_not(self):
        """The reason why it can't run here, or None."""
        return None

    def command(self, camera, connections=1, warm_up=None, duration=None):
        raise NotImplementedError

    def measure(self, camera, **how):
        finished = run(self.command(camera, **how), self.build.environment)
        return json.loads(finished.output.splitlines()[-1])

    def _phase(self, warm_up, duration):
        words = ["--max-seconds", "170"]
        if warm_up is not None:
            words += ["--warm-up", str(warm_up)]
        if duration is not None:
            words += ["--duration", str(duration)]
        return words


class Bare(Client):
    """recv() into one buffer, and nothing else."""

    def __init__(self, build, read_size=1 << 20, name="bare recv"):
        super().__init__(build, name)
        self.read_size = read_size

    def command(self, camera, connections=1, warm_up=None, duration=None):
        return [self.build.program("bare_recv"), "--port", str(camera.port), "--connections", str(connections),
                "--read-size", str(self.read_size), *self._phase(warm_up, duration)]


class BareUdp(Client):
    """recvmmsg() with the options of retinasrc's sockets, and nothing else."""

    def __init__(self, build, joined=True):
        super().__init__(build, "bare recvmmsg")
        self.joined = joined

    def command(self, camera, connections=1, warm_up=None, duration=None):
        return [self.build.program("bare_udp"), "--port", str(camera.port), *([] if self.joined else ["--no-join"]),
                *self._phase(None, None)]  # it ends with what comes


class Pipeline(Client):
    """A GStreamer pipeline; `description` has {url} where the camera's address goes."""

    def __init__(self, build, name, element, description):
        super().__init__(build, name)
        self.element = element
        self.description = description

    def why_not(self):
        return None if self.build.has_element(self.element) else f"there is no element {self.element}"

    def command(self, camera, connections=1, warm_up=None, duration=None):
        return [self.build.program("pipeline_client"), "--connections", str(connections),
                "--pipeline", self.description.format(url=camera.url), *self._phase(warm_up, duration)]


class Ffmpeg(Client):
    """The ffmpeg program. It can't tell its phases apart: the whole process counts, less one with a second of stream."""

    def __init__(self, build):
        super().__init__(build, "ffmpeg")
        self._startup = None

    def why_not(self):
        return None if shutil.which("ffmpeg") else "ffmpeg is not installed"

    def command(self, camera, connections=1, warm_up=None, duration=None):
        limit = [] if duration is None else ["-t", str(duration)]
        return ["ffmpeg", "-nostdin", "-v", "fatal", "-rtsp_transport", "tcp", "-i", camera.url,
                "-c", "copy", *limit, "-f", "null", "-"]

    def measure(self, camera, **how):
        if self._startup is None:
            with Camera(self.build, ["--flood", "--bytes", 1_000_000]) as short:
                self._startup = self._whole(short)
            self._startup["media_bytes"] = short.summary["media_bytes"]
        whole = self._whole(camera, **how)
        for key in ("user_seconds", "system_seconds", "cpu_seconds", "voluntary_switches", "wall_seconds"):
            whole[key] = max(whole[key] - self._startup[key], 0)
        return dict(whole, bytes_outside=self._startup["media_bytes"])

    def _whole(self, camera, **how):
        finished = run(self.command(camera, **how), self.build.environment)
        usage = finished.usage
        return {"user_seconds": usage.ru_utime, "system_seconds": usage.ru_stime,
                "cpu_seconds": usage.ru_utime + usage.ru_stime, "voluntary_switches": usage.ru_nvcsw,
                "wall_seconds": finished.wall, "max_rss_kb": finished.max_rss_kb, "threads": finished.threads}


def retina(build, properties="", name="retinasrc"):
    return Pipeline(build, name, "retinasrc",
                    f"retinasrc location={{url}} {properties} ! fakesink sync=false")


def retinabin(build):
    """Video and audio of one session, each into its sink."""
    return Pipeline(build, "retinabin", "retinabin",
                    "retinabin name=bin location={url} bin. ! fakesink sync=false bin. ! fakesink sync=false")


def rtspsrc_bin(build):
    return Pipeline(build, "rtspsrc, two streams", "rtspsrc",
                    "rtspsrc name=bin location={url} protocols=tcp latency=0 "
                    "bin. ! rtph264depay ! fakesink sync=false bin. ! rtpmp4gdepay ! fakesink sync=false")


def rtspsrc(build, depayloader="rtph264depay"):
    return Pipeline(build, f"rtspsrc ! {depayloader}", "rtspsrc",
                    f"rtspsrc location={{url}} protocols=tcp latency=0 ! {depayloader} ! fakesink sync=false")


def rtspsrc_udp(build):
    return Pipeline(build, "rtspsrc protocols=udp", "rtspsrc",
                    "rtspsrc location={url} protocols=udp latency=0 ! rtph264depay ! fakesink sync=false")


def usable(clients):
    """Those that can run here; says why the others can't."""
    found = []
    for client in clients:
        reason = client.why_not()
        if reason is None:
            found.append(client)
        else:
            print(f"Without {client.name}: {reason}.")
    return found
