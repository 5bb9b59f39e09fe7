/** A run as a plain POSIX shell script: settings of the run, and the steps that are the same for every run. */
import type { HostName } from '../../model.ts';
import { lazyPagesArgv, pageServerArgv, pageServerFlags } from '../../runtime/commands.ts';
import { REPLAY_BODY } from './replay-body.ts';

/** What a script is to do again. Words are those of a command line, and quoted one by one. */
export interface Replay {
  run: string;
  thaw: string;
  scenario: string;
  runtime: string;
  id: string;
  bundle: string;
  service: { name: string; address: string; prefixLength: number; port: number };
  path: string;
  hosts: HostName[];
  /** Of the hosts, and then of the client. */
  addresses: string[];
  legs: { source: HostName; destination: HostName }[];
  config: string;
  /** On every host. */
  directories: string[];
  hostFiles: { host: HostName; path: string; content: string }[];
  /** What was recorded of each: its toolchain, and how its root is had where TOOLCHAIN does not name one. */
  toolchains: { host: HostName; name: string; versions: string; root: Root }[];
  rootfs: Root;
  /** Where it lies below the bundle's directory: `/rootfs`, or '' for a bundle of the user's own. */
  rootAt: '/rootfs' | '';
  readOnlyRoot: boolean;
  userNamespace: boolean;
  cgroups: 'machine' | 'v2';
  shareMiB: number;
  connected: boolean;
  kept: boolean;
  claim: 'before-restore' | 'after-restore';
  hook: { path: string; text: string } | null;
  criuConf: { path: string; source: string[]; destination: string[] };
  guards: readonly (readonly string[])[];
  copies: boolean;
  /** Whether they follow the container, go before it to a server, or lie in the images. */
  pages: 'follow' | 'before' | 'in-images';
  /** Of CRIU's page server, wherever it is. */
  pagesPort: number;
  limitS: number;
  /** Of the whole machine, for as long as the script runs. */
  settings: readonly { name: string; value: number; atLeast?: boolean | undefined }[];
  images: { directory: string; perMigration: boolean; given: boolean };
  preDumps: { flags: string[]; parents: (string | null)[] };
  checkpointFlags: string[];
  restoreFlags: string[];
  expected: { phase: string; line: string } | null;
  /** What the run had and the script has not, one sentence each. */
  without: string[];
}

/** `build` with mmdebstrap; `given`: whoever runs it names the directory. */
export type Root =
  | { kind: 'directory'; path: string }
  | {
      kind: 'build';
      suite: string;
      packages: string[];
      files: { path: string; content: string }[];
      directories: string[];
    }
  | { kind: 'given'; what: string };

export function renderReplay(replay: Replay): string {
  return `${[...top(replay), ...settings(replay), ...roots(replay), ...files(replay), ...steps(replay)].join('\n')}\n${REPLAY_BODY}`;
}

