#!/bin/sh
# Installs relwatch: the released binary if this checkout is exactly that release, else one built from this checkout.
#
#   ./install.sh                  install the binary
#   ./install.sh ~/my-project     install it, set the project up, show its Unreleased section
#   ./install.sh --demo           install it and watch it work in a throw-away repository
#   ./install.sh --prefix DIR …   install to DIR/bin instead of cargo's own folder (without cargo: ~/.local/bin)
#   ./install.sh --full …         build it, as small and fast as releases are: takes twice as long
#   ./install.sh --released …     this folder is the release of its version, though no git says so (an unpacked archive)
#
# RELWATCH_RELEASES names a mirror of the releases, with folders as on GitHub (v0.1.0/SHA256SUMS, …); if it is empty, nothing is
# downloaded. Safe to run again: what is up to date stays.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=
demo=
project=
full=
released=

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
    --full) full=yes ;;
    --released) released=yes ;;
    -h | --help)
        sed -n '2,/^set -eu/s/^#$\|^# //p' "$0"
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
if [ -n "$project" ]; then
    [ -d "$project" ] || fail "$project is not a folder"
    git -C "$project" rev-parse --show-toplevel >/dev/null 2>&1 ||
        fail "$project is not a git repository; run 'git init $project' first"
fi

# The first value of a key in Cargo.toml, which is that of [package].
field() { sed -n "s/^$1 = \"\(.*\)\"$/\1/p" "$here/Cargo.toml" | head -n 1; }
version=$(field version)
releases=${RELWATCH_RELEASES-$(field repository)/releases/download}

if [ -n "$prefix" ]; then
    mkdir -p "$prefix"
    root=$(cd "$prefix" && pwd)
elif command -v cargo >/dev/null 2>&1; then
    root=${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}
else
    root=$HOME/.local
fi
binary=$root/bin/relwatch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Whether this checkout is the release of its version: its tag is checked out, and nothing that is built was changed.
is_release() {
    [ -z "$released" ] || return 0
    [ -e "$here/.git" ] || return 1
    tag=$(git -C "$here" rev-parse --quiet --verify "refs/tags/v$version^{commit}" 2>/dev/null) || return 1
    [ "$tag" = "$(git -C "$here" rev-parse HEAD)" ] && git -C "$here" diff --quiet HEAD -- Cargo.lock Cargo.toml hooks src
}

# The released binary for this machine, as Rust names it.
target() {
    case $(uname -s)/$(uname -m) in
    Linux/x86_64) echo x86_64-unknown-linux-musl ;;
    Linux/aarch64 | Linux/arm64) echo aarch64-unknown-linux-musl ;;
    Darwin/x86_64) echo x86_64-apple-darwin ;;
    Darwin/arm64) echo aarch64-apple-darwin ;;
    MINGW*/x86_64 | MSYS*/x86_64) echo x86_64-pc-windows-msvc ;;
    *) return 1 ;;
    esac
}

fetch() {
    if command -v curl >/dev/null 2>&1; then
        curl -fsSL --retry 2 --connect-timeout 10 -o "$work/$1" "$releases/v$version/$1"
    elif command -v wget >/dev/null 2>&1; then
        wget -q -T 10 -O "$work/$1" "$releases/v$version/$1"
    else
        return 1
    fi 2>/dev/null
}

verified() {
    if command -v sha256sum >/dev/null 2>&1; then sum="sha256sum"; else sum="shasum -a 256"; fi
    (cd "$work" && grep " [ *]$1\$" SHA256SUMS | $sum -c) >/dev/null 2>&1
}

# Puts the released binary into its place, or says in one line why it does not.
download() {
    is_release || { say "this checkout is not the release v$version"; return 1; }
    [ -n "$releases" ] || { say "RELWATCH_RELEASES is empty"; return 1; }
    target=$(target) || { say "there is no released binary for $(uname -s) on $(uname -m)"; return 1; }
    name=relwatch-$version-$target
    case $target in
    *-windows-*) archive=$name.zip exe=.exe ;;
    *) archive=$name.tar.gz exe= ;;
    esac
    { fetch SHA256SUMS && fetch "$archive"; } || { say "$releases/v$version/$archive cannot be fetched"; return 1; }
    verified "$archive" || { say "the checksum of $archive is not the one in SHA256SUMS, so it is not used"; return 1; }
    case $archive in
    *.zip) unzip -q "$work/$archive" -d "$work" ;;
    *) tar -xzf "$work/$archive" -C "$work" ;;
    esac 2>/dev/null || { say "$archive cannot be unpacked"; return 1; }
    ran=$("$work/$name/relwatch$exe" --version 2>/dev/null) || ran=
    [ "$ran" = "relwatch $version" ] || { say "the binary of $archive does not run here"; return 1; }
    mkdir -p "$root/bin"
    # Beside it and renamed: hooks may be running the old one.
    cp "$work/$name/relwatch$exe" "$binary.new" && mv -f "$binary.new" "$binary$exe"
}

build() {
    command -v cargo >/dev/null 2>&1 || fail "cargo is missing; install Rust (rustup) first, or get relwatch otherwise: docs/how-to/install.md"
    if ! command -v "${CC:-cc}" >/dev/null 2>&1; then
        fail "a C compiler (cc) is missing; install gcc or clang with your package manager"
    fi
    profile=quick
    [ -z "$full" ] || profile=release
    # The date in the binary is that of the commit, so that two builds of it are the same.
    epoch=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2>/dev/null || echo 0)}
    # By force: the one that is there may be a downloaded one, which cargo does not know.
    SOURCE_DATE_EPOCH=$epoch cargo install --quiet --locked --path "$here" --root "$root" --profile "$profile" --force
}

if [ -n "$full" ]; then
    say "building relwatch $version, optimised (takes some minutes) …"
    build
elif why=$(download); then
    say "downloaded relwatch $version from $releases, checksum verified"
else
    say "building relwatch $version: $why (takes a minute or two; --full builds a faster one) …"
    build
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
    folder=$work/demo
    mkdir "$folder"
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
