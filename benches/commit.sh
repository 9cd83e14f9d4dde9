#!/usr/bin/env bash
# What relwatch costs: `git commit` with its hooks against without, and `relwatch update` against git's own walk.
#
#   benches/commit.sh [REPOSITORY…]
#
# Each REPOSITORY is copied, never touched; without one, a history of 2,000 commits is made. Ratios are of medians
# within one run, with and without in turn: absolute times differ from machine to machine.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cargo build --quiet --release --locked --manifest-path "$here/Cargo.toml"
relwatch=${CARGO_TARGET_DIR:-$here/target}/release/relwatch

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
PATH=$(dirname "$relwatch"):$PATH
export PATH

made() {
    git init -q -b main "$1"
    {
        for n in $(seq 2000); do
            printf 'commit refs/heads/main\ncommitter A <a@example.org> %d +0000\ndata <<.\nfeat: change %d (#%d)\n.\n' $((1700000000 + n)) "$n" "$n"
        done
    } | git -C "$1" fast-import --quiet
    git -C "$1" reset -q --hard
}

# Milliseconds of one command.
ms() {
    local start=$EPOCHREALTIME
    "$@" >/dev/null 2>&1
    local end=$EPOCHREALTIME
    echo $((${end/./} - ${start/./}))
}
median() { sort -n | awk '{ v[NR] = $1 } END { printf "%.1f", v[int((NR + 1) / 2)] / 1000 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

printf 'relwatch %s, %s, %s cores\n\n' "$("$relwatch" --version | cut -d' ' -f2)" "$(git --version)" "$(nproc)"
printf '| repository | commits | entries | commit without, ms | with hooks, ms | ratio | git log, ms | cold update, ms | ratio |\n'
printf '|---|---|---|---|---|---|---|---|---|\n'

bench() {
    local name=$1 repo=$2
    cd "$repo"
    "$relwatch" init >/dev/null
    git add -A && git commit -q -m "chore: keep the changelog with relwatch"
    local count entries hidden
    count=$(git rev-list --count HEAD)
    entries=$("$relwatch" update | grep -o '[0-9]* generated' | cut -d' ' -f1)
    for n in $(seq 5); do git commit -q --allow-empty -m "feat: warm $n"; done
    : >"$work/with"; : >"$work/without"; : >"$work/log"; : >"$work/update"
    for n in $(seq 25); do
        ms git commit -q --allow-empty -m "feat: with $n" >>"$work/with"
        ms git -c core.hooksPath=/dev/null commit -q --allow-empty -m "feat: without $n" >>"$work/without"
        "$relwatch" update >/dev/null
    done
    mapfile -t hidden < <(git tag --merged HEAD | grep -E '^v?[0-9]+\.[0-9]+\.[0-9]+$' | sed 's/^/^/')
    for n in $(seq 5); do
        ms git log --format=%B HEAD "${hidden[@]}" >>"$work/log"
        rm -rf .git/relwatch
        git checkout -q -- CHANGELOG.md
        ms "$relwatch" update >>"$work/update"
    done
    local with without log update
    with=$(median <"$work/with"); without=$(median <"$work/without")
    log=$(median <"$work/log"); update=$(median <"$work/update")
    printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$name" "$count" "$entries" "$without" "$with" \
        "$(ratio "$with" "$without")" "$log" "$update" "$(ratio "$update" "$log")"
}

if [ $# -eq 0 ]; then
    made "$work/made"
    bench made "$work/made"
fi
for repo in "$@"; do
    cp -r "$repo" "$work/$(basename "$repo")"
    bench "$(basename "$repo")" "$work/$(basename "$repo")"
done
