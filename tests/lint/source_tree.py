"""What the lints share: finding files, and reporting what is wrong with them."""

import pathlib
import sys


def sources(root, folders, suffixes):
    """The files under `folders` of `root` with these suffixes, in a stable order."""
    for folder in folders:
        for path in sorted((root / folder).rglob('*')):
            if path.is_file() and path.suffix in suffixes and '__pycache__' not in path.parts:
                yield path


def report(problems, checked):
    """Prints the problems; the result of main()."""
    for problem in problems:
        print(problem)
    print(f'{checked} files checked, {len(problems)} problems')
    if checked == 0:
        print('there is nothing to check: is the path right?')
    return 1 if problems or checked == 0 else 0


def main(check):
    """Runs `check(root)`, which returns (problems, number of files checked), on the folder that argv names."""
    sys.exit(report(*check(pathlib.Path(sys.argv[1]).resolve())))
