"""Proves the arrows of docs/architecture.md: which module may include which, and who may use GLib and GStreamer."""

import re

import source_tree

# Module of src/ -> what it may include beside itself.
BELOW = {
    'base': set(),
    'io': {'base'},
    'rtsp': {'base'},
    'rtp': {'base'},
    'sdp': {'base'},
    'codec': {'base', 'rtp', 'sdp'},
    'client': {'base', 'io', 'rtsp', 'rtp', 'sdp', 'codec'},
}

# GLib stays where it earns its place: sockets and TLS, and hashes.
GLIB_ALLOWED = ('src/io/', 'src/rtsp/auth', 'src/rtsp/hash')

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
GLIB = re.compile(r'^(glib|gio|gmodule|gobject)([-./]|$)')
GSTREAMER = re.compile(r'^gst/')


def check_source(root, path):
    """The problems of one file of src/."""
    name = path.relative_to(root).as_posix()
    module = path.relative_to(root / 'src').parts[0]
    if module not in BELOW:
        return [f'{name}: {module} is no module; see tests/lint/layers.py']
    problems = []
    for quote, target in INCLUDE.findall(path.read_text(encoding='utf-8')):
        if GSTREAMER.match(target):
            problems.append(f'{name}: includes {target}; src/ knows no GStreamer')
        elif GLIB.match(target) and not name.startswith(GLIB_ALLOWED):
            problems.append(f'{name}: includes {target}; GLib belongs in {", ".join(GLIB_ALLOWED)}')
        elif quote == '"':
            other = target.split('/')[0]
            if other not in BELOW or '/' not in target:
                problems.append(f'{name}: includes "{target}"; write it from src/, "module/file.h"')
            elif other != module and other not in BELOW[module]:
                problems.append(f'{name}: includes {target}; {module} may not use {other}')
            elif not (root / 'src' / target).is_file():
                problems.append(f'{name}: includes {target}, which does not exist')
    return problems


def check_element(root, path):
    """The problems of one file of gst/: it uses src/, and nothing of the tests or tools."""
    name = path.relative_to(root).as_posix()
    problems = []
    for quote, target in INCLUDE.findall(path.read_text(encoding='utf-8')):
        if quote == '<':
            continue
        if not any((folder / target).is_file() for folder in (root / 'src', root / 'gst')):
            problems.append(f'{name}: includes "{target}", which is neither in src/ nor in gst/')
    return problems


def check(root):
    problems = []
    checked = 0
    for folder, check_file in (('src', check_source), ('gst', check_element)):
        for path in source_tree.sources(root, [folder], {'.h', '.cpp'}):
            problems += check_file(root, path)
            checked += 1
    return problems, checked


if __name__ == '__main__':
    source_tree.main(check)
