#!/usr/bin/env python3
"""Reads commits by the Conventional Commits specification, on its own, and compares with what relwatch says.

    tests/independent.py RELWATCH REPOSITORY [RANGES]

Takes release ranges of a clone of REPOSITORY, one between each two neighbouring version tags, and prints for each difference the
commit and both readings. What is compared of each commit that is no merge: its category by type, its scope, its breaking mark.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

CATEGORY = {"feat": "Added", "fix": "Fixed", "perf": "Changed", "revert": "Changed", "security": "Security"}
HIDDEN = {"docs", "style", "refactor", "test", "build", "ci", "chore", "wip", "release"}
# Items 1 to 5 and 13 to 16 of the specification, 1.0.0.
HEADER = re.compile(r"^(?P<type>[^\s():!]+)(?:\((?P<scope>[^()]+)\))?(?P<mark>!)?: (?P<text>.+)")
BREAKING = re.compile(r"^BREAKING[ -]CHANGE(?:: | #)", re.M)


def git(repo, *args, **kwargs):
    return subprocess.run(["git", "-C", repo, *args], check=True, capture_output=True, text=True, **kwargs).stdout


def read(message):
    subject = message.strip().split("\n")[0]
    found = HEADER.match(subject)
    if not found:
        return None
    breaking = bool(found["mark"]) or bool(BREAKING.search(message.replace(":\n", ": \n")))
    return found["type"].lower(), (found["scope"] or "").strip(), breaking


def ranges(repo, count):
    tags = git(repo, "for-each-ref", "--sort=-creatordate", "--format=%(refname:short)", "refs/tags").split()
    tags = [tag for tag in tags if re.search(r"\d+\.\d+\.\d+$", tag)]
    found = []
    for newer, older in zip(tags, tags[1:]):
        ancestor = subprocess.run(["git", "-C", repo, "merge-base", "--is-ancestor", older, newer]).returncode == 0
        if ancestor and git(repo, "rev-list", "--no-merges", "-n1", f"{older}..{newer}").strip():
            found.append((older, newer))
    return found[:count]


def compare(relwatch, repo, older, newer, ids):
    git(repo, "update-ref", "--no-deref", "HEAD", ids[newer])
    git(repo, "tag", "v0.0.1", ids[older])
    status = json.loads(subprocess.run([relwatch, "status", "--json"], cwd=repo, check=True, capture_output=True, text=True).stdout)
    git(repo, "tag", "-d", "v0.0.1")
    told = {}
    for entry in status["entries"]:
        for reference in entry["refs"]:
            told.setdefault(reference.split("/")[0], []).append(entry)
    left_out = {one["reference"]: one["reason"] for one in status["left_out"] + status["covered"]}
    agreed, differ = 0, []
    log = git(repo, "log", "--no-merges", "-z", "--format=%H%n%B", f"{ids[older]}..{ids[newer]}")
    for record in filter(None, log.split("\0")):
        commit, message = record.lstrip("\n").split("\n", 1)
        short, own = commit[:7], read(message)
        entries, reason = told.get(short, []), left_out.get(short)
        subject = message.strip().split("\n")[0]
        if own is None:
            ok, expected = bool(entries or reason), "listed or told: no conventional header"
        elif own[0] not in CATEGORY and own[0] not in HIDDEN:
            ok, expected = bool(entries or reason), f"listed or told: type {own[0]}"
        elif own[0] in HIDDEN and not own[2]:
            ok, expected = bool(reason), f"left out: {own[0]}"
        else:
            category = CATEGORY.get(own[0], "Changed")
            expected = f"{category}, scope {own[1] or '-'}, breaking {own[2]}"
            ok = any(
                (entry["category"] == category or own[0] in HIDDEN)
                and entry["breaking"] == own[2]
                and (not own[1] or f"**{own[1]}:**" in entry["text"].replace("\\", ""))
                for entry in entries
            )
        if ok:
            agreed += 1
        else:
            said = [(e["category"], e["breaking"], e["text"].split("\n")[0][:60]) for e in entries]
            differ.append(f"{newer} {short} {subject[:70]!r}: expected {expected}; relwatch {said or reason}")
    return agreed, differ


def main():
    relwatch, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    folder = tempfile.mkdtemp(prefix="relwatch-independent-")
    os.environ.update(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null", HOME=folder)
    try:
        repo = os.path.join(folder, "r")
        subprocess.run(["git", "clone", "-q", "--no-checkout", source, repo], check=True)
        chosen = ranges(repo, count)
        names = {name for pair in chosen for name in pair}
        ids = {name: git(repo, "rev-parse", f"refs/tags/{name}^{{commit}}").strip() for name in names}
        for tag in git(repo, "tag").split():
            git(repo, "update-ref", "-d", f"refs/tags/{tag}")
        agreed, differ = 0, []
        for older, newer in chosen:
            same, others = compare(relwatch, repo, older, newer, ids)
            agreed += same
            differ += others
        print("\n".join(differ))
        print(f"{len(chosen)} ranges, {agreed} commits agree, {len(differ)} differ")
    finally:
        shutil.rmtree(folder)


main()
