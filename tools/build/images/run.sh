#!/bin/bash
# Builds all images and checks them: `npm run images`.
set -euo pipefail
cd "$(dirname "$0")/../../.."
tools/build/images/from-source.sh
node --test-reporter=spec tools/build/images/check.mjs
