# Install, prune and keep node_modules. Sourced by bin/compile.

lock_of() {
  case "$RAVINE_PACKAGE_MANAGER" in
    npm) [ -f package-lock.json ] || [ -f npm-shrinkwrap.json ] ;;
    yarn) [ -f yarn.lock ] ;;
    pnpm) [ -f pnpm-lock.yaml ] ;;
  esac
}

is_berry() { [ -f .yarnrc.yml ] || [ -f "${RAVINE_MANAGER_FOLDER:-}/bin/yarn.js" -a "${RAVINE_MANAGER_VERSION%%.*}" != 1 ]; }

npm_with_dev() {
  local flag=--include=dev
  [ "$(npm --version | cut -d. -f1)" -ge 7 ] || flag=--production=false
  [ "$install_dev" = yes ] || flag=
  npm "$1" $flag
}

install_packages() {
  local dev=$install_dev
  case "$RAVINE_PACKAGE_MANAGER" in
    npm) if lock_of; then npm_with_dev ci; else npm_with_dev install; fi ;;
    yarn)
      if is_berry; then
        if lock_of; then yarn install --immutable; else yarn install; fi
      else
        local flags=(--non-interactive --no-progress)
        lock_of && flags+=(--frozen-lockfile)
        if [ "$dev" = yes ]; then flags+=(--production=false); else flags+=(--production=true); fi
        yarn install "${flags[@]}"
      fi ;;
    pnpm)
      local flags=()
      lock_of && flags+=(--frozen-lockfile)
      if [ "$dev" = yes ]; then flags+=(--prod=false); else flags+=(--prod); fi
      pnpm install "${flags[@]}" ;;
  esac
}

prune_packages() {
  case "$RAVINE_PACKAGE_MANAGER" in
    npm) if [ "$(npm --version | cut -d. -f1)" -ge 7 ]; then npm prune --omit=dev; else npm prune --production; fi ;;
    yarn)
      if is_berry; then yarn workspaces focus --production --all
      else yarn install --production=true --frozen-lockfile --ignore-scripts --offline --non-interactive --no-progress; fi ;;
    pnpm) pnpm prune --prod ;;
  esac
}

# Sizes and times of all files: tells whether a kept tree is as it was kept.
manifest_of() { (cd "$1" && find . -type f -printf '%p %s %T@\n' | LC_ALL=C sort | sha256sum); }

# restore_packages FOLDER HOW, HOW being -al (share the files) or -a (copy them).
restore_packages() {
  [ -f "$1/manifest" ] && [ -d "$1/node_modules" ] || return 1
  [ "$(manifest_of "$1/node_modules")" = "$(cat "$1/manifest")" ] || return 1
  cp "$2" "$1/node_modules" node_modules 2>/dev/null && return 0
  rm -rf node_modules
  return 1
}

# One kept tree an app: the newest.
keep_packages() {
  [ -d node_modules ] || return 0
  rm -rf "$cache/kept.tmp"
  mkdir -p "$cache/kept.tmp/$1"
  if cp "$2" node_modules "$cache/kept.tmp/$1/node_modules" 2>/dev/null && manifest_of "$cache/kept.tmp/$1/node_modules" >"$cache/kept.tmp/$1/manifest"; then
    rm -rf "$cache/kept"
    mv "$cache/kept.tmp" "$cache/kept"
  else
    rm -rf "$cache/kept.tmp"
  fi
}
