"""Proves that docs/cameras.md has every note that users are told, word for word, and no other.

"…" stands in both for what the code puts into a note: a method, a number, a stream.
"""

import re

import source_tree

PAGE = 'docs/cameras.md'
# Each of them takes a note, or a part of one.
CALL = re.compile(r'\b(?:note|(?:notes_?|bounded)\.add)\(')
SENTENCE = re.compile(r'\breturn "((?:[^"\\]|\\.)+)";')
CHOICE = re.compile(r'\(?\w+ \? "[^"]*" : "[^"]*"\)?')
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
NOTHING = re.compile(r'(?:std::string\(|[\s+)])*')
# The notes on a section of the SDP are told without their beginning and their end.
SECTIONS = ('src/sdp/encoding_choice.cpp', 'src/sdp/media_section.cpp')
COMPLETES_THEM = 'src/sdp/notes.h'
# What these return are notes, behind this beginning.
FAULTS = {'src/rtsp/fault_notes.cpp': '', 'src/codec/stream_faults.cpp': 'The media of … '}


def argument(text, start):
    """What stands between the parenthesis before `start` and its counterpart."""
    depth = 1
    for match in re.compile(r'"(?:[^"\\]|\\.)*"|[()]').finditer(text, start):
        depth += {'(': 1, ')': -1}.get(match.group(), 0)
        if depth == 0:
            return text[start:match.start()]
    return ''


def sentence(expression):
    """The text of a C++ expression of literals and other parts; empty without literals."""
    expression = CHOICE.sub(' X ', expression)
    parts = []
    end = 0
    for match in LITERAL.finditer(expression):
        if not NOTHING.fullmatch(expression, end, match.start()):
            parts.append('…')
        parts.append(match.group(1))
        end = match.end()
    if parts and not NOTHING.fullmatch(expression, end, len(expression)):
        parts.append('…')
    return ''.join(parts)


def notes_of(name, text):
    found = [sentence(argument(text, match.end())) for match in CALL.finditer(text)]
    if name in FAULTS:
        found += [FAULTS[name] + words for words in SENTENCE.findall(text)]
    for note in filter(None, found):
        if name in SECTIONS:
            note = f'SDP: {note}.'
        yield note.replace('SDP: ', 'SDP, media section …: ', 1) if note.startswith('SDP: ') else note


def cells(page):
    """The warnings in the tables, each with the number of its line."""
    column = None
    for number, line in enumerate(page.splitlines(), 1):
        row = [cell.strip() for cell in line.strip().strip('|').split('|')]
        if not line.startswith('|'):
            column = None
        elif column is None:
            column = row.index('warning') if 'warning' in row else -1
        elif column >= 0 and not row[column].startswith('--'):
            for warning in row[column].split(' / '):
                if not re.fullmatch(r'-|\(error\)', warning):
                    yield number, warning


def check(root):
    page = (root / PAGE).read_text(encoding='utf-8')
    paths = list(source_tree.sources(root, ['src'], {'.cpp', '.h'}))
    notes = {}
    for path in paths:
        name = path.relative_to(root).as_posix()
        if name == COMPLETES_THEM:
            continue
        for note in notes_of(name, path.read_text(encoding='utf-8')):
            notes.setdefault(note, name)
    problems = [f'{name}: {PAGE} lacks the note "{note}"' for note, name in notes.items() if note not in page]
    patterns = [re.compile('.+'.join(re.escape(part) for part in note.split('…'))) for note in notes]
    for number, warning in cells(page):
        if not any(pattern.fullmatch(warning) for pattern in patterns):
            problems.append(f'{PAGE}:{number}: nothing in src/ tells "{warning}"')
    return problems, len(paths)


if __name__ == '__main__':
    source_tree.main(check)
