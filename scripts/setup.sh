#!/bin/sh
# Everything that a fresh clone lacks, each said in one line before it happens, each skipped when it is there. With
# --all-tests also what the tests need that would be skipped without: Chromium, an sshd, dnf, Vagrant with libvirt.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 2; }

command -v node >/dev/null || stop 'Node.js 20.19 or newer is missing; on Debian: apt-get install nodejs npm'
node -e 'const [a, b] = process.versions.node.split("."); process.exit(+a > 20 || (+a === 20 && +b >= 19) ? 0 : 1)' ||
  stop "Node.js $(node --version) is too old; Thaw needs 20.19 or newer"

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say 'installing npm packages (npm ci)'
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi

if [ ! -e dist/main.js ] || [ -n "$(find harness package.json tsconfig.json tsconfig.build.json -newer dist/main.js | head -n 1)" ]; then
  say 'building (tsc)'
  npm run --silent build
  touch dist/main.js
fi

# From here on: what the namespace testbed needs of the system. Only Linux has it, and only root may install it.
[ "$(uname -s)" = Linux ] || exit 0
[ "$(id -u)" = 0 ] || exit 0
missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need mmdebstrap mmdebstrap
need ip iproute2
need nsenter util-linux
need setpriv util-linux
if [ "${1:-}" = --all-tests ]; then
  # Also where root's path does not have them.
  PATH=$PATH:/usr/sbin:/sbin
  need chromium chromium
  need sshd openssh-server
  need ssh openssh-client
  need dnf dnf
  need rpmbuild rpm
  need createrepo_c createrepo-c
  need vagrant 'vagrant vagrant-libvirt'
  need libvirtd 'libvirt-daemon-system libvirt-clients'
  need qemu-system-x86_64 qemu-system-x86
  need qemu-img qemu-utils
  need dnsmasq dnsmasq-base
  need cpio cpio
  need busybox busybox
  need iptables iptables
  need shellcheck shellcheck
  need tcpdump tcpdump
  need strace strace
  # Packages start what they install only where a system runs; these are for the tests' own places.
  export RUNLEVEL=1
fi
if [ -n "$missing" ]; then
  if command -v apt-get >/dev/null; then
    say "installing Debian packages:$missing"
    [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y $missing >/dev/null ||
      { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y $missing >/dev/null; }
  elif command -v dnf >/dev/null; then
    say 'this distribution needs: dnf install iproute util-linux runc criu'
  fi
fi
