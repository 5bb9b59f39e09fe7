/** Where the run lies, and what to do with it. */

import { verdictOf } from '../../analysis/checks.ts';
import type { RunRecord } from '../../model.ts';
import { heading, type Style } from '../style.ts';
import type { SummaryOptions } from '../summary.ts';
import { hang, safeText } from '../text.ts';

/** A path is never cut: it is there to be copied. */
export function nextSection(record: RunRecord, options: SummaryOptions): string[] {
  const directory = safeText(options.directory, Number.POSITIVE_INFINITY);
  return [
    heading(options, 'Run directory'),
    `  ${directory}`,
    ...hang('  ', 'report.html in it shows every request and every migration in a browser', options.width),
    ...droppedLogs(record).flatMap((text) => hang('  ', text, options.width)),
    ...advice(record, shellWord(directory), options),
  ];
}

/** What a long run has no longer: one line, or none. For every kind of report. */
export function droppedLogs({ migrations }: RunRecord): string[] {
  const dropped = migrations.filter(({ logs }) => logs === 'dropped').length;
  if (dropped === 0) return [];
  const kept = "what they told of the freeze, and CRIU's statistics, are kept";
  return [
    `logs of ${dropped} migrations that completed are dropped, for the run was long: ${kept}; other logs are there`,
  ];
}

function advice(record: RunRecord, directory: string, style: Style): string[] {
  const next = (text: string) => hang('  next: ', text, style.width);
  const command = (words: string, what: string) => [`  next: ${words} ${directory}`, `        ${what}`];
  const again = (what: string) => command('thaw report', what);
  if (record.outcome === 'interrupted')
    return command('thaw run --resume', 'goes on with what is left of it');
  if (record.outcome === 'skipped')
    return next('run it where the hosts can do it; `thaw doctor` tells what they can');
  if (record.migrations.some((migration) => migration.outcome.state === 'failed')) {
    return next("CRIU's logs of the failed migrations lie in it, and the directory is the bug report");
  }
  switch (verdictOf(record)) {
    case 'pass':
      return again('shows this again; with --json for programs');
    case 'fail':
      return next('see the checks marked ✗ above; their limits stand in the scenario');
    case 'unknown':
      return next('see the checks marked ? above; unknown is not pass');
  }
}

/** A word that a shell takes as it is. */
export function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
