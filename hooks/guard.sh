# relwatch keeps the Unreleased section right. Only a check that relwatch.yml sets to `reject` stops git here.
if command -v relwatch >/dev/null 2>&1; then
    relwatch hook @NAME@ "$@" </dev/null || [ $? -ne 1 ] || exit 1
elif [ -x @BINARY@ ]; then
    @BINARY@ hook @NAME@ "$@" </dev/null || [ $? -ne 1 ] || exit 1
fi
