/** Vagrant by its command line, in its machine-readable form. */
import { EnvironmentError } from '../../errors.ts';
import { run } from '../../host/local.ts';
import { atLeast } from '../../runtime/commands.ts';
import type { BootWatch } from './boot.ts';

export interface Vagrant {
  /**
   * Runs `vagrant ARGS --machine-readable`. EnvironmentError with Vagrant's own words where it fails. `onLine` gets
   * what Vagrant would show a person. Where `boot` watches, it ends with the error of a machine that is late.
   */
  run(
    args: readonly string[],
    options: { timeoutMs: number; boot?: BootWatch; onLine?(line: string): void },
  ): Promise<Report[]>;
  /** What a shell command prints in a machine, by Vagrant's own connection. `command` is a constant of ours. */
  ssh(name: string, command: string, options: { timeoutMs: number }): Promise<string>;
}

/** One line of the report: `target` is a machine's name, or empty. */
export interface Report {
  target: string;
  type: string;
  data: string[];
}

export interface VagrantPlace {
  /** Words before the command that enter the place in which libvirt runs. */
  enter: readonly string[];
  environment: Record<string, string>;
  signal: AbortSignal;
}

const OLDEST = [2, 2, 0];

export function vagrantCli(place: VagrantPlace): Vagrant {
  return {
    async run(args, { timeoutMs, boot, onLine }) {
      const [command = '', ...rest] = args;
      const argv = [...place.enter, 'vagrant', command, '--machine-readable', ...rest];
      const result = await run(argv, {
        timeoutMs,
        env: place.environment,
        signal: boot === undefined ? place.signal : AbortSignal.any([place.signal, boot.signal]),
        onLine(line) {
          const report = reportIn(line);
          if (report === null) return;
          boot?.see(report);
          if (report.type === 'ui') onLine?.(shown(report));
        },
      }).finally(boot?.end);
      place.signal.throwIfAborted();
      boot?.signal.throwIfAborted();
      const reports = result.stdout
        .split('\n')
        .map(reportIn)
        .filter((report) => report !== null);
      if (result.status === 0) return reports;
      throw failure(args, { ...result, timeoutMs }, reports);
    },
    async ssh(name, command, { timeoutMs }) {
      const args = ['ssh', name, '--command', command];
      const { environment: env, signal } = place;
      const result = await run([...place.enter, 'vagrant', ...args], { timeoutMs, env, signal });
      signal.throwIfAborted();
      if (result.status === 0) return result.stdout;
      throw failure(args, { ...result, timeoutMs }, []);
    },
  };
}

/** EnvironmentError where Vagrant is missing or too old to be used. */
export async function requireVagrant(enter: readonly string[] = []): Promise<string> {
  const next =
    'install Vagrant and its libvirt provider: apt-get install vagrant vagrant-libvirt, or see docs/vagrant.md';
  const asked = await run([...enter, 'vagrant', '--version'], { timeoutMs: 60_000 }).catch(() => null);
  // `env` and a shell say 127 of what they do not find.
  if (asked === null || asked.status === 127)
    throw new EnvironmentError('Vagrant is not installed on this machine', next);
  const version = /^Vagrant (\d+\.\d+\.\d+)/m.exec(asked.stdout)?.[1];
  if (version !== undefined && atLeast(version, OLDEST)) return version;
  throw new EnvironmentError(
    `Vagrant ${version ?? '(of unknown version)'} is too old: ${OLDEST.join('.')} or newer is needed`,
    next,
  );
}

/** `TIME,TARGET,TYPE,DATA…`; commas and line ends in the data are escaped. Null for what is not of that form. */
export function reportIn(line: string): Report | null {
  const [time = '', target = '', type = '', ...data] = line.split(',');
  if (!/^\d+$/.test(time) || type === '') return null;
  return { target, type, data: data.map(unescaped) };
}

function unescaped(text: string): string {
  return text.replaceAll('%!(VAGRANT_COMMA)', ',').replaceAll('\\n', '\n').replaceAll('\\r', '\r');
}

function shown({ target, data }: Report): string {
  const text = data.at(-1)?.trim().split('\n').at(-1) ?? '';
  return target === '' || text.includes(target) ? text : `${target}: ${text}`;
}

/** Vagrant ended with an error; `kind` is its class in Vagrant's own source, or empty. */
export class VagrantFailure extends EnvironmentError {
  readonly kind: string;

  constructor(kind: string, message: string, next?: string) {
    super(message, next);
    this.kind = kind;
  }
}

function failure(
  args: readonly string[],
  result: { status: number | null; stderr: string; timeoutMs: number },
  reports: readonly Report[],
): VagrantFailure {
  const exits = reports.filter(({ type }) => type === 'error-exit');
  const [kind = '', said = ''] = exits.at(-1)?.data ?? [];
  const how =
    result.status === null ? `no end within ${result.timeoutMs / 1_000} s` : `exit ${result.status}`;
  const lines = (said || result.stderr).trim().split('\n').filter(Boolean).slice(0, 12).join('\n  ');
  const next = NEXT.find(([pattern]) => pattern.test(`${kind} ${said} ${result.stderr}`))?.[1];
  return new VagrantFailure(kind, `vagrant ${args.join(' ')} failed: ${how}${lines && `\n  ${lines}`}`, next);
}

/** What to do about the failures that people meet. */
const NEXT: readonly [RegExp, string][] = [
  [
    /BoxNotFound|[Bb]ox '.*' could not be found|BoxAddShortNotFound|RemoteBox/i,
    'check `box` in vagrant/settings.yaml, or build one: THAW_VAGRANT_BOX=thaw/debian-bookworm',
  ],
  [
    /VMBootTimeout|Timed out while waiting for the machine to boot/i,
    'look at the console of the machine, shown above; a machine without KVM needs THAW_VAGRANT_DRIVER=qemu',
  ],
  [
    /provider.*(not found|could not)|ProviderNotFound|ProviderNotUsable/i,
    'install the plugin of the provider, such as vagrant-libvirt, or choose another in vagrant/settings.yaml',
  ],
  [/another process is already executing/i, 'wait for the other thaw or vagrant to end'],
  [/kvm/i, 'where KVM does not work, emulate: THAW_VAGRANT_DRIVER=qemu, after thaw testbed down --destroy'],
  [
    /libvirt.*(connect|socket)|Call to virConnectOpen failed/i,
    'start libvirtd (systemctl start libvirtd), or see docs/vagrant.md',
  ],
];
