#!/bin/bash
# The checksums of all files in a folder, so that a job gets exactly what another job built:
#   checksums.sh FOLDER            prints them
#   checksums.sh FOLDER EXPECTED   fails if a file differs from them, is missing, or is one too many
set -euo pipefail
sums=$(cd "$1" && find . -type f -print0 | sort -z | xargs -0 -r sha256sum)
if [ $# = 1 ]; then
  echo "$sums"
elif [ -z "$2" ] || ! diff <(echo "$2") <(echo "$sums") >&2; then
  echo "$1 is not what was built (<: built, >: found). Nothing of it is published." >&2
  exit 1
fi
