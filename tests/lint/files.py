"""Proves what every file of the project owes its readers: its length, its white space, no loose ends."""

import re

import source_tree

MAX_LINES = 450
FOLDERS = ['src', 'gst', 'tests', 'tools', 'docs', '.ci']
SUFFIXES = {'.h', '.c', '.cpp', '.py', '.build', '.md', '.txt', ''}  # '': the scripts of tools/ and .ci/
TEST_INPUT = {'data', 'corpus'}  # bytes that tests read, not text that people do
LOOSE_END = re.compile(r'\b(TO' + r'DO|FIX' + r'ME|X' + r'XX|HA' + r'CK)\b')


def check_file(root, path):
    name = path.relative_to(root).as_posix()
    try:
        text = path.read_bytes().decode('utf-8')
    except UnicodeDecodeError:
        return [f'{name}: is not UTF-8']
    problems = []
    lines = text.split('\n')
    if name.startswith(('src/', 'gst/')) and len(lines) - 1 > MAX_LINES:
        problems.append(f'{name}: has {len(lines) - 1} lines, more than {MAX_LINES}: split it by idea')
    if text and not text.endswith('\n'):
        problems.append(f'{name}: has no newline at its end')
    if path.suffix == '.h' and '#pragma once' not in text:
        problems.append(f'{name}: has no #pragma once')
    for number, line in enumerate(lines, 1):
        if '\t' in line:
            problems.append(f'{name}:{number}: has a tab')
        if line != line.rstrip():
            problems.append(f'{name}:{number}: ends in white space')
        if LOOSE_END.search(line):
            problems.append(f'{name}:{number}: leaves a loose end: {line.strip()}')
    return problems


def check(root):
    top = [path for path in sorted(root.iterdir()) if path.is_file() and path.suffix in SUFFIXES - {''}]
    paths = top + [path for path in source_tree.sources(root, FOLDERS, SUFFIXES)
                   if not TEST_INPUT & set(path.relative_to(root).parts)]
    problems = [problem for path in paths for problem in check_file(root, path)]
    return problems, len(paths)


if __name__ == '__main__':
    source_tree.main(check)
