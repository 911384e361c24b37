"""Proves that tools/count_tests.py counts what happened: nothing that failed may get lost."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'tools'))
import count_tests  # noqa: E402


def check_output(*programs):
    return ''.join(f'Running suite(s): x\n{100 * (c - f - e) // c}%: Checks: {c}, Failures: {f}, Errors: {e}\n'
                   for c, f, e in programs)


class CountTest(unittest.TestCase):
    def test_every_outcome_is_counted_once(self):
        cases = [
            ('OK', check_output((21, 0, 0)), (21, 0, 0)),
            ('OK', check_output((2, 0, 0), (3, 0, 0)), (5, 0, 0)),
            ('FAIL', check_output((21, 2, 1)), (18, 3, 0)),
            ('OK', 'anything else', (1, 0, 0)),
            ('FAIL', 'anything else', (0, 1, 0)),
            ('TIMEOUT', '', (0, 1, 0)),
            ('ERROR', check_output((4, 0, 0)), (4, 1, 0)),
            ('SKIP', '', (0, 0, 1)),
        ]
        for result, stdout, expected in cases:
            with self.subTest(result=result, stdout=stdout):
                self.assertEqual(count_tests.count({'result': result, 'stdout': stdout}), expected)

    def test_a_test_without_output_counts(self):
        self.assertEqual(count_tests.count({'result': 'OK'}), (1, 0, 0))

    def test_no_test_at_all_is_a_failure(self):
        self.assertEqual(count_tests.main(0, []), 1)


if __name__ == '__main__':
    sys.exit(0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1)
