#!/usr/bin/env bash
# A private Docker Engine for tests and trials: up, down or status, in a folder that keeps its images between runs.
#   scripts/engine.sh up [DIR]      starts it (installing Debian's packages where needed), sees to the base images, prints DOCKER_HOST=...
#   scripts/engine.sh down [DIR]    ends its containers and stops it; images stay
#   scripts/engine.sh status [DIR]  prints DOCKER_HOST=... when it runs, else fails
#   scripts/engine.sh remove DIR    as down, and then nothing of it stays
#   scripts/engine.sh up DIR --apart [IMAGE...]
#                                   beside another engine, as for a test that restarts or fills it: a bridge of its own, the other's
#                                   packet filter untouched (so its containers reach this machine only), base images copied from the other
#   scripts/engine.sh up DIR --apart-default [IMAGE...]
#                                   the same, and as Docker is unless told otherwise: its containers end with it
# Without DIR an engine that answers already ($DOCKER_HOST, /var/run/docker.sock) is taken, and `up` only sees to the images.
set -euo pipefail
export PATH="/usr/sbin:/usr/bin:/sbin:/bin:$PATH" LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)
if [ "$(id -u)" = 0 ]; then cache=/var/cache; else cache=${XDG_CACHE_HOME:-$HOME/.cache}; fi
action=${1:-}
given=${2:-}
dir=${given:-$cache/ravine-engine}
host=unix://$dir/docker.sock
apart=${3:-}
wanted=("${@:4}")
# Of the engine in this folder when it is apart; interface names have at most 15 characters.
bridge=rv$(printf %s "$dir" | cksum | tr -dc 0-9)

