# Sourced by the test scripts, whose working directory is the repository.
#
# `need TOOL...` succeeds when every tool is there. Where one is not, it says so
# loudly and fails, so that the caller leaves out that part; with CI=true a part
# that is left out is a failure of the run. target/skipped.txt lists what was.

need() {
    for tool in "$@"; do
        command -v "$tool" > /dev/null 2>&1 && continue
        skip "$tool is not installed; tests/setup.sh says how"
        return 1
    done
}

skip() {
    printf '%s\n' '################################################################' \
        "## SKIPPED: $*" \
        '################################################################' >&2
    mkdir -p target && printf '%s\n' "$*" >> target/skipped.txt
    if [ "${CI:-}" = true ]; then
        echo "with CI=true nothing may be left out" >&2
        exit 1
    fi
}

# One line a step, so that a failure has its name above it.
step() {
    printf '== %s\n' "$*"
}
