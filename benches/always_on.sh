#!/usr/bin/env bash
# What fetches and the watcher cost: `benches/always_on.sh [RELWATCH]`. Repositories are made in a temporary folder.
#
# Prints: how many relwatch processes a fetch of 5,000 branches starts; memory, context switches and writes of a watcher over 50 idle repositories in 60 s;
# one update for 10,000 specs that come at once. What hooks cost, `cargo bench --bench processes` says.
set -euo pipefail
relwatch=$(realpath "${1:-target/release/relwatch}")
folder=$(mktemp -d)
trap 'kill "${watcher:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
export HOME=$folder/home XDG_CONFIG_HOME=$folder/home/.config XDG_STATE_HOME=$folder/home/.state
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
mkdir -p "$HOME" "$folder/bin"
ln -s "$relwatch" "$folder/bin/relwatch"
export PATH=$folder/bin:$PATH

repository() {
    git init -q -b main "$1"
    cd "$1"
    git commit -q --allow-empty -m "feat: start"
}

seconds() {
    local begin end
    begin=$(date +%s.%N)
    "$@" >/dev/null 2>&1
    end=$(date +%s.%N)
    echo "$end - $begin" | bc
}

repository "$folder/many"
head=$(git rev-parse HEAD)
for n in $(seq 5000); do echo "create refs/heads/b$n $head"; done | git update-ref --stdin
repository "$folder/fetches"
"$relwatch" init >/dev/null
git remote add origin "$folder/many"
# Counts how often it is started.
rm "$folder/bin/relwatch"
printf '#!/bin/sh\necho >> "%s/starts"\nexec "%s" "$@"\n' "$folder" "$relwatch" > "$folder/bin/relwatch"
chmod +x "$folder/bin/relwatch"
: > "$folder/starts"
took=$(seconds git fetch -q origin)
echo "fetch of 5,000 branches: $took s, $(wc -l < "$folder/starts") relwatch processes"

for n in $(seq "${REPOSITORIES:-50}"); do
    repository "$folder/idle$n"
    "$relwatch" init >/dev/null
    "$relwatch" watch add >/dev/null
done
cd /
"$relwatch" watch --json > "$folder/events" &
watcher=$!
sleep 5
switches() {
    cat /proc/"$watcher"/task/*/status | awk '/ctxt/ {n += $2} END {print n}'
}
written() {
    awk '/^write_bytes/ {print $2}' /proc/"$watcher"/io
}
before=$(switches)
bytes=$(written)
sleep 60
echo "idle for 60 s over 50 repositories: $(($(switches) - before)) context switches, $(($(written) - bytes)) bytes written, $(awk '/VmRSS/ {print $2}' /proc/"$watcher"/status) kB"

cd "$folder/idle1"
rm .git/hooks/post-*
mkdir -p .chant/specs
sleep 3
lines=$(wc -l < "$folder/events")
python3 - <<'PYTHON'
for n in range(10000):
    with open(f".chant/specs/2026-01-01-{n:05}.md", "w") as file:
        file.write(f"---\nstatus: completed\n---\n# Add number {n}\n")
PYTHON
while [ "$(grep -c 'Add number' CHANGELOG.md)" -lt 10000 ]; do sleep 0.1; done
sleep 3
echo "10,000 specs at once: $(($(wc -l < "$folder/events") - lines)) updates, $(awk '/VmHWM/ {print $2}' /proc/"$watcher"/status) kB at most"
