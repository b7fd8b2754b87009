#!/bin/bash
# Runs a command on a testbed that has the images of this checkout: with-images.sh CMD...
# Builds what is missing, starts the testbed and stops it again. A testbed that is up already is used and stays up; with
# KEEP=1 a new one stays up too. The images of the scenarios are pulled from the AWS emulator.
set -euo pipefail
testbed=$(cd "$(dirname "$0")" && pwd)
cluster=$testbed/cluster.sh

# Only one of several that run side by side builds. The others find everything built.
one_at_a_time() { flock -o "$testbed" "$@"; }

{
  one_at_a_time "$testbed/install-packages.sh"
  one_at_a_time "$testbed/build.sh"
} >&2
archives=$(one_at_a_time "$testbed/../build/images/from-source.sh")

{
  state=0
  "$cluster" status > /dev/null 2>&1 || state=$?
  case $state in
    0) echo "The testbed ${TESTBED_NAME:-} is up already: it is used, and stays." ;;
    3) "$cluster" status ;; # fails: somebody is bringing it up, or wants to see why it did not start
    *)
      [ -n "${KEEP:-}" ] || trap '"$cluster" down >&2' EXIT
      "$cluster" up
      ;;
  esac
  # shellcheck disable=SC2086
  "$cluster" load $archives
  "$cluster" mirror 544849402588.dkr.ecr.us-east-1.amazonaws.com http://10.200.0.1:30500
} >&2
"$cluster" exec "$@"
