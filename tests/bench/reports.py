"""The benchmark's modes: what is run in which order, and the Markdown tables that come out."""

import json
from statistics import median

import harness
import tracing


def table(columns, rows):
    print("\n| " + " | ".join(columns) + " |")
    print("|" + "|".join(["---"] + ["---:"] * (len(columns) - 1)) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def number(value, digits=3):
    """So many significant digits, without an exponent; a dash for what was not measured."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    decimals = 0
    while decimals < 6 and abs(value) * 10**decimals < 10 ** (digits - 1):
        decimals += 1
    return f"{value:,.{decimals}f}"


def rotated(clients, round_number):
    """Every client runs first, second, … once, so that no place in the order favours one of them."""
    first = round_number % len(clients)
    return clients[first:] + clients[:first]


def interleaved(clients, rounds, measure):
    """{client's name: [its result in each round]}."""
    results = {client.name: [] for client in clients}
    for round_number in range(rounds):
        for client in rotated(clients, round_number):
            results[client.name].append(measure(client))
    return results


def middle(results, key):
    values = [result[key] for result in results if result.get(key) is not None]
    return median(values) if values else None


def ratios(results, reference, key):
    """Median of the ratios of the same round."""
    pairs = [(a[key], b[key]) for a, b in zip(results, reference) if b.get(key)]
    return median(a / b for a, b in pairs) if pairs else None


def share_of_phase(raw, load):
    """How much of the load came within the phase in which the client's cost was taken: nearly all of it."""
    if "reads" in raw:
        return raw["bytes"] / load["media_bytes"]
    if "frames" in raw:
        return raw["frames"] / load["frames"]
    return 1 - raw["bytes_outside"] / load["media_bytes"]


def flood_once(build, client, flood_bytes, media="h264"):
    """One flood; figures per GB (10^9 bytes) of what the load sent within the client's phase."""
    with harness.Camera(build, ["--flood", "--bytes", flood_bytes, "--media", media]) as camera:
        raw = client.measure(camera)
    load = camera.summary
    all_frames = raw.get("all_frames", load["frames"])
    if load["completed"] != 1 or all_frames != load["frames"]:
        print(f"{client.name}: {all_frames} frames arrived of {load['frames']}.")
    share = share_of_phase(raw, load)
    gigabytes = load["media_bytes"] * share / 1e9
    stats = raw.get("stats", {})
    wall = raw["wall_seconds"]
    reads = raw.get("reads", stats.get("reads"))
    full_reads = raw.get("full_reads", stats.get("full-reads"))
    return {
        "cpu_per_gb": raw["cpu_seconds"] / gigabytes, "user_per_gb": raw["user_seconds"] / gigabytes,
        "system_per_gb": raw["system_seconds"] / gigabytes, "gb_per_second": gigabytes / wall,
        "reads_per_second": None if reads is None else reads / wall,
        "full_reads_per_second": None if full_reads is None else full_reads / wall,
        "wakeups_per_frame": raw["voluntary_switches"] / (load["frames"] * share),
        "rss_mb": raw["max_rss_kb"] / 1024, "threads": raw["threads"],
        "load_cpu_per_gb": load["cpu_seconds"] / (load["media_bytes"] / 1e9), "raw": raw, "load": load,
    }


def flood(build, options, report):
    """How much CPU a byte costs, at the speed that the client itself reaches."""
    own = [harness.Bare(build), harness.retina(build, options.props)]
    clients = harness.usable(own + [harness.rtspsrc(build), harness.Ffmpeg(build)])
    amount = {client.name: options.bytes if client in own else options.peer_bytes for client in clients}
    results = interleaved(clients, options.rounds, lambda client: flood_once(build, client, amount[client.name]))
    calls = syscalls(build, clients, own)
    add_traced_reads(build, clients, results)
    rows = []
    for client in clients:
        mine = results[client.name]
        bare = results[clients[0].name]
        rows.append([client.name, *(number(middle(mine, key)) for key in
                                    ("cpu_per_gb", "user_per_gb", "system_per_gb")),
                     number(ratios(mine, bare, "cpu_per_gb")),
                     *(number(middle(mine, key)) for key in ("gb_per_second", "reads_per_second",
                                                             "full_reads_per_second", "wakeups_per_frame")),
                     number(calls.get(client.name)), number(middle(mine, "rss_mb")),
                     number(middle(mine, "threads"), 1)])
    print(f"\n### Flood: 1 camera, {options.bytes / 1e9:g} GB (peers {options.peer_bytes / 1e9:g} GB), "
          f"medians of {options.rounds} interleaved rounds")
    table(["client", "CPU-s/GB", "user", "sys", "× bare", "GB/s", "reads/s", "full reads/s", "wake-ups/frame",
           "syscalls/MB", "RSS MB", "threads"], rows)
    load = median(result["load_cpu_per_gb"] for mine in results.values() for result in mine)
    print(f"Wake-ups are voluntary context switches of all threads; system calls, and the peers' reads, were counted by "
          f"strace in runs of their own. The load itself cost {number(load)} CPU-s/GB.")
    report["flood"] = {"rounds": results, "syscalls_per_mb": calls}


def media(build, options, report):
    """What other media cost at the speed that the client itself reaches: H.265, AAC, video and audio at once."""
    report["media"] = {}
    rows = []
    for name, own, peer in (("h264", harness.retina, harness.rtspsrc(build)),
                            ("h265", harness.retina, harness.rtspsrc(build, "rtph265depay")),
                            ("aac", harness.retina, harness.rtspsrc(build, "rtpmp4gdepay")),
                            ("h264+aac16", harness.retinabin, harness.rtspsrc_bin(build)),
                            ("h264+aac", harness.retinabin, harness.rtspsrc_bin(build))):
        clients = harness.usable([harness.Bare(build), own(build), peer])
        amount = {client.name: options.peer_bytes if client is peer else options.bytes for client in clients}
        results = interleaved(clients, options.rounds,
                              lambda client: flood_once(build, client, amount[client.name], name))
        report["media"][name] = results
        for client in clients:
            mine = results[client.name]
            frames = [result["raw"]["cpu_seconds"] * 1e9 / result["raw"]["frames"] for result in mine
                      if result["raw"].get("frames")]
            rows.append([f"{name}: {client.name}", *(number(middle(mine, key)) for key in
                                                     ("cpu_per_gb", "user_per_gb", "system_per_gb")),
                         number(ratios(mine, results[clients[0].name], "cpu_per_gb")),
                         number(middle(mine, "gb_per_second")), number(median(frames) if frames else None),
                         number(middle(mine, "threads"), 1)])
    print(f"\n### Media: floods of {options.bytes / 1e9:g} GB (rtspsrc {options.peer_bytes / 1e9:g} GB), "
          f"medians of {options.rounds} interleaved rounds")
    table(["media: client", "CPU-s/GB", "user", "sys", "× bare", "GB/s", "ns/frame", "threads"], rows)


def syscalls(build, clients, quick):
    """{client's name: system calls a MB}; the `quick` ones make so few that it takes a longer stream to count them."""
    if not tracing.available():
        print("Without system calls: strace is not installed or not permitted.")
        return {}
    sizes_of = {True: (50_000_000, 1_000_000_000), False: (10_000_000, 40_000_000)}
    return {client.name: tracing.calls_per_megabyte(build, client, *sizes_of[client in quick]) for client in clients}


def add_traced_reads(build, clients, results):
    """For clients that don't count their reads: strace's reads a GB, at the speed of the rounds without strace."""
    for client in clients:
        mine = results[client.name]
        if mine[0]["reads_per_second"] is not None or not tracing.available():
            continue
        reads, full_reads = tracing.reads_per_gigabyte(build, client)
        for result in mine:
            result["reads_per_second"] = reads * result["gb_per_second"]
            result["full_reads_per_second"] = full_reads * result["gb_per_second"]


def sizes(build, options, report):
    """What the size of the yardstick's buffer does."""
    clients = [harness.Bare(build, size << 10, f"bare recv, {size} KiB") for size in (16, 64, 256, 1024)]
    results = interleaved(clients, options.rounds, lambda client: flood_once(build, client, options.bytes))
    rows = []
    for client in clients:
        mine = results[client.name]
        buffers = median(result["raw"]["receive_buffer_bytes"] for result in mine)
        rows.append([client.name, *(number(middle(mine, key)) for key in
                                    ("cpu_per_gb", "gb_per_second", "reads_per_second", "full_reads_per_second")),
                     number(buffers / 1e6)])
    print(f"\n### The yardstick: flood of {options.bytes / 1e9:g} GB, medians of {options.rounds} rounds")
    table(["client", "CPU-s/GB", "GB/s", "reads/s", "full reads/s", "SO_RCVBUF at the end, MB"], rows)
    report["sizes"] = {"rounds": results}


PACED_WARM_UP = 2  # the cameras start within a second of each other


def paced_once(build, client, shape, options):
    length = options.duration + PACED_WARM_UP + 8
    arguments = ["--paced", "--shape", shape, "--bitrate", 4_000_000, "--duration", length]
    with harness.Camera(build, arguments) as camera:
        raw = client.measure(camera, connections=options.cameras, warm_up=PACED_WARM_UP, duration=options.duration)
    stats, later = raw.get("stats", {}), raw.get("stats_later", {})
    frames = raw.get("frames", options.cameras * 25 * raw["wall_seconds"])
    reads = raw.get("reads", stats.get("reads"))
    full_later = later["full-reads"] / raw["later_seconds"] if later else raw.get("full_reads")
    wakeups = raw.get("wakeups", stats.get("wakeups"))
    return {
        "core_percent": 100 * raw["cpu_seconds"] / raw["wall_seconds"],
        "switches_per_frame": raw["voluntary_switches"] / frames,
        "wakeups_per_frame": None if wakeups is None else wakeups / frames,
        "reads_per_frame": None if reads is None else reads / frames,
        "full_reads_later": full_later,
        "p50_ms": raw["latency_p50_ns"] / 1e6 if "latency_p50_ns" in raw else None,
        "p99_ms": raw["latency_p99_ns"] / 1e6 if "latency_p99_ns" in raw else None,
        "max_ms": raw["latency_max_ns"] / 1e6 if "latency_max_ns" in raw else None,
        "threads": raw["threads"], "rss_mb": raw["max_rss_kb"] / 1024, "raw": raw, "load": camera.summary,
    }


def added(results, reference, key):
    """Median of the differences of the same round."""
    pairs = [(a[key], b[key]) for a, b in zip(results, reference) if a[key] is not None and b[key] is not None]
    return median(a - b for a, b in pairs) if pairs else None


def paced(build, options, report):
    """Cameras in real time: wake-ups, and the latency that coalescing adds."""
    at_once = "retinasrc, coalesce-time=0"
    clients = harness.usable([
        harness.Bare(build, name="bare poll + recv"), harness.retina(build, options.props),
        harness.retina(build, options.props + " coalesce-time=0", at_once), harness.rtspsrc(build)])
    report["paced"] = {}
    for shape in ("burst", "spread", "link"):
        results = interleaved(clients, options.paced_rounds, lambda client: paced_once(build, client, shape, options))
        report["paced"][shape] = results
        rows = []
        for client in clients:
            mine = results[client.name]
            extra = [added(mine, results.get(at_once, []), key) for key in ("p50_ms", "p99_ms")]
            if client.name != "retinasrc":
                extra = [None, None]
            keys = ("switches_per_frame", "wakeups_per_frame", "reads_per_frame", "full_reads_later", "p50_ms",
                    "p99_ms", "max_ms")
            rows.append([client.name, number(middle(mine, "core_percent")),
                         number(ratios(mine, results[clients[0].name], "core_percent")),
                         *(number(middle(mine, key)) for key in keys), *map(number, extra),
                         number(middle(mine, "rss_mb")), number(middle(mine, "threads"), 1)])
        print(f"\n### Paced, {shape}: {options.cameras} cameras of 4 Mbit/s in one process, {options.duration:g} s, "
              f"medians of {options.paced_rounds} rounds")
        table(["client", "% of a core", "× bare", "switches/frame", "wake-ups/frame", "reads/frame",
               "full reads/s after 1 s", "p50 ms", "p99 ms", "max ms", "added p50 ms", "added p99 ms", "RSS MB",
               "threads"], rows)
        late = max(result["load"]["max_late_ns"] for mine in results.values() for result in mine) / 1e6
        print(f"The load was at worst {number(late)} ms behind its schedule.")
    print("Latency: from the hand-over of a frame's last packet to the kernel until the frame is at the sink.")


def histogram(build, options, report):
    """What room the reads of each client are given, and how many fill it."""
    if not tracing.available():
        print("Without histograms: strace is not installed or not permitted.")
        return
    clients = harness.usable([harness.retina(build, options.props), harness.rtspsrc(build), harness.Ffmpeg(build)])
    found = {}
    for client in clients:
        arguments = ["--paced", "--shape", "link", "--duration", options.duration + 30]
        with harness.Camera(build, arguments) as camera:
            if client.name == "retinasrc":  # counts for itself
                stats = client.measure(camera, duration=options.duration)["stats"]
                found[client.name] = stats["read-histogram"], stats["full-read-histogram"]
            else:
                found[client.name] = tracing.read_histogram(build, client, camera, duration=options.duration)[:2]
    print(f"\n### Reads a second by the room they were given: 1 camera of 8 Mbit/s on a 100 Mbit/s link, "
          f"{options.duration:g} s")
    columns = ["room"] + [f"{client.name}: {what}" for client in clients for what in ("reads/s", "full/s")]
    rows = []
    for bucket in range(32):
        counts = [found[client.name][which][bucket] for client in clients for which in (0, 1)]
        if any(counts):
            rows.append([f"{1 << bucket:,} – {(2 << bucket) - 1:,}", *(number(c / options.duration) for c in counts)])
    sums = [sum(found[client.name][which]) for client in clients for which in (0, 1)]
    rows.append(["all", *(number(total / options.duration) for total in sums)])
    table(columns, rows)
    report["histogram"] = found


def udp_once(build, client, rate, seconds, joined, **how):
    """One stream over UDP at a rate (bytes/s); figures per GB of what was sent."""
    arguments = ["--rate", int(rate), "--bytes", int(rate * seconds), *([] if joined else ["--no-join"])]
    with harness.UdpCamera(build, arguments) as camera:
        raw = client.measure(camera, **how)
    load = camera.summary
    stats = raw.get("stats", {})
    gigabytes = load["media_bytes"] / 1e9
    reads = raw.get("reads", stats.get("reads"))
    return {
        "cpu_per_gb": raw["cpu_seconds"] / gigabytes, "user_per_gb": raw["user_seconds"] / gigabytes,
        "system_per_gb": raw["system_seconds"] / gigabytes, "overflows": camera.overflows,
        "wakeups_per_frame": raw["voluntary_switches"] / load["frames"],
        "packets_per_read": None if not reads else load["packets"] / reads,
        "missing_frames": None if "all_frames" not in raw else load["frames"] - raw["all_frames"],
        "threads": raw["threads"], "raw": raw, "load": load,
    }


def highest_rate(build, client, options):
    """The highest of the rates, each half as much again as the one before, up to which nothing is lost; bytes/s."""
    best, rate = 0, 40e6
    while rate < 4e9:
        # Where the BYE is lost too, some clients would wait for more without end.
        result = udp_once(build, client, rate, 1, True, duration=1.3)
        sent = result["load"]["media_bytes"] / result["load"]["wall_seconds"]
        if result["overflows"] > 0 or sent < 0.5 * rate:
            break
        best, rate = rate, rate * 1.5
    return best


def udp(build, options, report):
    """What media over UDP costs at one rate for all, and up to which rate none of it is lost."""
    report["udp"] = {}
    for joined, title in ((True, "joined by the kernel (UDP_SEGMENT, UDP_GRO)"), (False, "one by one")):
        clients = harness.usable([harness.BareUdp(build, joined),
                                  harness.retina(build, options.props + " protocols=udp"),
                                  harness.rtspsrc_udp(build)])
        results = interleaved(clients, options.rounds,
                              lambda client: udp_once(build, client, options.udp_rate, options.udp_seconds, joined))
        report["udp"]["joined" if joined else "single"] = results
        rows = []
        for client in clients:
            mine = results[client.name]
            keys = ("wakeups_per_frame", "packets_per_read", "overflows", "missing_frames")
            rows.append([client.name, *(number(middle(mine, key)) for key in
                                        ("cpu_per_gb", "user_per_gb", "system_per_gb")),
                         number(ratios(mine, results[clients[0].name], "cpu_per_gb")),
                         *(number(middle(mine, key)) for key in keys), number(middle(mine, "threads"), 1)])
        print(f"\n### UDP, datagrams {title}: {options.udp_rate / 1e6:g} MB/s for {options.udp_seconds:g} s, "
              f"medians of {options.rounds} interleaved rounds")
        table(["client", "CPU-s/GB", "user", "sys", "× bare", "wake-ups/frame", "packets/read", "overflows",
               "missing frames", "threads"], rows)
    clients = harness.usable([harness.BareUdp(build), harness.retina(build, options.props + " protocols=udp"),
                              harness.rtspsrc_udp(build)])
    rates = interleaved(clients, options.rounds, lambda client: highest_rate(build, client, options))
    report["udp"]["highest_rate"] = rates
    print(f"\n### UDP: highest rate without a loss in a second, MB/s, {options.rounds} interleaved rounds")
    table(["client", "median", "lowest", "highest"],
          [[client.name, *(number(pick(rates[client.name]) / 1e6) for pick in (median, min, max))]
           for client in clients])


def depacketize(build, options, report):
    """Depacketizing alone, without sockets: packets that lie in memory, beside a memcpy of the same payloads."""
    command = [build.program("depacketize"), "--json", "--rounds", str(options.rounds),
               "--bytes", str(max(1, options.bytes // 5))]
    formats = json.loads(harness.run(command, timeout=600).output.splitlines()[-1])["formats"]
    print(f"\n### Depacketizing alone: {options.bytes / 5e9:g} GB of payload each, medians of {options.rounds} "
          f"interleaved rounds")
    keys = ("bytes_per_packet", "packets_per_frame", "gb_per_second", "ns_per_packet", "memcpy_ns_per_packet",
            "times_memcpy")
    table(["payload format", "B/packet", "packets/frame", "GB/s", "ns/packet", "memcpy ns/packet", "× memcpy"],
          [[name, *(number(figures[key]) for key in keys)] for name, figures in formats.items()])
    print("CPU time of the thread. The packets of each format are about a megabyte that is read again and again, and "
          "memory for frames comes from a pool, so the yardstick copies from cache to cache.")
    report["depacketize"] = formats


MODES = {"flood": flood, "media": media, "udp": udp, "paced": paced, "histogram": histogram, "sizes": sizes,
         "depacketize": depacketize}
