# relwatch keeps the Unreleased section right. @PROMISE@
relwatch_input=$(cat)
if command -v relwatch >/dev/null 2>&1; then
    printf '%s\n' "$relwatch_input" | relwatch hook @NAME@ "$@" || @OTHERWISE@
elif [ -x @BINARY@ ]; then
    printf '%s\n' "$relwatch_input" | @BINARY@ hook @NAME@ "$@" || @OTHERWISE@
fi
# What follows reads it again.
exec <<RELWATCH
$relwatch_input
RELWATCH
