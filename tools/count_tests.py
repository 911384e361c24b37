"""Adds up the test logs of several meson builds: "N passed, N failed, N skipped".

A test program built on Check counts its checks, any other counts as one.
Usage: count_tests.py MORE_FAILURES TESTLOG.json…, with the number of failures that are in no log.
"""

import json
import re
import sys

CHECKS = re.compile(r'^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$', re.MULTILINE)


def count(test):
    """(passed, failed, skipped) of one entry of a test log."""
    result = test['result']
    if result == 'SKIP':
        return 0, 0, 1
    passed = failed = 0
    for checks, failures, errors in CHECKS.findall(test.get('stdout', '')):
        failed += int(failures) + int(errors)
        passed += int(checks) - int(failures) - int(errors)
    succeeded = result in ('OK', 'EXPECTEDFAIL')
    if passed + failed == 0:
        return (1, 0, 0) if succeeded else (0, 1, 0)
    # A program that crashed or hung beside its checks has failed once more than they say.
    return passed, failed if succeeded or failed else 1, 0


def main(more_failures, logs):
    totals = [0, more_failures, 0]
    for log in logs:
        with open(log, encoding='utf-8') as lines:
            for line in lines:
                totals = [total + more for total, more in zip(totals, count(json.loads(line)))]
    passed, failed, skipped = totals
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
