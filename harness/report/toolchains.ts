/** What `thaw toolchains` shows. */
import { inVerdictColour, MARKS, paintOf, type Style } from './style.ts';
import { columnsOf, hang, padLeft, padRight, safeText } from './text.ts';

/** The trial of a toolchain, as it is told. */
export interface TrialLine {
  works: boolean;
  why: string;
  versions: Record<'runc' | 'crun' | 'criu', string>;
}

export interface ItemLine {
  name: string;
  what: string;
  bytes: number;
  usedAt: string;
  whole: boolean;
  trials: readonly TrialLine[];
}

export interface BuiltLine {
  asked: string;
  name: string;
  root: string | null;
  binaries: string | null;
}

/** Two or three lines an item: what it is, its name in the cache, and what its trials on this kernel said. */
export function renderItems(items: readonly ItemLine[], style: Style & { now: Date }): string {
  if (items.length === 0) return 'The cache is empty.\n';
  const paint = paintOf(style);
  const lines = items.flatMap((item) => {
    const state = item.whole ? 'pass' : 'fail';
    const facts = [
      megabytes(item.bytes),
      `used ${ago(item.usedAt, style.now)}`,
      item.whole ? 'verified' : 'damaged',
    ];
    const [first = '', ...rest] = hang('  ✓ ', safeText(item.what, TEXT_AT_MOST), style.width);
    return [
      `  ${inVerdictColour(paint, state, MARKS[state])}${first.slice(3)}`,
      ...rest,
      `    ${facts.join(', ')}`,
      ...hang('    ', safeText(item.name, TEXT_AT_MOST), style.width).map((line) => paint.dim(line)),
      ...item.trials.flatMap((trial) => hang('    ', trialWords(trial), style.width)),
    ];
  });
  const all = items.reduce((sum, { bytes }) => sum + bytes, 0);
  const end = `${items.length} ${items.length === 1 ? 'item' : 'items'}, ${megabytes(all)}`;
  return `${[...lines, end].join('\n')}\n`;
}

export function renderBuilt(built: readonly BuiltLine[], style: Style): string {
  const lines = built.flatMap(({ name, root, binaries }) => [
    ...hang(`  ${MARKS.pass} `, safeText(name, TEXT_AT_MOST), style.width),
    ...(root === null ? [] : hang('    root      ', safeText(root, TEXT_AT_MOST), style.width)),
    ...(binaries === null ? [] : hang('    binaries  ', safeText(binaries, TEXT_AT_MOST), style.width)),
  ]);
  return `${lines.join('\n')}\n`;
}

export function renderTrials(
  checked: readonly (TrialLine & { name: string; features: Record<string, boolean> })[],
  style: Style,
): string {
  const paint = paintOf(style);
  const lines = checked.flatMap((trial) => {
    const state = trial.works ? 'pass' : 'fail';
    const [first = '', ...rest] = hang('  ✓ ', safeText(trial.name, TEXT_AT_MOST), style.width);
    const names = Object.entries(trial.features);
    const width = Math.max(0, ...names.map(([name]) => columnsOf(name)));
    return [
      `  ${inVerdictColour(paint, state, MARKS[state])}${first.slice(3)}`,
      ...rest,
      ...hang('    ', trialWords(trial), style.width),
      ...names.map(([name, has]) => `      ${padRight(name, width)}  ${has ? 'yes' : 'no'}`),
    ];
  });
  return `${lines.join('\n')}\n`;
}

export function renderRemoved(
  { removed, inUse }: { removed: readonly Sized[]; inUse: readonly Sized[] },
  style: Style,
): string {
  if (removed.length + inUse.length === 0) return 'There was nothing to remove.\n';
  const width = Math.max(...[...removed, ...inUse].map(({ bytes }) => columnsOf(megabytes(bytes))));
  const line = (word: string, { what, bytes }: Sized) =>
    hang(`  ${word}  ${padLeft(megabytes(bytes), width)}  `, safeText(what, TEXT_AT_MOST), style.width);
  const lines = [
    ...removed.flatMap((item) => line('removed', item)),
    ...inUse.flatMap((item) => line('in use ', item)),
  ];
  const end =
    inUse.length === 0 ? [] : ['What is in use belongs to a run that goes on: remove it afterwards.'];
  return `${[...lines, ...end].join('\n')}\n`;
}

type Sized = Pick<ItemLine, 'what' | 'bytes'>;

const TEXT_AT_MOST = 400;

function trialWords({ works, why, versions }: TrialLine): string {
  const known = Object.entries(versions)
    .filter(([, version]) => version !== 'unknown')
    .map(([tool, version]) => `${tool === 'criu' ? 'CRIU' : tool} ${version}`);
  const outcome = works
    ? 'dumped and restored a listening process on this kernel'
    : `fails on this kernel: ${why}`;
  return safeText(`${known.join(', ') || 'no versions'}; ${outcome}`, TEXT_AT_MOST);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MiB`;
}

function ago(iso: string, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - Date.parse(iso)) / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h ago`;
  return `${Math.round(minutes / 1_440)} days ago`;
}