say() { printf 'engine: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}
answers() { curl -fsS --max-time 5 --unix-socket "${1#unix://}" http://engine/_ping >/dev/null 2>&1; }
on_engine() { DOCKER_HOST=$host docker "$@"; }

# runs_with FILE WORD: whether the process of this pid file lives and has the word on its command line, as a dead one
# and another program that got its number have not.
runs_with() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qF -- "$2"
}

# The pid of the engine of this folder, or nothing.
engine_pid() {
  if runs_with "$dir/pid" "--data-root $dir/data"; then cat "$dir/pid"; fi
}

adopt_running() {
  [ -z "$given" ] || return 1
  local candidate
  for candidate in "${DOCKER_HOST:-}" unix:///var/run/docker.sock; do
    case $candidate in
      unix://*) if [ "$candidate" != "$host" ] && answers "$candidate"; then
        host=$candidate
        return 0
      fi ;;
    esac
  done
  return 1
}

install_packages() {
  local missing=()
  command -v dockerd >/dev/null && [ -x /usr/bin/docker ] || missing+=(docker.io iptables iproute2)
  command -v curl >/dev/null || missing+=(curl)
  [ ${#missing[@]} -gt 0 ] || return 0
  apt_install "${missing[@]}"
}

apt_install() {
  [ "$(id -u)" = 0 ] || fail "no Docker Engine answers, and only root can install one: as root run scripts/engine.sh up, or start Docker, or set DOCKER_HOST"
  command -v apt-get >/dev/null || fail "no Docker Engine answers, and this is no Debian: install Docker, or set DOCKER_HOST to an engine"
  say "installing $*"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >"$dir/apt.log" 2>&1 ||
    fail "apt-get could not install $*: see $dir/apt.log"
}

start() {
  if [ -n "$(engine_pid)" ] && answers "$host"; then return 0; fi
  install_packages
  if adopt_running; then return 0; fi
  [ "$(id -u)" = 0 ] || fail "only root can start the engine in $dir: run this as root, or set DOCKER_HOST to an engine"
  local pid
  pid=$(engine_pid)
  if [ -z "$pid" ]; then
    rm -f "$dir/pid" "$dir/docker.sock"
    # What a killed engine left behind; the next would wait for it in vain where nobody reaps the dead.
    runs_with "$dir/exec/containerd/containerd.pid" "$dir/exec" || rm -f "$dir/exec/containerd/containerd.pid"
    # Without live-restore an engine that has address pools of its own takes the machine's docker0, which is another's, away at each restart.
    local network=() pools=(--default-address-pool base=10.200.0.0/14,size=26) live=(--live-restore)
    [ "$apart" != --apart-default ] || live=() pools=()
    [ -z "$apart" ] || { make_bridge && network=(--bridge "$bridge" --iptables=false --ip6tables=false); }
    setsid nohup dockerd --data-root "$dir/data" --exec-root "$dir/exec" -H "$host" --pidfile "$dir/pid" \
      "${live[@]}" "${pools[@]}" --log-level warn "${network[@]}" \
      >"$dir/log" 2>&1 </dev/null 9>&- &
    pid=$!
  fi
  local tries
  for ((tries = 0; tries < 1200; tries++)); do
    if answers "$host"; then return 0; fi
    kill -0 "$pid" 2>/dev/null || fail "dockerd ended: $(tail -n 1 "$dir/log")"
    sleep 0.05
  done
  fail "dockerd did not answer within a minute: see $dir/log"
}

# The bridge that engines make by themselves is one for the whole machine, and the first engine's.
make_bridge() {
  ip link show "$bridge" >/dev/null 2>&1 && return 0
  local third
  for third in $(seq 1 250); do
    ip -o -4 address | grep -qF " 10.199.$third." || break
  done
  ip link add "$bridge" type bridge && ip address add "10.199.$third.1/24" dev "$bridge" && ip link set "$bridge" up ||
    fail "could not make the network interface $bridge, which needs root and bridges in the kernel"
}

remove() {
  [ -d "$dir" ] || return 0
  stop
  awk -v dir="$dir/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r -n 1 umount -l
  local link
  # Its networks' interfaces outlive it, and their addresses would be another engine's next.
  for link in "$bridge" $(grep -aoE '[0-9a-f]{64}' "$dir/data/network/files/local-kv.db" 2>/dev/null | cut -c 1-12 | sort -u | sed 's/^/br-/'); do
    ! ip link show "$link" >/dev/null 2>&1 || ip link delete "$link"
  done
  rm -rf "$dir"
}

stop() {
  local pid running tries
  pid=$(engine_pid)
  [ -n "$pid" ] || return 0
  # Containers would outlive the engine, as they shall when it is only restarted.
  running=$(on_engine ps -q || true)
  # shellcheck disable=SC2086 # ids, one word each
  [ -z "$running" ] || on_engine kill $running >/dev/null 2>&1 || true
  kill -TERM "$pid"
  for ((tries = 0; tries < 400; tries++)); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.05
  done
  fail "dockerd (pid $pid) did not end within 20 seconds of SIGTERM: see $dir/log"
}

has_image() { on_engine image inspect "$1" >/dev/null 2>&1; }

# Whether the image is there, and not one that this script made of other packages than it would today.
has_current_image() {
  local config
  config=$(on_engine image inspect -f '{{.Config.Env}} packages={{index .Config.Labels "ravine.packages"}}' "$1" 2>/dev/null) || return 1
  case $config in
    *PIP_NO_INDEX=1*" packages=$python_packages") ;;
    *PIP_NO_INDEX=1*) return 1 ;;
  esac
  # Node's own image says its version.
  case $1:$config in
    node:*NODE_VERSION=* | node:*" packages=$node_parts") ;;
    node:*) return 1 ;;
  esac
}

# The machine's own Debian sources, as lines of a sources.list.
apt_sources() {
  local keys=/usr/share/keyrings/debian-archive-keyring.gpg
  # shellcheck disable=SC2016 # these are apt's own variables
  apt-get indextargets --format '$(ORIGIN)|$(COMPONENT)|$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    sed -n "s#^Debian|main|\(.*\)#deb [signed-by=$keys] \1 main#p" | sort -u
}

