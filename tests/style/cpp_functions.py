"""Finds function bodies in C++ source well enough to measure them.

No parser: comments and literals are blanked out, then every `{` whose head looks like a function's
(a name, a parameter list, no control keyword) opens a body that ends at its matching `}`. Lambdas
count with the function around them.
"""

import re

_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'",
    re.S,
)
_NAME = re.compile(
    r"((?:[A-Za-z_]\w*(?:<[^<>;{}]*>)?\s*::\s*)*"
    r"~?(?:operator\s*[^\s(]+(?:\s*\(\))?|[A-Za-z_]\w*))\s*\("
)
_CONTROL = {
    "if",
    "for",
    "while",
    "switch",
    "catch",
    "return",
    "sizeof",
    "decltype",
    "alignof",
    "noexcept",
    "requires",
    "static_assert",
    "alignas",
    "defined",
}
_NOT_A_HEAD = re.compile(
    r"(^|\s)(namespace|class|struct|union|enum)\b(?![^;{}]*\)\s*(const|noexcept|override|->)?)"
)


def _blank(found):
    text = found.group(0)
    return (
        re.sub(r"[^\n]", " ", text)
        if text.startswith("/")
        else '"' + re.sub(r"[^\n]", " ", text[1:-1]) + '"'
    )


def without_comments(text):
    """The text with comments and literals blanked, line numbers kept."""
    return _LITERAL.sub(_blank, text)


def block_at(text, open_brace):
    """From the `{` at an index to its matching `}`."""
    depth = 0
    for index in range(open_brace, len(text)):
        if text[index] == "{":
            depth += 1
        elif text[index] == "}":
            depth -= 1
            if depth == 0:
                return text[open_brace : index + 1]
    return text[open_brace:]


def _head_name(head):
    """The function's name if the text before a `{` is a function's head, else None."""
    head = re.sub(r"\[\[[^\]]*\]\]", " ", head)
    if ")" not in head or _NOT_A_HEAD.search(head.split("(", 1)[0]):
        return None
    for found in _NAME.finditer(head):
        name = re.sub(r"\s+", "", found.group(1))
        if name in _CONTROL:
            if name in ("if", "for", "while", "switch", "catch", "return"):
                return None
            continue
        before = head[: found.start()].rstrip()
        if before.endswith(("=", ",", "return", "(", ".", "->")):
            return None
        return name
    return None


def functions(text):
    """Yields (name, first line, last line) of every function with a body."""
    text = re.sub(
        r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
        lambda m: re.sub(r"[^\n]", " ", m.group(0)),
        without_comments(text),
        flags=re.M,
    )
    index = 0
    head_start = 0
    while index < len(text):
        char = text[index]
        if char in ";}":
            head_start = index + 1
        elif char == ":" and re.search(r"\b(public|private|protected)\s*$", text[head_start:index]):
            head_start = index + 1
        elif char == "{":
            head = text[head_start:index]
            name = _head_name(head)
            if name:
                if re.search(r"\)\s*(noexcept\s*)?:(?!:)", head) and re.search(r"[\w>]\s*$", head):
                    # A brace initialiser in a constructor's member list: skip it, the body comes
                    # later.
                    index += len(block_at(text, index))
                    continue
                body = block_at(text, index)
                first = text.count("\n", 0, head_start + len(head) - len(head.lstrip())) + 1
                yield name, first, text.count("\n", 0, index + len(body) - 1) + 1
                index += len(body)
                head_start = index
                continue
            head_start = index + 1
        index += 1
