"""Proves that the lints catch what they are there for, and pass what is right."""

import json
import pathlib
import sys
import tempfile
import unittest

import files
import headers
import layers
import links
import notes

CLEAN = {
    'src/base/bytes.h': '#pragma once\n#include <vector>\n',
    'src/io/socket.cpp': '#include "base/bytes.h"\n#include <gio/gio.h>\n',
    'src/rtp/packet.h': '#pragma once\n#include "base/bytes.h"\n',
    'src/rtsp/auth.cpp': '#include <glib.h>\n',
    'src/sdp/parser.h': '#pragma once\n',
    'src/codec/h264.cpp': '#include "rtp/packet.h"\n#include "sdp/parser.h"\n',
    'src/client/session.h': '#pragma once\n#include "codec/h264.h"\n',
    'src/codec/h264.h': '#pragma once\n',
    'gst/source.h': '#pragma once\n#include <gst/gst.h>\n',
    'gst/source.cpp': '#include "source.h"\n#include "client/session.h"\n',
    'docs/guide.md': '# Guide\n\n## The `first` step\n\n[up](../README.md) [here](#the-first-step)\n',
    'docs/cameras.md': '| seen | warning |\n|---|---|\n| this | It lacks …; done without. |\n| that | - |\n',
    'src/client/dialogue.cpp': 'void f() { note("It lacks " + g(1) + "; "\n  "done without."); note(g(text)); }\n',
    'README.md': '# Read\n\n[guide](docs/guide.md#the-first-step) [web](https://example.org/x) `[no](link)`\n',
}


class LintTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        for name, text in CLEAN.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding='utf-8')

    def assert_caught(self, check, cases):
        """Each case replaces one file; then there is one problem, and it contains the expected words."""
        self.assertEqual(check(self.root)[0], [])
        for name, text, expected in cases:
            with self.subTest(name=name, text=text):
                self.write(name, text)
                problems, _ = check(self.root)
                self.assertEqual(len(problems), 1, problems)
                self.assertIn(expected, problems[0])
                if name in CLEAN:
                    self.write(name, CLEAN[name])
                else:
                    (self.root / name).unlink()

    def test_layers_catches_every_arrow_that_goes_up_or_aside(self):
        self.assert_caught(layers.check, [
            ('src/base/a.h', '#include "rtp/packet.h"\n', 'base may not use rtp'),
            ('src/rtp/a.h', '#include "sdp/parser.h"\n', 'rtp may not use sdp'),
            ('src/rtp/a.h', '#include "codec/h264.h"\n', 'rtp may not use codec'),
            ('src/sdp/a.h', '  #  include "rtp/packet.h"\n', 'sdp may not use rtp'),
            ('src/io/a.h', '#include "rtp/packet.h"\n', 'io may not use rtp'),
            ('src/codec/a.cpp', '#include "client/session.h"\n', 'codec may not use client'),
            ('src/codec/a.cpp', '#include "io/socket.h"\n', 'codec may not use io'),
            ('src/client/a.cpp', '#include "source.h"\n', 'write it from src/'),
            ('src/client/a.cpp', '#include "base/gone.h"\n', 'does not exist'),
            ('src/other/a.cpp', '', 'other is no module'),
            ('gst/a.cpp', '#include "support/check.h"\n', 'neither in src/ nor in gst/'),
        ])

    def test_notes_catches_what_is_told_but_not_documented_and_the_other_way_round(self):
        page = CLEAN['docs/cameras.md']
        self.assert_caught(notes.check, [
            ('src/client/a.cpp', 'void f() { return note("New; skipped."); }', 'lacks the note "New; skipped."'),
            ('src/client/a.cpp', 'void f() { note(std::string("A ") + b() + "."); }', 'lacks the note "A …."'),
            ('src/client/a.cpp', 'void f() { note("A " + std::string(b ? "c" : "d") + "."); }', 'lacks the note "A …."'),
            ('src/codec/a.cpp', 'void f() { notes.add("SDP: a \\"(b\\"."); }', 'note "SDP, media section …: a'),
            ('src/sdp/media_section.cpp', 'void f() { notes_.add("bad"); }', 'note "SDP, media section …: bad."'),
            ('src/rtsp/fault_notes.cpp', 'f() { return "Odd; read."; }', 'lacks the note "Odd; read."'),
            ('docs/cameras.md', page + '| old | It had …; read. |\n', 'cameras.md:5: nothing in src/ tells'),
            ('docs/cameras.md', page + '| old | It lacks 5; done without. / Gone. |\n', 'nothing in src/ tells "Gone."'),
        ])

    def test_layers_catches_libraries_out_of_place(self):
        self.assert_caught(layers.check, [
            ('src/rtp/a.cpp', '#include <glib.h>\n', 'GLib belongs in'),
            ('src/client/a.cpp', '#include <gio/gio.h>\n', 'GLib belongs in'),
            ('src/rtsp/message.cpp', '#include <glib-object.h>\n', 'GLib belongs in'),
            ('src/io/a.cpp', '#include <gst/gst.h>\n', 'src/ knows no GStreamer'),
            ('src/client/a.cpp', '#include "gst/gst.h"\n', 'src/ knows no GStreamer'),
        ])

    def test_files_catches_length_white_space_and_loose_ends(self):
        self.assert_caught(files.check, [
            ('src/rtp/long.cpp', 'x\n' * (files.MAX_LINES + 1), 'split it by idea'),
            ('src/rtp/a.cpp', 'x', 'no newline at its end'),
            ('gst/a.cpp', '\tx\n', 'has a tab'),
            ('tests/a.cpp', 'x \n', 'ends in white space'),
            ('tests/a.cpp', 'x\r\n', 'ends in white space'),
            ('tools/run', '# TO' 'DO: later\n', 'loose end'),
            ('docs/a.md', 'FIX' 'ME\n', 'loose end'),
            ('src/rtp/a.h', '\n', 'no #pragma once'),
        ])

    def test_files_leaves_long_tests_and_test_input_alone(self):
        self.write('tests/long_test.cpp', 'x\n' * (files.MAX_LINES + 1))
        self.write('tests/data/a.txt', '\tx')
        self.assertEqual(files.check(self.root)[0], [])

    def test_links_catches_what_leads_nowhere(self):
        self.assert_caught(links.check, [
            ('README.md', '[a](docs/gone.md)\n', 'does not exist'),
            ('README.md', '![a](docs/gone.png)\n', 'does not exist'),
            ('README.md', '[a](docs/guide.md#nothing)\n', 'no such heading'),
            ('docs/guide.md', '# A\n\n## The `first` step\n[a](#b)\n', 'no such heading'),
            ('docs/a.md', '[a](../../..)\n', 'outside of the project'),
        ])

    def test_headers_catches_one_that_needs_another(self):
        command = ['c++', '-std=c++20', '-Isrc', '-o', 'x.o', '-c', 'src/base/bytes.cpp']
        for folder in ('base', 'io', 'rtp', 'sdp', 'client', 'codec'):
            self.write(f'src/{folder}/x.cpp', '')
        entries = [{'directory': str(self.root), 'file': f'src/{folder}/x.cpp',
                    'command': ' '.join([*command[:-1], f'src/{folder}/x.cpp'])}
                   for folder in ('base', 'rtp', 'sdp', 'client', 'codec')]
        self.write('compile_commands.json', json.dumps(entries))
        (self.root / 'gst/source.h').unlink()
        check = lambda root: headers.check(root, root)  # noqa: E731
        self.assert_caught(check, [
            ('src/rtp/a.h', '#pragma once\nstd::vector<int> a();\n', 'does not compile alone'),
            ('src/io/a.h', '#pragma once\n', 'nothing beside it is compiled'),
        ])

    def test_an_empty_tree_is_a_failure(self):
        with tempfile.TemporaryDirectory() as empty:
            root = pathlib.Path(empty)
            for folder in ('src', 'gst'):
                (root / folder).mkdir()
            self.assertEqual(layers.check(root), ([], 0))
            from source_tree import report
            self.assertEqual(report([], 0), 1)


if __name__ == '__main__':
    sys.exit(0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1)
