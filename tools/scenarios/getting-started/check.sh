#!/bin/bash
# Runs the commands of docs/getting-started.md and its pages that are AWS's, with moto in AWS's place: `npm run check:docs`.
# Needs Python 3.10 or newer with venv. Puts the AWS CLI and moto into a virtual environment, once.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

python_works() { python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2> /dev/null; }
if ! python_works && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  install() { apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 python3-venv > /dev/null; }
  echo "Installing python3-venv …" >&2
  install || { apt-get update -qq && install; }
fi
python_works || { echo "Python 3.10 or newer with venv is missing. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2 && exit 1; }

# One environment for each list of packages and each Python: a changed list makes a new one.
name=$({ cat "$here/requirements.txt" && python3 -c 'import sys; print(sys.version, sys.prefix)'; } | sha256sum | cut -c1-16)
PYTHON_ENVIRONMENT=${XDG_CACHE_HOME:-$HOME/.cache}/ecr-anywhere/moto/$name
export PYTHON_ENVIRONMENT
if [ ! -e "$PYTHON_ENVIRONMENT/complete" ]; then
  echo "Installing the AWS CLI and moto in $PYTHON_ENVIRONMENT …" >&2
  python3 -m venv --clear "$PYTHON_ENVIRONMENT"
  "$PYTHON_ENVIRONMENT/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
    --requirement "$here/requirements.txt"
  touch "$PYTHON_ENVIRONMENT/complete"
fi

cd "$here/../../.."
npx nx run @ecr-anywhere/getting-started:test-moto --output-style=static
