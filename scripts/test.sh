#!/bin/sh
# Types, lint, unit tests, and the end-to-end tests that this machine can run.
set -eu
cd "$(dirname "$0")/.."
npm run --silent typecheck
npm run --silent lint
exec npx vitest run --project unit --project browser --project e2e --project e2e-long "$@"