/** A word of the shell that means itself. */
function q(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

const words = (list: readonly string[]): string => list.map(q).join(' ');

/** In a comment: one line, whatever it holds. */
function comment(text: string): string {
  return `# ${text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 400)}`;
}

function top(replay: Replay): string[] {
  const { run, thaw, scenario, toolchains, without } = replay;
  return [
    '#!/bin/sh',
    '# shellcheck disable=SC2016 # Texts of the run stand here as they are.',
    comment(`The run ${run} of the scenario ${scenario} again, without Thaw (written by Thaw ${thaw}).`),
    '#',
    '# Two hosts and a client of namespaces on this machine, which share a directory; the container is started on the first',
    '# and migrated by checkpoint and restore. As root, on Linux. All that is made goes away with the script.',
    '#',
    '#   TOOLCHAIN  directory of a root file system with runtime and CRIU for all hosts (or several, joined by ":",',
    '#              the first above the others); built with mmdebstrap where it is not given; "/" for what is installed',
    '#   TOOLCHAIN_1, TOOLCHAIN_2 ...  the same for one host by its number',
    ...rootUsage(replay),
    '#   MIRROR     address of the Debian mirror for mmdebstrap',
    '#',
    '# 0: it went as in the run. 1: it did not. 2: it could not be tried.',
    '#',
    ...toolchains.map(({ host, name, versions }) => comment(`${host} had ${name}: ${versions}`)),
    ...replay.settings.map(({ name, value }) =>
      comment(`While it runs, this machine has ${name} = ${value}; it is put back at the end.`),
    ),
    ...without.map((what) => comment(`Not in this script: ${what}`)),
    'set -eu',
    '',
  ];
}

function rootUsage({ rootfs, rootAt }: Replay): string[] {
  if (rootAt === '') {
    const own = rootfs.kind === 'directory' ? rootfs.path : '';
    return [
      '#   ROOTFS     directory of the bundle of the run, with its root file system; its config.json is in this script;',
      comment(`             where it is not given, ${own}`),
    ];
  }
  return [
    "#   ROOTFS     directory of the container's root file system; built with mmdebstrap where it is not given",
  ];
}

function settings(replay: Replay): string[] {
  const { service, expected, hook } = replay;
  const given: [string, string | number | boolean][] = [
    ['runtime', replay.runtime],
    ['id', replay.id],
    ['bundle', replay.bundle],
    ['service', service.name],
    ['address', service.address],
    ['prefix', service.prefixLength],
    ['port', service.port],
    ['path', replay.path],
    ['hosts', replay.hosts.join(' ')],
    ['addresses', replay.addresses.join(' ')],
    ['legs', replay.legs.map(({ source, destination }) => `${source}:${destination}`).join(' ')],
    ['read_only', replay.readOnlyRoot],
    ['root_at', replay.rootAt],
    ['pages', replay.pages],
    ['limit', replay.limitS],
    ['user_namespace', replay.userNamespace],
    ['cgroups', replay.cgroups],
    ['share_mib', replay.shareMiB],
    ['connected', replay.connected],
    ['kept', replay.kept],
    ['claim', replay.claim],
    ['hook', hook?.path ?? ''],
    ['conf', replay.criuConf.path],
    ['expected_phase', expected?.phase ?? ''],
    ['expected_line', expected?.line ?? ''],
  ];
  return [...given.map(([name, value]) => `${name}=${q(String(value))}`), `ROOTFS=\${ROOTFS:-}`, ''];
}

function roots({ toolchains, rootfs }: Replay): string[] {
  return [
    'find_roots() {',
    ...toolchains.flatMap(({ root }, i) =>
      found(
        `TOOLCHAIN_${i + 1}`,
        `\${TOOLCHAIN:-}`,
        root,
        `"$work/toolchain-${root.kind === 'build' ? root.suite.replaceAll(/[^\w.-]+/g, '_') : ''}"`,
      ),
    ),
    ...found('ROOTFS', '', rootfs, '"$work/rootfs"'),
    '}',
    '',
    'toolchain_of() { # HOST',
    '  case $1 in',
    ...toolchains.map(({ host }, i) => `    ${q(host)}) echo "$TOOLCHAIN_${i + 1}" ;;`),
    '  esac',
    '}',
    '',
  ];
}

function found(name: string, otherwise: string, root: Root, into: string): string[] {
  const value = otherwise === '' ? `\${${name}:-}` : `\${${name}:-${otherwise}}`;
  return [
    `  ${name}=${value}`,
    `  if [ -z "$${name}" ]; then`,
    ...had(name, root, into).map((line) => `    ${line}`),
    '  fi',
  ];
}

function had(name: string, root: Root, into: string): string[] {
  switch (root.kind) {
    case 'directory':
      return [`${name}=${q(root.path)}`];
    case 'given':
      return [`stop ${q(`set ${name}: ${root.what}`)}`];
    case 'build':
      return [
        `${name}=${into}`,
        `[ -d "$${name}" ] || build ${q(root.suite)} ${q(root.packages.join(','))} "$${name}"`,
        ...root.directories.map((path) => `mkdir -p -- "$${name}"${q(path)}`),
        ...root.files.flatMap(({ path, content }) => [
          `mkdir -p -- "$(dirname -- "$${name}"${q(path)})"`,
          `printf '%s' ${q(content)} >"$${name}"${q(path)}`,
        ]),
      ];
  }
}

function files(replay: Replay): string[] {
  const { config, hostFiles, hosts, hook, criuConf, directories } = replay;
  return [
    'config() {',
    `  printf '%s\\n' ${q(config)}`,
    '}',
    '',
    'host_files() { # HOST',
    ...(directories.length === 0 ? [] : [`  on "$1" mkdir -p -- ${words(directories)} </dev/null`]),
    '  case $1 in',
    ...hosts.flatMap((host) => [
      `    ${q(host)})`,
      ...hostFiles
        .filter((file) => file.host === host)
        .map(({ path, content }) => `      printf '%s' ${q(content)} | put "$1" ${q(path)} 644`),
      '      ;;',
    ]),
    '  esac',
    '}',
    '',
    'machine_settings() {',
    ...(replay.settings.length === 0 ? ['  :'] : []),
    ...replay.settings.map(
      ({ name, value, atLeast }) => `  change ${q(name)} ${value} ${atLeast ? 'at-least' : 'exact'}`,
    ),
    '}',
    '',
    `hook_text() { printf '%s' ${q(hook?.text ?? '')}; }`,
    '',
    'criu_conf() { # ROLE',
    '  case $1 in',
    `    source) printf '%s\\n' ${words(['', ...criuConf.source])} ;;`,
    `    destination) printf '%s\\n' ${words(['', ...criuConf.destination])} ;;`,
    '  esac',
    '}',
    '',
  ];
}

function steps(replay: Replay): string[] {
  const { images, runtime, id, preDumps, copies } = replay;
  const at = images.given ? '--image-path "$2" --work-path "$2" ' : '';
  const command = (...parts: string[]): string =>
    `in_bundle "$1" ${[q(runtime), ...parts].filter(Boolean).join(' ')}`;
  return [
    'images_of() { # NUMBER',
    images.perMigration
      ? `  printf '%s/%04d\\n' ${q(images.directory)} "$1"`
      : `  echo ${q(images.directory)}`,
    '}',
    '',
    'prepare() { # HOST IMAGES',
    '  on "$1" rm -rf --one-file-system -- "$2"',
    `  on "$1" mkdir -p -- "$2"${preDumps.parents.map((_, i) => ` "$2/pre-${i + 1}"`).join('')}`,
    '}',
    '',
    'guard() { # HOST -I|-D',
    ...(replay.guards.length === 0 ? ['  : "$@"'] : []),
    ...replay.guards.map((rule) => `  on "$1" iptables "$2" ${words(rule)} </dev/null`),
    '}',
    '',
    'pre_dumps() { # HOST IMAGES',
    ...(preDumps.parents.length === 0 ? ['  : "$@"'] : []),
    ...preDumps.parents.map((parent, i) => {
      const where = `--image-path "$2/pre-${i + 1}" --work-path "$2/pre-${i + 1}"`;
      const since = parent === null ? '' : `--parent-path ${q(parent)}`;
      return `  ${command('checkpoint --pre-dump', where, since, words(preDumps.flags), q(id))} || return 1`;
    }),
    '}',
    '',
    'checkpoint() { # HOST IMAGES DESTINATION',
    `  ${command('checkpoint', at.trim(), pageFlags(replay), words(replay.checkpointFlags), q(id))}`,
    '}',
    '',
    ...(replay.pages === 'follow' ? lazyPages(replay) : []),
    ...(replay.pages === 'before' ? pageServer(replay) : []),
    '',
    'transfer() { # SOURCE DESTINATION IMAGES',
    copies ? '  on "$1" tar -C "$3" -cf - . </dev/null | on "$2" tar -C "$3" -xf -' : '  : "$@"',
    '}',
    '',
    'restore() { # HOST IMAGES',
    `  ${command('restore -d', `${at}${words(replay.restoreFlags)}`.trim(), q(id))}`,
    '}',
  ];
}

function pageFlags({ pages, pagesPort }: Replay): string {
  switch (pages) {
    case 'follow':
      return words(pageServerFlags(pagesPort));
    case 'before':
      return `--page-server "$(address_of "$3"):${pagesPort}"`;
    case 'in-images':
      return '';
  }
}

function lazyPages({ pagesPort }: Replay): string[] {
  const argv = lazyPagesArgv({ address: ADDRESS, port: pagesPort }, { images: IMAGES, work: IMAGES });
  return ['lazy_pages() { # HOST IMAGES SOURCE', `  in_bundle "$1" ${placed(argv, '"$3"')}`, '}', ''];
}

function pageServer({ pagesPort }: Replay): string[] {
  const argv = pageServerArgv({ address: ADDRESS, port: pagesPort }, IMAGES);
  return ['page_server() { # HOST IMAGES', `  in_bundle "$1" ${placed(argv, '"$1"')}`, '}', ''];
}

const ADDRESS = '@address';
const IMAGES = '@images';

/** A command of which the script knows the images as its second argument, and an address by its host. */
function placed(argv: readonly string[], host: string): string {
  return argv
    .map((word) => {
      if (word === ADDRESS) return `"$(address_of ${host})"`;
      return word.startsWith(IMAGES) ? `"$2"${q(word.slice(IMAGES.length))}`.replace(/''$/, '') : q(word);
    })
    .join(' ');
}
