#!/usr/bin/env bash
# Installs what the delivery benchmark is compared with, below .benchmark/ of the checkout and nowhere else.
# A part that cannot be installed is left out; the benchmark then says so in one line. Safe to repeat.
set -u
root="$(cd "$(dirname "$0")/../.." && pwd)"
into="$root/.benchmark"
mkdir -p "$into"
cd "$into" || exit 1

python_peers() {
  local python="${PYTHON:-python3}"
  "$python" -m venv venv &&
    venv/bin/python -m pip install --quiet --disable-pip-version-check \
      'python-socketio>=5.12,<6' 'uvicorn[standard]>=0.34' \
      'flask-socketio>=5.5,<6' 'gevent>=24' 'gevent-websocket>=0.10' 'simple-websocket>=1.1'
}

node_peer() {
  npm install --silent --no-audit --no-fund --no-package-lock --prefix node 'socket.io@4.8'
}

# The Debian packages are unpacked, not installed: no root, and no nginx that starts by itself.
nchan() {
  mkdir -p debs && cd debs &&
    apt-get download -qq libnginx-mod-nchan nginx $(
      apt-cache depends libnginx-mod-nchan | sed -n 's/.*Depends: \(lib[a-z0-9.+-]*\)$/\1/p' | grep -v '^libc6$'
    ) && cd .. && for deb in debs/*.deb; do dpkg -x "$deb" nchan || return 1; done
}

step() {
  local name="$1" proof="$2"
  shift 2
  [ -e "$proof" ] && return
  echo "benchmark peers: installing $name" >&2
  ("$@") >"$name.log" 2>&1 || echo "benchmark peers: $name failed, see .benchmark/$name.log" >&2
}

step python venv/bin/uvicorn python_peers
step node node/node_modules/socket.io/package.json node_peer
step nchan nchan/usr/lib/nginx/modules/ngx_nchan_module.so nchan
