"""Network namespaces, names of hosts and TUN devices, by system calls: what a host that isn't there is made of."""

import ctypes
import fcntl
import os
import signal
import struct
import subprocess
import tempfile

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MS_REC_PRIVATE = 0x4000 | 0x40000
PR_SET_PDEATHSIG = 1
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x0001 | 0x1000

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags):
    """This process, and those that it starts later, in namespaces of their own."""
    _checked(_libc.unshare(flags), "unshare")


def end_with_parent():
    """This process is killed when the one that has forked it ends."""
    _checked(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def enter():
    """A network and mounts of our own, for whoever may: as root, or where user namespaces are permitted."""
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        unshare(CLONE_NEWNET | CLONE_NEWNS)
    else:
        unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS)
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    _mount("none", "/", MS_REC_PRIVATE)


def _mount(source, target, flags):
    _checked(_libc.mount(source.encode(), target.encode(), None, flags, None), f"mount at {target}")


class Hosts:
    """Takes the place of /etc/hosts, for this process's mounts. There may be one."""

    def __init__(self):
        self._names = {"localhost": "127.0.0.1"}
        with tempfile.NamedTemporaryFile("w", delete=False) as file:
            os.chmod(file.name, 0o644)
        try:
            _mount(file.name, "/etc/hosts", MS_BIND)
            self._file = open("/etc/hosts", "w", encoding="ascii")
        finally:
            os.unlink(file.name)

    def set(self, name, address):
        self._names[name] = address
        text = "".join(f"{address} {name}\n" for name, address in self._names.items())
        self._file.seek(0)
        self._file.write(text)
        self._file.flush()
        self._file.truncate(len(text))


def ip(*lines):
    """Runs iproute2's `ip` with these lines; an OSError when it fails."""
    done = subprocess.run(["ip", "-batch", "-"], input="".join(line + "\n" for line in lines), text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=20)
    if done.returncode != 0:
        raise OSError(f"ip: {done.stderr}")


def tun(name):
    """A new network interface in this network; what is written to the descriptor comes in there, and the other way around."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN_NO_PI))
    return descriptor
