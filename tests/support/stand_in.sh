#!/bin/sh
# Stands in for a tool that publishes, under that tool's name: notes in ~/ran what it was asked for, keeps in ~/public what would
# be public. What ~/fail names does not work. ~/forge/NAME is what a forge answers to the field NAME of a query, ~/forge/answer what it
# answers to anything; ~/asked is the last query.
tool=$(basename "$0")
line="$tool $*"
public="$HOME/public"
mkdir -p "$public"
echo "$line" | sed "s|/[^ ]*/notes.md|NOTES|; s|/[^ ]*/\([^/ ]*\.tar\.gz\)|OUT/\1|g; s|--outdir [^ ]*|--outdir OUT|; s| -d /[^ ]*| -d OUT|" >> "$HOME/ran"

fail() { echo "$tool: $*" >&2; exit 1; }
breaks() { test -f "$HOME/fail" && grep -qxF -e "$1" "$HOME/fail"; }
has() { test -e "$public/$(echo "$1" | tr / _)"; }
put() { echo "${2-}" > "$public/$(echo "$1" | tr / _)"; }
drop() { rm -f "$public/$(echo "$1" | tr / _)"; }
value() { sed -n "s/^$1 *= *\"\(.*\)\".*/\1/p" "$2" | head -n 1; }

breaks "$tool $1" && fail "$1 does not work today"
case "$tool $1 $2" in
"cargo test "*) echo "test result: ok. 42 passed; 0 failed" ;;
"cargo audit "*) echo "no vulnerabilities found" ;;
"cargo bench "*|"cargo doc "*|"cargo build "*) ;;
"cargo info "*) has "crate $2" || fail "could not find \`$2\` in registry" ;;
"cargo yank "*) has "crate $2" || fail "no crate $2"; put "yanked $2" ;;
"cargo publish "*)
	shift
	left= only=
	while test $# -gt 0; do
		case $1 in
		--exclude) left="$left $2 " && shift ;;
		-p) only=$2 && shift ;;
		esac
		shift
	done
	version=$(value version Cargo.toml)
	test -n "$only" && test -n "$left" && fail "--exclude needs --workspace"
	# Those that need no other one first.
	for manifest in $(grep -L "^\[dependencies" Cargo.toml crates/*/Cargo.toml 2> /dev/null) $(grep -l "^\[dependencies" Cargo.toml crates/*/Cargo.toml 2> /dev/null); do
		name=$(value name "$manifest" 2> /dev/null)
		test -n "$name" || continue
		test -z "$only" || test "$name" = "$only" || continue
		case $left in *" $name "*) continue ;; esac
		has "crate $name@$version" && fail "crate $name@$version already exists on crates.io index"
		breaks "crate $name" && fail "$name: no connection"
		put "crate $name@$version" "$(pwd) $(git rev-parse HEAD)"
		echo "Published $name v$version"
	done
	;;
"gh auth "*|"glab auth "*|"docker info "*) ;;
"gh api graphql"|"glab api "*)
	cat > "$HOME/asked"
	test -f "$HOME/forge/answer" && cat "$HOME/forge/answer" && exit 0
	test "$tool" = glab && cat "$HOME/forge/merge_requests" && exit 0
	sep= errors=
	printf '{"data":{"repository":{'
	for name in $(sed -n 's/^\([pc][0-9a-f]*\):.*/\1/p' "$HOME/asked"); do
		printf '%s"%s":' "$sep" "$name"
		sep=,
		if test -f "$HOME/forge/$name"; then
			cat "$HOME/forge/$name"
		else
			printf null
			case $name in p*) errors="$errors${errors:+,}{\"type\":\"NOT_FOUND\",\"message\":\"no $name\"}" ;; esac
		fi
	done
	printf '}}'
	test -n "$errors" && printf ',"errors":[%s]}' "$errors" && fail "Could not resolve to a PullRequest"
	printf '}\n'
	;;
"gh release "*|"glab release "*)
	verb=$2 tag=$3
	shift 3
	case $verb in
	create)
		has "$tool $tag" && fail "a release with the same tag name already exists: $tag"
		notes=
		while test $# -gt 0; do
			case $1 in --notes-file) notes=$(cat "$2") && shift ;; esac
			shift
		done
		put "$tool $tag" "$notes"
		;;
	view)
		has "$tool $tag" || fail "release not found"
		case $* in *isDraft*) if has "$tool $tag seen"; then echo false; else echo true; fi ;; esac
		;;
	edit|upload)
		has "$tool $tag" || fail "release not found"
		case $* in *--draft=false*) put "$tool $tag seen" ;; esac
		;;
	delete) has "$tool $tag" || fail "release not found"; drop "$tool $tag" ;;
	*) fail "unknown: $line" ;;
	esac
	;;
"docker build "*)
	while test $# -gt 0; do
		test "$1" = -t && put "built $2" "$2"
		shift
	done
	;;
"docker push "*) test "$2" = -q && shift; has "built $2" || fail "there is no image $2"; breaks "image $2" && fail "$2: no connection"; put "image $2" "$(cat "$public/$(echo "built $2" | tr / _)")" ;;
"docker tag "*) has "built $2" || fail "there is no image $2"; put "built $3" "$2" ;;
"docker pull "*) has "image $2" || fail "there is no image $2"; put "built $2" ;;
"docker buildx imagetools")
	case $3 in
	create) has "image $6" || fail "there is no image $6"; put "image $5" "$(cat "$public/$(echo "image $6" | tr / _)")" ;;
	inspect) has "image $4" || fail "there is no image $4"; cat "$public/$(echo "image $4" | tr / _)" ;;
	esac
	;;
"docker manifest "*) has "image $3" || fail "no such manifest: $3" ;;
"python -m "*|"python3 -m "*)
	case $2 in
	build) out=$4; mkdir -p "$out"; : > "$out/$(value name pyproject.toml | tr - _)-$(value version pyproject.toml).tar.gz" ;;
	*) echo "$2: ok" ;;
	esac
	;;
"pip download "*) for last; do :; done; has "pypi $last" || fail "no matching distribution found for $last" ;;
"twine --version "*|"twine check "*) ;;
"twine upload "*)
	for file; do
		case $file in
		*.tar.gz)
			name=$(basename "$file" .tar.gz)
			put "pypi $(echo "${name%-*}" | tr _ -)==${name##*-}"
			;;
		esac
	done
	;;
"pytest "*|"mypy "*|"bandit "*|"pre-commit "*) echo "$tool: ok" ;;
"make release-check "*) relwatch check "${2#VERSION=}" ;;
"make "*) echo "make $1: ok" ;;
*) fail "unknown: $line" ;;
esac
