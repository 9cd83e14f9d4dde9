# relwatch keeps the Unreleased section right. It never fails git; `relwatch hooks uninstall` removes it.
if command -v relwatch >/dev/null 2>&1; then
    relwatch hook @NAME@ "$@" </dev/null || :
elif [ -x @BINARY@ ]; then
    @BINARY@ hook @NAME@ "$@" </dev/null || :
fi
