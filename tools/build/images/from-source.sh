#!/bin/bash
# Builds all images from this checkout and installs what the build needs. Prints the archives, a line each.
set -euo pipefail
cd "$(dirname "$0")/../../.."
{
  tools/testbed/install-packages.sh
  npx nx run-many -t build -p @ecr-anywhere/webhook @ecr-anywhere/refresher @ecr-anywhere/aws-emulator --output-style=static
  tools/testbed/base-image.sh
} >&2
tools/build/images/build.sh
