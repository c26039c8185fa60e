#!/bin/sh
# Tests the Python package as a user gets it: a wheel built by pip, installed in a fresh environment
# under target/, with pytest beside it. Arguments go to pytest. PYTHON chooses the interpreter.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
environment=$root/target/python-$("$python" -c 'import sys; print("%s-%d.%d" % (sys.implementation.name, *sys.version_info[:2]))')

if ! "$python" -m venv --clear "$environment"; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get install -y -q python3-venv
        "$python" -m venv --clear "$environment"
    else
        echo "tests/python.sh: $python has no venv: install python3-venv" >&2
        exit 1
    fi
fi

# PYTHONPATH and BOJAGI_LIBRARY would bring the checkout back in.
unset PYTHONPATH BOJAGI_LIBRARY
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$root/bindings/python" pytest
"$environment/bin/python" "$root/bindings/python/generate.py" --check
cd "$environment"
exec "$environment/bin/python" -m pytest --quiet -rs --import-mode=append \
    --config-file="$root/bindings/python/pyproject.toml" --rootdir="$root/bindings/python" \
    "$root/bindings/python/tests" "$@"
