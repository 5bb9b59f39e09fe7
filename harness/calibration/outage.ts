/** Outages of a known length, made on the host that serves: armed before they begin, and always ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { EnvironmentError } from '../errors.ts';
import { arm } from '../host/armed.ts';

import { CommandError, type Host, lastWords } from '../host/host.ts';
import { addressArgv, announceArgv } from '../migration/handover.ts';
import type { Container } from '../migration/migrate.ts';
import { freezerOf } from '../migration/watch.ts';
import type { CommandSpan, Interval, MadeOutage, OutageKind, Service, StepName } from '../model.ts';
import { tasksOf } from '../runtime/inspect.ts';
import type { TestbedHost } from '../testbed/testbed.ts';

export interface Target {
  serving: TestbedHost;
  container: Container;
  service: Service;
  clock: Clock;
}

const LIMIT_MS = 30_000;
/** Of a few looks at the freezer, over SSH too. */
const LOOKS_MS = 50;
const NO_LOG = '/run/thaw-no-log';

/** Makes one, and tells when it began and ended. CommandError where it could not be made; it is ended even so. */
export async function makeOutage(
  target: Target,
  kind: OutageKind,
  wantedMs: number,
): Promise<Pick<MadeOutage, 'begin' | 'end' | 'freezer'>> {
  const { serving, container, clock } = target;
  const freezer = kind === 'frozen' ? await requireFreezer(target) : null;
  const [begin, end, after] = await commandsOf(target, kind, freezer);
  const armed = await arm(
    serving.host,
    container.bundle,
    [
      { name: 'outage-begin', argv: begin },
      { name: 'outage', argv: ['sleep', String(wantedMs / 1_000)] },
      { name: 'outage-end', argv: end },
      ...(after === undefined ? [] : [{ name: null, argv: after }]),
    ],
    { clock, hostClock: serving.clock, armLimitMs: LIMIT_MS, limitMs: LIMIT_MS + wantedMs },
  );
  // There is no log to look at.
  const watching = freezer === null ? null : await serving.observe.watch({ log: NO_LOG, freezer });
  let ended = false;
  try {
    // A change is seen only by a look on each side of it.
    if (watching !== null) await sleep(LOOKS_MS);
    armed.fire();
    ended = await armed.done;
    if (watching !== null) await sleep(LOOKS_MS);
    const seen = await watching?.stop();
    await serving.clock.read();
    const spans = armed.spans();
    if (!ended) throw failureOf(serving.host, spans, armed.output());
    return {
      begin: lifeOf(spans['outage-begin']),
      end: lifeOf(spans['outage-end']),
      freezer: seen?.().freezer ?? [],
    };
  } finally {
    armed.disarm();
    if (!ended) await serving.host.exec(end, { timeoutMs: LIMIT_MS, allowFailure: true });
  }
}

/** What begins it, what ends it, and what neighbours are told then. */
async function commandsOf(
  { serving, container, service }: Target,
  kind: OutageKind,
  freezer: string | null,
): Promise<[string[], string[], string[]?]> {
  const rule = (action: '-I' | '-D', ...what: string[]): string[] => [
    'iptables',
    '-w',
    action,
    'INPUT',
    '-p',
    'tcp',
    '--dport',
    String(service.port),
    '-j',
    ...what,
  ];
  switch (kind) {
    case 'stopped': {
      const tasks = await tasksOf(serving.host, container);
      return [signal('STOP', tasks), signal('CONT', tasks)];
    }
    case 'frozen':
      return [freeze('FROZEN', freezer as string), freeze('THAWED', freezer as string)];
    case 'refused': {
      const reset = ['REJECT', '--reject-with', 'tcp-reset'];
      return [rule('-I', ...reset), rule('-D', ...reset)];
    }
    case 'dropped':
      return [rule('-I', 'DROP'), rule('-D', 'DROP')];
    case 'address-gone':
      return [
        addressArgv('del', service, serving.interface),
        addressArgv('add', service, serving.interface),
        announceArgv(service, serving.interface),
      ];
  }
}

async function requireFreezer({ serving, container }: Target): Promise<string> {
  const freezer = await freezerOf(serving, container);
  if (freezer !== null) return freezer;
  throw new EnvironmentError(`the runtime on ${serving.host.name} does not tell the container's freezer`);
}

// Over when it is so, and not when it has been asked for.
const FREEZE = `
if [ -e "$1/freezer.state" ]; then
  echo "$2" >"$1/freezer.state"
  until read -r state <"$1/freezer.state" && [ "$state" = "$2" ]; do :; done
else
  wanted=0; [ "$2" = THAWED ] || wanted=1
  echo "$wanted" >"$1/cgroup.freeze"
  until [ "$frozen" = "$wanted" ]; do
    while read -r key value; do [ "$key" != frozen ] || frozen=$value; done <"$1/cgroup.events"
  done
fi`;

function freeze(state: 'FROZEN' | 'THAWED', directory: string): string[] {
  return ['/bin/sh', '-c', FREEZE, 'sh', directory, state];
}

function signal(name: string, tasks: readonly number[]): string[] {
  return ['/bin/sh', '-c', 'signal=$1; shift; kill "-$signal" "$@"', 'sh', name, ...tasks.map(String)];
}

function lifeOf(span: CommandSpan | undefined): Interval {
  if (span === undefined) throw new Error('an outage that was made has no times');
  return { earliest: span.exec.earliest, latest: span.exit.latest };
}

function failureOf(host: Host, spans: Partial<Record<StepName, CommandSpan>>, output: string): CommandError {
  const last = Object.values(spans).at(-1);
  const result = { status: last?.status ?? -1, stdout: '', stderr: lastWords(output) };
  return new CommandError(host.name, last?.argv ?? [], result, 0);
}
