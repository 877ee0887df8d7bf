"""The list of files and functions that may be over a size limit, with its ratchet."""


class AllowList:
    """Rows `name<TAB>size<TAB>reason`; `limit` answers the size allowed, `seen` collects what is
    there."""

    def __init__(self, path):
        self._path = path
        self._entries = {}
        self._seen = {}
        self._problems = []
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            fields = line.split("\t")
            if len(fields) != 3 or not fields[2].strip():
                self._problems.append(f"line {number}: name, size and a reason, separated by tabs")
                continue
            self._entries[fields[0]] = (int(fields[1]), fields[2])

    def limit(self, name, default):
        return max(default, self._entries.get(name, (0, ""))[0])

    def seen(self, name, size, default):
        if name in self._entries:
            self._seen[name] = max(size, self._seen.get(name, (0, 0))[0]), default

    def check_ratchet(self, report):
        """An entry that is no longer needed, or larger than what is there, must be lowered or
        removed."""
        for problem in self._problems:
            report.add(self._path.name, None, problem)
        for name, (allowed, _) in self._entries.items():
            if name not in self._seen:
                report.add(self._path.name, None, f"{name} is listed but is not there")
                continue
            size, default = self._seen[name]
            if size <= default:
                report.add(self._path.name, None, f"{name} fits the limit now; remove its entry")
            elif size < allowed:
                report.add(
                    self._path.name,
                    None,
                    f"{name} has {size} lines now; lower its entry from {allowed}",
                )

    def tighten(self):
        kept = []
        for line in self._path.read_text().splitlines():
            fields = line.split("\t")
            if not line or line.startswith("#") or len(fields) != 3:
                kept.append(line)
                continue
            size, default = self._seen.get(fields[0], (0, 0))
            if size > default:
                kept.append("\t".join([fields[0], str(min(size, int(fields[1]))), fields[2]]))
        self._path.write_text("\n".join(kept) + "\n")
