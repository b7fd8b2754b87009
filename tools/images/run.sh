#!/bin/bash
# Builds all images and checks them: `npm run images`.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/testbed/install-packages.sh
npx nx run-many -t build -p @ecr-anywhere/webhook @ecr-anywhere/refresher @ecr-anywhere/aws-emulator --output-style=static
tools/testbed/base-image.sh
tools/images/build.sh
node --test-reporter=spec tools/images/check.mjs
