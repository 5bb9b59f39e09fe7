/** How the hosts send: a queueing discipline of the kernel on the interface of each, at its root. */
import { EnvironmentError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { NetworkPlan, RunHead } from '../model.ts';
import type { Scope } from '../scope.ts';

/** `th`: by it a later run, and `thaw clean`, know what a killed one has left. */
const HANDLE = '7468:';
const BELOW = '7469:';
const LIMIT = { timeoutMs: 30_000 };
const TRY = { ...LIMIT, allowFailure: true };

interface Sender {
  host: Host;
  interface: string;
}

/** The hosts send by the plan until the scope undoes it; what the record says of it. */
export async function shapeHosts(
  plan: NetworkPlan,
  hosts: readonly Sender[],
  { seed, scope }: { seed: number; scope: Scope },
): Promise<RunHead['adaptations']> {
  const seeds: string[] = [];
  for (const [index, { host, interface: device }] of hosts.entries()) {
    await requireNoOther(host, device);
    const drawn = (seed + index) % 2 ** 32;
    const { lines, seeded } = await possible(plan, drawn, host);
    scope.defer(`let ${host.name} send as before`, () => unshape(host, device));
    await host.exec(['tc', '-batch', '-'], { ...LIMIT, input: batch(lines, device) });
    if (seeded) seeds.push(`${drawn} on ${host.name}`);
  }
  const drawn = plan.lossPercent === 0 ? [] : [`losses drawn by ${seedsTold(seeds)}`];
  return [
    {
      what: [`each host sends ${told(plan)}`, ...drawn].join('; '),
      why: '`network` asks for it; answers to the client go the same way',
    },
  ];
}

/** Why this host cannot send so; null where it can. Tried in a network of its own, so that nothing is changed. */
export async function whyUnshaped(plan: NetworkPlan, host: Host): Promise<string | null> {
  const tried = await possible(plan, 0, host);
  if (tried.error === null) return null;
  const needs = isLate(plan) ? 'network.delay and network.loss need netem' : 'network.rate needs tbf';
  return `${needs}, which ${host.name} does not have: ${tried.error}`;
}

/** Takes away what a run has set on that interface, and nothing else. */
export async function unshape(host: Host, device: string): Promise<void> {
  const root = await rootOf(host, device);
  if (root?.includes(` ${HANDLE} `)) await host.exec(['tc', 'qdisc', 'del', 'dev', device, 'root'], LIMIT);
}

/** Interfaces on which a run has left it. */
export async function shapedInterfaces(host: Host): Promise<string[]> {
  const { stdout } = await host.exec(['tc', 'qdisc', 'show'], TRY);
  const ours = new RegExp(`^qdisc \\S+ ${HANDLE} dev (\\S+) root`, 'gm');
  return [...stdout.matchAll(ours)].map(([, device = '']) => device);
}

interface Tried {
  lines: readonly string[];
  seeded: boolean;
  error: string | null;
}

/** With a seed where kernel and tc know one, which is since Linux 6.6 and iproute2 6.6; else the kernel draws. */
async function possible(plan: NetworkPlan, seed: number, host: Host): Promise<Tried> {
  const attempts = plan.lossPercent === 0 ? [false] : [true, false];
  let last: Tried = { lines: [], seeded: false, error: null };
  for (const seeded of attempts) {
    const lines = disciplines(plan, seeded ? seed : null);
    const { status, stdout, stderr } = await host.exec(['unshare', '--net', '--', 'tc', '-batch', '-'], {
      ...TRY,
      input: batch(lines, 'lo'),
    });
    // After the reason tc says which line of its input it was.
    const [words = ''] = (stderr || stdout).trim().split('\n');
    last = { lines, seeded, error: status === 0 ? null : words || `tc ended with ${status}` };
    if (status === 0) break;
  }
  return last;
}

/** What comes after `qdisc add dev DEVICE`. A late packet waits in netem before it takes its turn in tbf. */
function disciplines(plan: NetworkPlan, seed: number | null): string[] {
  const { rateKbit, delayMs, lossPercent } = plan;
  const late = isLate(plan);
  const netem = [
    `root handle ${HANDLE} netem limit ${QUEUE_PACKETS} delay ${Math.round(delayMs * 1_000)}us`,
    ...(lossPercent > 0 ? [`loss ${lossPercent}%`] : []),
    ...(lossPercent > 0 && seed !== null ? [`seed ${seed}`] : []),
  ].join(' ');
  if (rateKbit === null) return [netem];
  const at = late ? `parent ${HANDLE}1 handle ${BELOW}` : `root handle ${HANDLE}`;
  const burst = Math.max(LEAST_BURST_BYTES, Math.ceil((rateKbit * TICK_MS) / 8));
  const tbf = `${at} tbf rate ${rateKbit}kbit burst ${burst}b latency 100ms`;
  return late ? [netem, tbf] : [tbf];
}

/** What is on its way at 1 Gbit/s with a delay of 100 ms, and more. */
const QUEUE_PACKETS = 20_000;
/** The largest packet that the kernel sends in one piece. */
const LEAST_BURST_BYTES = 65_536;
/** Of a kernel with the slowest tick; a smaller bucket would be full before it is looked at again. */
const TICK_MS = 4;

function batch(lines: readonly string[], device: string): string {
  return lines.map((line) => `qdisc add dev ${device} ${line}\n`).join('');
}

function isLate({ delayMs, lossPercent }: NetworkPlan): boolean {
  return delayMs > 0 || lossPercent > 0;
}

/** A queueing discipline of somebody else's would be lost. Those that the kernel sets by itself have the handle 0. */
async function requireNoOther(host: Host, device: string): Promise<void> {
  const root = await rootOf(host, device);
  if (root === null || / 0: /.test(root) || root.includes(` ${HANDLE} `)) return;
  throw new EnvironmentError(
    `${host.name} has a queueing discipline of its own on ${device}: ${root.trim()}`,
    'leave `network` out of the scenario, or remove it there',
  );
}

async function rootOf(host: Host, device: string): Promise<string | null> {
  const { stdout } = await host.exec(['tc', 'qdisc', 'show', 'dev', device], TRY);
  return stdout.split('\n').find((line) => / root /.test(line)) ?? null;
}

function told({ rateKbit, delayMs, lossPercent }: NetworkPlan): string {
  return [
    ...(rateKbit === null ? [] : [`at most ${rateKbit / 1_000} Mbit/s`]),
    ...(delayMs === 0 ? [] : [`${delayMs} ms late`]),
    ...(lossPercent === 0 ? [] : [`without ${lossPercent} % of its packets`]),
  ].join(', ');
}

function seedsTold(seeds: readonly string[]): string {
  if (seeds.length === 0) return 'the kernel, for its netem or `tc` takes no seed';
  return `seed ${seeds.join(', ')}`;
}
