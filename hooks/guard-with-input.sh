# relwatch keeps the Unreleased section right. Only a check that relwatch.yml sets to `reject` stops git here.
relwatch_input=$(cat)
if command -v relwatch >/dev/null 2>&1; then
    printf '%s\n' "$relwatch_input" | relwatch hook @NAME@ "$@" || [ $? -ne 1 ] || exit 1
elif [ -x @BINARY@ ]; then
    printf '%s\n' "$relwatch_input" | @BINARY@ hook @NAME@ "$@" || [ $? -ne 1 ] || exit 1
fi
# What follows reads it again.
exec <<RELWATCH
$relwatch_input
RELWATCH
