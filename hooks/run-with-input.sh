# relwatch keeps the Unreleased section right. It never fails git; `relwatch hooks uninstall` removes it.
relwatch_input=$(cat)
if command -v relwatch >/dev/null 2>&1; then
    printf '%s\n' "$relwatch_input" | relwatch hook @NAME@ "$@" || :
elif [ -x @BINARY@ ]; then
    printf '%s\n' "$relwatch_input" | @BINARY@ hook @NAME@ "$@" || :
fi
# What follows reads it again.
exec <<RELWATCH
$relwatch_input
RELWATCH
