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
    packages: [...COMPILER, 'golang-go', 'libseccomp-dev'],
    script: `
if [ ! -d vendor ]; then echo "runc: this revision has no vendor directory, and the build has no network" >&2; exit 1; fi
export GOFLAGS=-mod=vendor GOTOOLCHAIN=local GOMAXPROCS="$1"
make static COMMIT="$2" EXTRA_FLAGS=-buildvcs=false`,
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
make -j"$1" crun`,
    product: 'crun',
    about: '1 min',
  },
};