# make_root FILE [PACKAGE,...]: a small Debian of this machine's release, without documentation.
make_root() {
  local file=$1 packages=${2:-} sources options=() part
  command -v mmdebstrap >/dev/null || apt_install mmdebstrap
  rm -rf "$file"
  sources=$(mktemp --suffix=.list)
  apt_sources >"$sources"
  if ! [ -s "$sources" ]; then
    apt-get update >"$dir/apt.log" 2>&1 || fail "apt-get update failed: see $dir/apt.log"
    apt_sources >"$sources"
  fi
  [ -s "$sources" ] || fail "no Debian source (component main) in this machine's apt sources, needed to make base images"
  for part in doc man info locale lintian groff; do options+=(--dpkgopt="path-exclude=/usr/share/$part/*"); done
  # Of the descriptions of all services of AWS, 70 MB, those that a bucket takes.
  local aws=/usr/lib/python3/dist-packages/botocore/data
  options+=(--dpkgopt="path-exclude=$aws/*")
  for part in 's3/*' endpoints.json partitions.json _retry.json sdk-default-configuration.json; do
    options+=(--dpkgopt="path-include=$aws/$part")
  done
  # shellcheck disable=SC2016 # $1 is the hook's
  nice -n 10 mmdebstrap --quiet --variant=apt --include="usr-is-merged,ca-certificates,tzdata,netbase,curl,libatomic1${packages:+,$packages}" \
    "${options[@]}" --dpkgopt=force-unsafe-io --aptopt='Apt::Install-Recommends "false"' \
    --customize-hook='chroot "$1" dpkg --purge usrmerge perl $(chroot "$1" dpkg-query -W -f "\${Package}\n" "perl-modules-*" "libperl*" "libgdbm*" libfile-find-rule-perl libnumber-compare-perl libtext-glob-perl 2>/dev/null) >/dev/null 2>&1 || true' \
    --customize-hook="$python_hook" \
    --format=tar "$codename" "$file" "$sources" 2>"$dir/mmdebstrap.log" || fail "mmdebstrap could not make a base image: see $dir/mmdebstrap.log"
  rm -f "$sources"
}

# pip takes Debian's Python packages for installed ones, psycopg2 also under the name of its binary wheel.
# shellcheck disable=SC2016 # $1 is the hook's
python_hook='[ -e "$1/usr/bin/python3" ] || exit 0
  rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED
  ln -sf python3 "$1/usr/bin/python"; ln -sf pip3 "$1/usr/bin/pip"
  packages=$1/usr/lib/python3/dist-packages
  for info in "$packages"/psycopg2-*info; do
    [ -e "$info" ] || continue
    version=$(basename "$info" | sed -E "s/^psycopg2-([0-9.]+[0-9]).*/\1/")
    twin=$packages/psycopg2_binary-$version.dist-info
    mkdir -p "$twin"
    printf "Metadata-Version: 2.1\nName: psycopg2-binary\nVersion: %s\n" "$version" >"$twin/METADATA"
    echo apt >"$twin/INSTALLER"
  done'

python_packages=python3,python3-pip,python3-venv,python3-wheel,python3-setuptools,python3-django,python3-whitenoise,gunicorn,python3-psycopg2,libjs-jquery,python3-pil,python3-dj-database-url,python3-boto3,python3-django-storages-boto3,python3-pymemcache

make_debian() {
  say "making debian:$codename-slim from Debian's packages"
  make_root "$dir/root.tar"
  on_engine import -c 'CMD ["bash"]' "$dir/root.tar" "debian:$codename-slim" >/dev/null
  rm -f "$dir/root.tar"
}

