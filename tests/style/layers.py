"""Includes go one way: each folder of src/ may include its own files and those its row of the table
allows."""

import re

# Folder -> what it may include directly; what those may include comes with them.
DIRECT = {
    "base": [],
    "runtime": ["base"],
    "types": ["base"],
    "codec": ["types"],
    "kv": ["runtime"],
    "vectors": ["kv", "codec"],
    "txn": ["kv", "codec"],
    "catalog": ["txn", "functions"],
    "storage": ["catalog", "txn"],
    "parser": ["base"],
    "functions": ["types"],
    "binder": ["parser", "catalog", "functions"],
    "planner": ["binder"],
    "exec": ["planner", "storage", "vectors"],
    "session": ["exec", "planner"],
    "plpgsql": ["session"],
    "auth": ["session"],
    "pgwire": ["session", "auth"],
    "http": ["pgwire"],
    "control": ["session", "auth", "http"],
    "server": None,
    "cli": None,
}

PARSE_TREE = re.compile(r'#include\s+[<"](pg_query|postgres\.h|nodes/)')


def allowed(folder, memo={}):
    """All folders a folder's files may include, itself included; None means all."""
    if DIRECT.get(folder, []) is None:
        return None
    if folder not in memo:
        reachable = {folder}
        for below in DIRECT.get(folder, []):
            reachable |= allowed(below)
        memo[folder] = reachable
    return memo[folder]


def check(path, lines, report):
    """Checks one file's includes."""
    if path.parts[0] != "src":
        return
    folder = path.parts[1]
    if folder not in DIRECT:
        report.add(path, None, f"folder {folder} has no row in the layering table")
        return
    may = allowed(folder)
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if found:
            target = found.group(1).split("/")[0]
            if "/" not in found.group(1) or target.startswith("."):
                if not found.group(1).endswith(".inc"):
                    report.add(path, number, f'include "{found.group(1)}" is not written from src/')
            elif target in DIRECT and may is not None and target not in may:
                report.add(path, number, f"{folder} may not include {target}")
        if PARSE_TREE.match(line) and folder not in ("parser", "binder"):
            report.add(path, number, "the parse tree's headers are for parser and binder alone")


def check_cmake(root, report):
    """A folder's CMake target links no folder its row does not allow."""
    for path in sorted((root / "src").glob("*/CMakeLists.txt")):
        folder = path.parent.name
        may = allowed(folder) if folder in DIRECT else set()
        if may is None:
            continue
        text = re.sub(r"#[^\n]*", "", path.read_text())
        linked = set(re.findall(r"\bsundog_([a-z]+)\b(?!\s*\()", text))
        for words in re.findall(r"\bDEPS\s+([^)]*?)(?=\s[A-Z_]{3,}\b|\))", text + ")"):
            linked |= set(words.split())
        for target in sorted(linked & set(DIRECT)):
            if target not in may:
                report.add(
                    path.relative_to(root),
                    None,
                    f"links sundog_{target}, which {folder} may not use",
                )
