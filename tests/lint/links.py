"""Proves that the relative links of the documentation lead somewhere, headings included."""

import re

import source_tree

LINK = re.compile(r'(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)')
CODE = re.compile(r'^(```|~~~).*?^\1', re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r'`[^`\n]*`')
HEADING = re.compile(r'^#{1,6}\s+(.*?)\s*#*$', re.MULTILINE)
ELSEWHERE = re.compile(r'^[a-z][a-z0-9+.-]*:', re.IGNORECASE)


def anchors(text):
    """The fragments that a rendered page offers for its headings."""
    found = set()
    for heading in HEADING.findall(CODE.sub('', text)):
        slug = re.sub(r'[^\w\- ]', '', heading.replace('`', '').lower()).strip().replace(' ', '-')
        number = 0
        while (candidate := slug if number == 0 else f'{slug}-{number}') in found:
            number += 1
        found.add(candidate)
    return found


def check_page(root, page):
    name = page.relative_to(root).as_posix()
    problems = []
    for match in LINK.finditer(INLINE_CODE.sub('', CODE.sub('', page.read_text(encoding='utf-8')))):
        link = match.group(1) or match.group(2)
        if ELSEWHERE.match(link):
            continue
        path, _, fragment = link.partition('#')
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            problems.append(f'{name}: links to {link}, which does not exist')
        elif root not in target.parents and target != root:
            problems.append(f'{name}: links to {link}, outside of the project')
        elif fragment and target.suffix == '.md' and fragment not in anchors(target.read_text(encoding='utf-8')):
            problems.append(f'{name}: links to {link}, but there is no such heading')
    return problems


def check(root):
    pages = sorted(root.glob('*.md')) + list(source_tree.sources(root, ['docs'], {'.md'}))
    return [problem for page in pages for problem in check_page(root, page)], len(pages)


if __name__ == '__main__':
    source_tree.main(check)
