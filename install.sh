#!/bin/sh
# Builds and installs relwatch.
#
#   ./install.sh                  install the binary
#   ./install.sh ~/my-project     install it, set the project up, show its Unreleased section
#   ./install.sh --demo           install it and watch it work in a throw-away repository
#   ./install.sh --prefix DIR …   install to DIR/bin instead of cargo's own folder
#
# Safe to run again: what is up to date stays.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=
demo=
project=

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

while [ $# -gt 0 ]; do
    case $1 in
    --prefix)
        [ $# -ge 2 ] || fail "--prefix needs a folder, as in --prefix ~/.local"
        prefix=$2
        shift
        ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --demo) demo=yes ;;
    -h | --help)
        sed -n '2,9s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    -*) fail "unknown option $1; see ./install.sh --help" ;;
    *)
        [ -z "$project" ] || fail "one project at a time, not both $project and $1"
        project=$1
        ;;
    esac
    shift
done

command -v git >/dev/null 2>&1 || fail "git is missing; install it with your package manager"
command -v cargo >/dev/null 2>&1 || fail "cargo is missing; install Rust (rustup) first"
if ! command -v "${CC:-cc}" >/dev/null 2>&1; then
    fail "a C compiler (cc) is missing; install gcc or clang with your package manager"
fi
if [ -n "$project" ]; then
    [ -d "$project" ] || fail "$project is not a folder"
    git -C "$project" rev-parse --show-toplevel >/dev/null 2>&1 ||
        fail "$project is not a git repository; run 'git init $project' first"
fi

# The date in the binary is that of the commit, so that two builds of it are the same.
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2>/dev/null || echo 0)}
build() { SOURCE_DATE_EPOCH=$epoch cargo install --quiet --locked --path "$here" "$@"; }

say "building relwatch (the first time takes some minutes) …"
if [ -n "$prefix" ]; then
    mkdir -p "$prefix"
    prefix=$(cd "$prefix" && pwd)
    build --root "$prefix"
    binary=$prefix/bin/relwatch
else
    build
    binary=${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}/bin/relwatch
fi
[ -x "$binary" ] || fail "the build succeeded but $binary is not there"
say "installed: $binary"
case ":$PATH:" in
*":$(dirname "$binary"):"*) ;;
*) say "note: $(dirname "$binary") is not in your PATH; add it to call relwatch by name" ;;
esac

if [ -n "$project" ]; then
    say ""
    say "\$ relwatch init    # in $project"
    "$binary" -C "$project" init
    say ""
    say "\$ relwatch status"
    "$binary" -C "$project" status
fi

if [ -n "$demo" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    PATH=$(dirname "$binary"):$PATH
    export PATH
    cd "$folder"
    show() { say ""; say "\$ $*"; "$@"; }
    git init -q .
    git symbolic-ref HEAD refs/heads/main
    git config user.name "${USER:-you}"
    git config user.email "you@example.org"
    git commit -q --allow-empty -m "chore: start"
    git tag -a v0.1.0 -m "Release v0.1.0"
    show relwatch init
    git add . && git commit -q -m "chore: keep the changelog with relwatch"
    show git commit -q --allow-empty -m "feat(api): set a custom timeout for write locks (#12)"
    show tail -n 5 CHANGELOG.md
    show git status --short
    mkdir -p .chant/specs
    cat >.chant/specs/2026-01-29-004-jkl.md <<'SPEC'
---
type: code
status: completed
labels: [fix]
---

# Serialize writers

## Release Notes

Data loss during concurrent writes: writers now wait for each other. (#1234)
SPEC
    git add . && git commit -q -m "chant(2026-01-29-004-jkl): Serialize writers"
    show relwatch status
    show relwatch release --yes
    show tail -n 12 CHANGELOG.md
    show git log --oneline --decorate -3
    say ""
    say "that was a throw-away repository; now: relwatch init in one of yours"
fi
