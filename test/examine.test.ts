import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startClock } from '../harness/clock.ts';
import { examineScenario } from '../harness/examine.ts';
import { deferredTranscript } from '../harness/host/transcript.ts';
import { noProgress } from '../harness/report/progress.ts';
import { parseScenario } from '../harness/scenario/load.ts';
import { openScope } from '../harness/scope.ts';

it('what keeps the hosts from coming up is a finding, and the last', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'thaw-examine-'));
  const text = 'name: x\nbundle: {root: {path: /}, args: [x]}\ntoolchain: path:/no/such/root\n';
  const scope = openScope();
  const signal = new AbortController().signal;
  const setting = {
    clock: startClock(),
    transcript: deferredTranscript(),
    progress: noProgress(),
    signal,
    scope,
  };
  try {
    expect(await examineScenario(parseScenario(text, join(directory, 'x.yaml')), setting)).toEqual([
      {
        id: 'hosts',
        what: 'hosts',
        state: 'problem',
        found: "the toolchain's root /no/such/root is not a directory",
        why: 'a run begins with it',
        next: 'thaw doctor',
      },
    ]);
  } finally {
    await scope.close();
    rmSync(directory, { recursive: true });
  }
});
