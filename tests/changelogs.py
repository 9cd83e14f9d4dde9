"""Real changelogs through the real binary: what relwatch writes into files that nobody here made.

    python3 tests/changelogs.py target/release/relwatch FOLDER

Each `.md` file of the folder becomes the changelog of a repository with a tag for its newest version. Two commits, a release and an undo later
each question below is answered by reading lines, not by relwatch's own parser. The exceptions are printed, then the rates.
"""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

VERSION = re.compile(r"(?<![\w.])v?\.?(\d+\.\d+(?:\.\d+){0,2}(?:[-+._]?(?:alpha|beta|rc|dev|pre|preview|next|canary|a|b|c|m|cr|post|snapshot|final)[-.]?\d*[\w.]*|[-+][0-9A-Za-z.-]+)?)(?![\w])", re.I)
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
DATE = re.compile(rf"\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{4}}|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|rd|th)? {MONTH},? \d{{4}}|{MONTH} \d{{4}}", re.I)
OPEN = re.compile(r"unreleased|\(pending\)|work in progress|\(Next\)|Feature Freeze|\.9000\b|not yet released|in development|upcoming|\bTBD\b|\bTBA\b|-dev\b|\bmaster\b|\bmain\b|^\W*next\b|snapshot|\bHEAD\b|development version", re.I)
NAMES = ["unreleased", "unpublished", "未发布", "inédit", "non publié", "next", "main", "master", "head", "dev", "upcoming", "develop"]


class Headings:
    """The headings of sections, by reading lines: number, text and version (None for Unreleased)."""

    def __init__(self, text):
        self.lines = text.splitlines()
        self.all = []
        closed_by = None
        levels = {}
        for at, line in enumerate(self.lines):
            if closed_by:
                if closed_by in line:
                    closed_by = None
                continue
            if line.lstrip().startswith("```"):
                closed_by = "```"
                continue
            if "<!--" in line and "-->" not in line[line.index("<!--"):]:
                closed_by = "-->"
                continue
            below = self.lines[at + 1] if at + 1 < len(self.lines) else ""
            line = line.lstrip("\ufeff")
            marks = len(line) - len(line.lstrip("#"))
            underlined = re.fullmatch(r"=+|--+", below.strip()) and line.strip() and not line.startswith(("-", "*", " ", "#", ">"))
            if not (1 <= marks <= 4 and line[marks:marks + 1] in " \t" or underlined):
                continue
            level = marks or (1 if below.startswith("=") else 2)
            words = re.sub(r"<[^>]*>", "", line.lstrip("# ").strip())
            label = re.sub(r"\]\([^)]*\)", "]", words)
            plain = DATE.sub(" ", label) if not re.fullmatch(r"\W*v?\d{4}\.\d{1,2}\.\d{1,2}.*", label) else label
            found = VERSION.search(plain)
            before = plain[: found.start()].strip(" [(*_`v") if found else ""
            is_version = found and len(before.split()) <= 2 and not re.search(r"\b(to|from|for|in|since|upgrad\w*|migrat\w*|before|and|with|of)\b", before, re.I)
            is_open = any(re.fullmatch(rf"\W*{name}\W*(?:changes|version|release)?\W*(?:\(.*)?", plain, re.I) for name in NAMES)
            if is_version:
                levels[level] = levels.get(level, 0) + 1
                self.all.append((at, line, found.group(1), level))
            elif is_open:
                self.all.append((at, line, None, level))
        # `# v1.20` above `## v1.20.0` is no version.
        line_of = lambda one, next: one[2] and next[2] and one[3] < next[3] and next[2].startswith(one[2] + ".") and one[2].count(".") < 2
        self.all = [one for at, one in enumerate(self.all) if at + 1 == len(self.all) or not line_of(one, self.all[at + 1])]
        # Versions stand at the levels that many of them have; Unreleased too, whatever its level.
        if levels:
            most = max(levels.values())
            usual = {level for level in levels if levels[level] * 8 >= most}
            self.all = [one for one in self.all if one[2] is None or one[3] in usual]

    def versions(self):
        return [one for one in self.all if one[2] and not OPEN.search(one[1])]


def shape(line, version, previous=None):
    line = line.strip()
    for word, mark in ((version, "V"), (previous, "P")):
        if word:
            line = re.sub(rf"(?<![\d.]){re.escape(word)}(?!\d|\.\d)", mark, line)
    line = DATE.sub("D", line)
    line = re.sub(r"V: .*|\s*\([^D()]*\)$|[\"“].*[\"”]|\[YANKED\]", lambda found: "V" if found.group().startswith("V") else "", line).strip()
    line = re.sub(r"^#+ ", "# ", line)
    line = re.sub(r"/compare/[^)\s]+", "/compare/", line)
    return re.sub(r"[-=]{4,}", "----", line)


