"""Compiles every header of src/ and gst/ alone, with the flags that the sources beside it are compiled with.

Usage: headers.py ROOT BUILD_DIR
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

import source_tree

# Options of a compilation that say what is read and written, with the number of words that they take.
DROPPED = {'-c': 1, '-o': 2, '-MD': 1, '-MQ': 2, '-MF': 2, '-MMD': 1}


def flags_by_folder(build):
    """Folder of sources -> the directory and the command that compile there, without input and output."""
    commands = {}
    for entry in json.loads((build / 'compile_commands.json').read_text(encoding='utf-8')):
        directory = pathlib.Path(entry['directory'])
        source = (directory / entry['file']).resolve()
        words = shlex.split(entry['command'])
        if pathlib.Path(words[0]).name == 'ccache':
            words = words[1:]
        kept = []
        skip = 0
        for word in words:
            skip = skip or DROPPED.get(word, 0)
            if skip == 0 and (directory / word).resolve() != source:
                kept.append(word)
            skip = max(skip - 1, 0)
        commands.setdefault(source.parent, (directory, kept))
    return commands


def compile_alone(header, directory, command):
    """What the compiler says about `header`; None if it is content."""
    # An includer, rather than the header as main file: then #pragma once is in place.
    result = subprocess.run([*command, '-fsyntax-only', '-fdiagnostics-color=never', '-x', 'c++', '-'],
                            input=f'#include "{header}"\n', cwd=directory, text=True, capture_output=True, check=False)
    if result.returncode == 0:
        return None
    beginning = '\n'.join(result.stderr.splitlines()[:12])
    return f'{header} does not compile alone:\n{beginning}'


def check(root, build):
    commands = flags_by_folder(build)
    headers = list(source_tree.sources(root, ['src', 'gst'], {'.h'}))
    problems = [f'{header}: nothing beside it is compiled' for header in headers if header.parent not in commands]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(compile_alone, header, *commands[header.parent]) for header in headers
                if header.parent in commands]
        problems += [problem for job in jobs if (problem := job.result())]
    return problems, len(headers)


if __name__ == '__main__':
    sys.exit(source_tree.report(*check(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())))
