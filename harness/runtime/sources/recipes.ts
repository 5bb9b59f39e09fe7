/** How each part is built from its sources: from which packages of which suite, and with which commands. */
import type { Tool } from '../parts.ts';

export interface BuildRecipe {
  /** Debian suite of the clean root. What is linked dynamically runs where the C library is as new, or newer. */
  suite: string;
  /** Build dependencies. */
  packages: readonly string[];
  /** Shell text, a constant: $1 is the number of jobs, $2 the commit. Runs in the sources. */
  script: string;
  /** The binary, from the top of the sources. */
  product: string;
  /** For the line that announces a build. */
  about: string;
}

/** Raised when a recipe comes to other binaries than before: cached builds are then not taken. */
export const RECIPES_VERSION = 1;

const COMPILER = ['gcc', 'libc6-dev', 'make', 'pkg-config'];

/** For sources without their vendor directory, as Debian has them. */
const RUNC_LIBRARIES = [
  'golang-dbus-dev',
  'golang-github-checkpoint-restore-go-criu-dev',
  'golang-github-cilium-ebpf-dev',
  'golang-github-containerd-console-dev',
  'golang-github-coreos-go-systemd-dev',
  'golang-github-cyphar-filepath-securejoin-dev',
  'golang-github-docker-go-units-dev',
  'golang-github-moby-sys-dev',
  'golang-github-mrunalp-fileutils-dev',
  'golang-github-opencontainers-cgroups-dev',
  'golang-github-opencontainers-selinux-dev',
  'golang-github-opencontainers-specs-dev',
  'golang-github-seccomp-libseccomp-golang-dev',
  'golang-github-sirupsen-logrus-dev',
  'golang-github-urfave-cli-dev',
  'golang-github-vishvananda-netlink-dev',
  'golang-gocapability-dev',
  'golang-golang-x-net-dev',
  'golang-google-protobuf-dev',
];

export const RECIPES: Record<Tool, BuildRecipe> = {
  criu: {
    // The oldest suite that `auto` tries: its binaries run in the roots of the newer ones.
    suite: 'bookworm',
    packages: [
      ...COMPILER,
      'libprotobuf-c-dev',
      'protobuf-c-compiler',
      'protobuf-compiler',
      'libprotobuf-dev',
      'python3',
      'python3-protobuf',
      'libnl-3-dev',
      'libcap-dev',
      'libnet1-dev',
      'libbsd-dev',
      'libnftables-dev',
      'libgnutls28-dev',
      'uuid-dev',
    ],
    // A compiler that is newer than the revision warns of more than its authors saw.
    script: 'make -j"$1" WERROR=0 criu',
    product: 'criu/criu',
    about: '2 min',
  },
  runc: {
    // Linked statically, so the newest Go is no hindrance.
    suite: 'forky',
    packages: [...COMPILER, 'golang-go', 'libseccomp-dev', ...RUNC_LIBRARIES],
    script: `
export GOTOOLCHAIN=local GOMAXPROCS="$1"
if [ -d vendor ]; then make static COMMIT="$2" EXTRA_FLAGS=-buildvcs=false; exit; fi
echo "no vendor directory: against the libraries that Debian has"
export GO111MODULE=off GOPATH=/build/.go:/usr/share/gocode CGO_ENABLED=1
mkdir -p .go/src/github.com/opencontainers
ln -s /build .go/src/github.com/opencontainers/runc
cd .go/src/github.com/opencontainers/runc
go build -p "$1" -tags 'seccomp urfave_cli_no_docs netgo osusergo' -o runc \
  -ldflags "-X main.gitCommit=$2 -linkmode external -extldflags -static" .`,
    product: 'runc',
    about: '2 min',
  },
  crun: {
    // The oldest suite that has CRIU's library.
    suite: 'trixie',
    packages: [
      ...COMPILER,
      'automake',
      'autoconf',
      'libtool',
      'git',
      'gperf',
      'python3',
      'libcap-dev',
      'libseccomp-dev',
      'libsystemd-dev',
      'libyajl-dev',
      'libjson-c-dev',
      'libcriu-dev',
    ],
    script: `
if [ ! -x configure ]; then ./autogen.sh; fi
./configure --disable-libcrun
make -j"$1"`,
    product: 'crun',
    about: '1 min',
  },
};