class Case:
    def __init__(self, binary, path, folder):
        self.binary, self.folder = binary, folder
        self.raw = path.read_bytes()
        self.text = self.raw.decode("utf-8", "replace")
        self.found = Headings(self.text)
        self.problems = {}

    def git(self, *args):
        return self.run("git", *args)

    def run(self, *args):
        env = {**os.environ, "HOME": self.folder, "GIT_CONFIG_NOSYSTEM": "1", "XDG_DATA_HOME": self.folder, "XDG_CONFIG_HOME": self.folder,
               "PATH": f"{os.path.dirname(self.binary)}:{os.environ['PATH']}", "RELWATCH_NO_WATCH": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            env[f"GIT_{who}_NAME"], env[f"GIT_{who}_EMAIL"] = "A", "a@example.org"
        done = subprocess.run(args, cwd=self.folder, env=env, stdin=subprocess.DEVNULL, capture_output=True)
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")

    def file(self):
        return (Path(self.folder) / "CHANGELOG.md").read_bytes()

    def wrong(self, question, what):
        self.problems.setdefault(question, str(what))

    def try_it(self):
        """None if the file has no version that a reader of lines would see; "refused" if relwatch says that it does not understand it."""
        versions = self.found.versions()
        final = [one for one in versions if re.fullmatch(r"[\d.]+", one[2])]
        if not final:
            return None
        newest = versions[0]
        self.git("init", "-q", "-b", "main")
        (Path(self.folder) / "CHANGELOG.md").write_bytes(self.raw)
        (Path(self.folder) / ".gitattributes").write_text("* -text\n")
        self.git("add", "."), self.git("commit", "-qm", "chore: start")
        for one in sorted({one[2] for one in self.found.all if one[2]} | {one[2] for one in versions}):
            if not any(OPEN.search(other[1]) for other in self.found.all if other[2] == one):
                self.git("tag", "-a", f"v{one}", "-m", "x")
        code, out, err = self.run(self.binary, "init", "--yes")
        if code != 0:
            self.why = err.strip() or out.decode()[-200:]
            return "refused"
        self.git("add", "-A"), self.git("commit", "-qm", "chore: relwatch", "-m", "Changelog: skip")
        for name in ("feat: a new thing that nobody had (#47110)", "fix: a wrong thing that all had (#47111)"):
            (Path(self.folder) / name[:3]).write_text("x\n")
            self.git("add", "-A"), self.git("commit", "-qm", name)
        self.run(self.binary, "update")
        stored = self.git("show", "HEAD:CHANGELOG.md")[1]
        if stored != self.raw:
            self.wrong("stored", "the committed file is not the one that was there")
        self.view(newest)
        self.notes(versions)
        code, out, err = self.run(self.binary, "release", "--yes")
        # A heading that names a version which is too low: a person names one.
        named = re.search(r"run `relwatch release (\S+)`", err) if code == 3 else None
        if named:
            code, out, err = self.run(self.binary, "release", "--yes", named[1])
        if code != 0:
            self.wrong("released", (out.decode("utf-8", "replace") + err).strip()[-300:])
            return "done"
        self.release(newest, versions)
        code, out, err = self.run(self.binary, "undo", "--yes")
        if self.git("show", "HEAD:CHANGELOG.md")[1] != self.raw:
            self.wrong("undo", err.strip()[-200:] or "another file")
        return "done"

    def view(self, newest):
        lines = self.file().decode("utf-8", "replace").splitlines()
        places = [at for at, line in enumerate(lines) if "(#47110)" in line or "(#47111)" in line]
        top = next((at for at, line in enumerate(lines) if line.lstrip("\ufeff") == newest[1]), None)
        if len(places) != 2 or top is None:
            return self.wrong("one Unreleased above the newest version", f"entries at {places}, newest version at {top}")
        headings = [one for one in Headings("\n".join(lines)).all if one[0] < places[0]]
        is_open = any(OPEN.search(line) for line in lines[:places[0]])
        if places[1] > top or not headings and not is_open:
            return self.wrong("one Unreleased above the newest version", f"entries at {places}, newest version at {top}")
        several = [one[1] for one in headings if one[2] is None]
        if len(several) > 1:
            self.wrong("one Unreleased above the newest version", several)

    def notes(self, versions):
        self.asked = self.exact = 0
        lines = self.found.lines
        for one in versions[:3]:
            at = self.found.all.index(one)
            end = self.found.all[at + 1][0] if at + 1 < len(self.found.all) else None
            if end is None or [v[2] for v in versions].count(one[2]) > 1:
                continue
            start = one[0] + 1
            if re.fullmatch(r"=+|--+", lines[start].strip() or "x"):
                start += 1
            body = lines[start:end]
            while body and (not body[-1].strip() or re.fullmatch(r"\s*(<a [^>]*>(</a>)?|<!--.*-->|[-*_]( ?[-*_]){2,}|</?details.*|<summary.*)\s*|\[[^\]]+\]: .*", body[-1])):
                body.pop()
            self.asked += 1
            code, out, err = self.run(self.binary, "notes", one[2])
            bare = lambda text: re.sub(r"\s+", "", re.sub(r"(?m)^\[[^\]]+\]: .*$|<a [^>]*></a>", "", text))
            if bare(out.decode("utf-8", "replace")) == bare("\n".join(body)):
                self.exact += 1
            else:
                self.wrong("notes", f"{one[2]}: {err.strip()[:100]} {out.decode('utf-8', 'replace')[:80]!r} for {' '.join(body)[:80]!r}")

    def release(self, newest, versions):
        tag = self.git("describe", "--tags", "--abbrev=0")[1].decode().strip()
        new = tag.lstrip("v")
        text = self.file().decode("utf-8", "replace")
        after = Headings(text)
        own = next((one for one in after.versions() if one[2] == new), None)
        if own is None:
            return self.wrong("heading in the form of the newest one", f"no heading of {new}")
        before = [shape(one[1], one[2], versions[at + 1][2] if at + 1 < len(versions) else None) for at, one in enumerate(versions[:40])]
        like = shape(own[1], new, versions[0][2])
        if like not in before:
            self.wrong("heading in the form of the newest one", f"{own[1]!r} after {[one[1] for one in versions[:2]]}")
        self.categories(after, own, versions)
        self.rest(text, own)

    def categories(self, after, own, versions):
        known = {self.key(line) for line in self.found.lines if len(line) < 60}
        end = next((one[0] for one in after.all if one[0] > own[0]), len(after.lines))
        if versions[0][0] < own[0]:
            return
        used = [line for line in after.lines[own[0] + 1:end] if line.startswith("#")]
        strange = [line for line in used if self.key(line) not in known]
        recent = self.found.lines[versions[0][0]:(versions[9][0] if len(versions) > 9 else None)]
        is_flat = not any(line.startswith("#") or re.fullmatch("---+", line) for line in recent[1:] if not VERSION.search(line))
        if strange or used and is_flat:
            self.wrong("the file's own categories", strange or f"{used} in a flat file")

    @staticmethod
    def key(line):
        return re.sub(r"\W", "", line).lower()

    def rest(self, text, own):
        """Every line of the file is there in its order, but for what a release moves: the headings and placeholders of Unreleased."""
        own = {one[0] for one in self.found.all if one[2] is None or OPEN.search(one[1])}
        end = next((one[0] for one in self.found.versions()), 0)
        idle = re.compile(r"#|\W*(none|nothing|nothing yet|tbd)\W*$", re.I)
        moved = re.compile(r"\[(unreleased|next|main|master|head)[^\]]*\]: ", re.I)
        lines = iter(text.splitlines())
        for at, line in enumerate(self.text.splitlines()):
            if own and min(own) <= at < end and idle.match(line):
                continue
            if moved.match(line) or not line.strip() or OPEN.search(line) and line.startswith("#") or re.fullmatch(r"[-=]+", line.strip()):
                continue
            if not any(line == other for other in lines):
                return self.wrong("nothing else changed", repr(line))


def one(binary, path):
    with tempfile.TemporaryDirectory() as folder:
        case = Case(binary, path, folder)
        try:
            return path.name, case, case.try_it()
        except Exception as error:  # one file does not stop the others
            case.wrong("harness", repr(error))
            return path.name, case, "done"


def main():
    binary, folder = os.path.abspath(sys.argv[1]), Path(sys.argv[2])
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    paths = sorted(path for path in folder.iterdir() if path.suffix == ".md" and only in path.name)
    counts, asked, exact = {}, 0, 0
    total = refused = without = 0
    with ThreadPoolExecutor(2) as pool:
        for name, case, end in pool.map(lambda path: one(binary, path), paths):
            if end is None:
                without += 1
                continue
            if end == "refused":
                refused += 1
                print(f"{name}: refused: {case.why}")
                continue
            total += 1
            asked, exact = asked + getattr(case, "asked", 0), exact + getattr(case, "exact", 0)
            for question, what in case.problems.items():
                counts[question] = counts.get(question, 0) + 1
                print(f"{name}: {question}: {what}")
    print(f"\n{len(paths)} files: {without} without a version, {refused} refused, {total} tried")
    for question in ("one Unreleased above the newest version", "released", "heading in the form of the newest one", "the file's own categories",
                     "nothing else changed", "stored", "undo", "harness"):
        print(f"{question}: {total - counts.get(question, 0)} of {total}")
    print(f"notes VERSION exact: {exact} of {asked}")


if __name__ == "__main__":
    main()