make_python() {
  say "making python:3-slim from Debian's packages"
  make_root "$dir/root.tar" "$python_packages"
  on_engine import -c 'CMD ["python3"]' \
    -c 'ENV PYTHONUNBUFFERED=1 PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore' \
    -c "LABEL ravine.packages=$python_packages" \
    "$dir/root.tar" python:3-slim >/dev/null
  rm -f "$dir/root.tar"
  local version
  version=$(on_engine run --rm --network none python:3-slim python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  on_engine tag python:3-slim "python:$version-slim"
}

# What the image made here has of Node's own: its user; and what this machine trusts, for packages come through its proxies.
node_parts=user,certificates

# Node from this checkout's own pinned package, else the machine's; npm from wherever the machine has it.
make_node() {
  say "making $node_image from $node_program"
  local context npm
  npm=$(npm root -g 2>/dev/null)/npm
  context=$(mktemp -d)
  mkdir -p "$context/local/bin" "$context/local/lib/node_modules"
  cp -L "$node_program" "$context/local/bin/node"
  if [ -d "$npm" ]; then
    cp -RL "$npm" "$context/local/lib/node_modules/npm"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$context/local/bin/npm"
    ln -s ../lib/node_modules/npm/bin/npx-cli.js "$context/local/bin/npx"
  fi
  local certificates=/etc/ssl/certs/ca-certificates.crt
  cp -L "${NODE_EXTRA_CA_CERTS:-$certificates}" "$context/certificates.crt"
  cat >"$context/Dockerfile" <<DOCKERFILE
FROM debian:$codename-slim
COPY local /usr/local
COPY certificates.crt $certificates
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
ENV NODE_EXTRA_CA_CERTS=$certificates
LABEL ravine.packages=$node_parts
CMD ["node"]
DOCKERFILE
  DOCKER_BUILDKIT=0 on_engine build -q -t "$node_image" "$context" >/dev/null || fail "could not build $node_image"
  rm -rf "$context"
}

# What slugs run in: what there is for Python where that is Debian's own, else as packages/platform/stack says.
make_stack() {
  if on_engine run --rm --network none python:3-slim sh -c 'test -x /usr/bin/python3 && ldconfig -p | grep -q libatomic.so.1' 2>/dev/null; then
    on_engine tag python:3-slim "$stack_image"
    return 0
  fi
  say "building $stack_image"
  on_engine build -q -t "$stack_image" "$root/packages/platform/stack" >/dev/null || fail "could not build $stack_image"
}

# copy_images IMAGE...: from the engine that this one stands beside.
copy_images() {
  local other
  for other in "${DOCKER_HOST:-}" "unix://$cache/ravine-engine/docker.sock" unix:///var/run/docker.sock; do
    if [ -n "$other" ] && [ "$other" != "$host" ] && DOCKER_HOST=$other docker image inspect "$@" >/dev/null 2>&1; then
      DOCKER_HOST=$other docker save "$@" | on_engine load -q >/dev/null && return 0
    fi
  done
  return 1
}

see_to_images() {
  stack_image=ravine-stack:24
  local chosen=${#wanted[@]}
  see_to_bases
  [ "$chosen" -gt 0 ] || has_image "$stack_image" || make_stack
}

see_to_bases() {
  node_program=$root/node_modules/node/bin/node
  [ -x "$node_program" ] || node_program=$(command -v node) || fail 'no node on PATH, needed for its base image'
  node_image=node:$("$node_program" -p 'process.versions.node.split(".")[0]')-slim
  codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-bookworm}")
  local image missing=()
  [ ${#wanted[@]} -gt 0 ] || wanted=("debian:$codename-slim" python:3-slim "$node_image")
  for image in "${wanted[@]}"; do has_current_image "$image" || missing+=("$image"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ -n "$apart" ] && copy_images "${missing[@]}"; then return 0; fi
  if timeout 30 env DOCKER_HOST="$host" docker pull -q "${missing[0]}" >/dev/null 2>&1; then
    for image in "${missing[@]:1}"; do on_engine pull -q "$image" >/dev/null || fail "could not pull $image"; done
    return 0
  fi
  [ -e /etc/debian_version ] || fail "no registry answers, and base images can only be made on Debian: load ${missing[*]} with docker load"
  has_image "debian:$codename-slim" || make_debian
  has_current_image python:3-slim || make_python
  has_current_image "$node_image" || make_node
}

case $action in
  up)
    mkdir -p "$dir"
    chmod 711 "$dir"
    exec 9>"$dir/lock"
    flock 9
    adopt_running || start
    see_to_images
    echo "DOCKER_HOST=$host"
    ;;
  down)
    [ -d "$dir" ] || exit 0
    exec 9>"$dir/lock"
    flock 9
    stop
    ;;
  remove)
    [ -n "$given" ] || fail 'remove needs the folder to remove'
    remove
    ;;
  status)
    if { [ -n "$(engine_pid)" ] && answers "$host"; } || adopt_running; then
      echo "DOCKER_HOST=$host"
    else
      fail "no engine runs in $dir; start one by scripts/engine.sh up"
    fi
    ;;
  *) fail 'usage: scripts/engine.sh up|down|status [DIR], up DIR --apart|--apart-default [IMAGE...], or remove DIR' ;;
esac
