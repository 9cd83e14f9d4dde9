# relwatch keeps the Unreleased section right. It never fails git; `relwatch uninstall` removes it.
if [ -d "${GIT_DIR:-.git}/rebase-merge" ] || [ -e "${GIT_DIR:-.git}/rebase-apply/rebasing" ]; then
    : # the rebase's last hook, post-rewrite, comes when git is done
elif command -v relwatch >/dev/null 2>&1; then
    relwatch hook @NAME@ "$@" </dev/null || :
elif [ -x @BINARY@ ]; then
    @BINARY@ hook @NAME@ "$@" </dev/null || :
fi
