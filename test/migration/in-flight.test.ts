import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decideConnections } from '../../harness/migration/connections.ts';
import { withRetries } from '../../harness/migration/in-flight.ts';
import type { Migration, Moved } from '../../harness/migration/migrate.ts';
import type { MigrationPlan } from '../../harness/model.ts';
import { type FakeHost, fakeHost } from '../fake-host.ts';

const IN_FLIGHT = 'Error (criu/sk-inet.c:188): inet: In-flight connection (l) for 4f1a2\n';
const DONE: Moved = {
  steps: {},
  preDumps: [],
  seen: { dumpLog: [], restoreLog: [], freezer: [], clocks: [] },
  failed: null,
};
const FAILED: Moved = { ...DONE, failed: { phase: 'dump', error: 'checkpoint failed' } };

let folder = '';
let source: FakeHost;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-in-flight-'));
  source = fakeHost('rhel01', { runc: `echo '{"status": "running", "pid": 1}'` });
});
afterEach(() => {
  source.remove();
  rmSync(folder, { recursive: true });
});

function migration(inFlight: MigrationPlan['inFlight']): Migration {
  const plan = {
    inFlight,
    transfer: 'share',
    imageDirectory: 'default',
    strategy: { kind: 'stop-and-copy' },
    extra: { criuConf: { source: [], destination: [] } },
  };
  return {
    source: { host: source },
    destination: { host: source },
    container: { runtime: 'runc', id: 'web', bundle: folder },
    connections: decideConnections('established', {
      userNamespace: false,
      runtime: 'runc',
      runtimeVersions: ['1.3.6'],
    }),
    scenario: { migration: plan },
  } as unknown as Migration;
}

/** Ends as the list says, one after the other, each failed dump with that log. */
function ending(log: string, ...list: Moved[]) {
  let n = 0;
  return async (): Promise<Moved> => {
    const moved = list[Math.min(n++, list.length - 1)] as Moved;
    const file = join(folder, 'checkpoint/dump.log');
    mkdirSync(dirname(file), { recursive: true });
    if (moved.failed !== null) writeFileSync(file, log);
    return moved;
  };
}

async function retried(migrating: Migration, move: () => Promise<Moved>) {
  let retries = 0;
  const moved = await withRetries(migrating, move, () => {
    retries++;
  });
  return { moved, retries };
}

describe('a dump that met a connection in flight', () => {
  it('is counted as tried again even where that ends in an error', async () => {
    let retries = 0;
    let tries = 0;
    const move = async (): Promise<Moved> => {
      if (tries++ > 0) throw new Error('the host has gone');
      return ending(IN_FLIGHT, FAILED)();
    };
    const counting = () => {
      retries++;
    };
    await expect(withRetries(migration('retry'), move, counting)).rejects.toThrow('the host has gone');
    expect(retries).toBe(1);
  });

  it('is tried again where the scenario asks for it, and counted', async () => {
    expect(await retried(migration('retry'), ending(IN_FLIGHT, FAILED, FAILED, DONE))).toEqual({
      moved: DONE,
      retries: 2,
    });
  });

  it('is not tried for ever', async () => {
    expect(await retried(migration('retry'), ending(IN_FLIGHT, FAILED))).toEqual({
      moved: FAILED,
      retries: 9,
    });
  });

  it.each([
    ['the scenario asks for nothing of the kind', 'skip', IN_FLIGHT, FAILED],
    ['it failed for another reason', 'retry', 'Error: No space left on device\n', FAILED],
    ['what failed was no dump', 'retry', IN_FLIGHT, { ...FAILED, failed: { phase: 'restore', error: 'x' } }],
  ] as const)('is tried once where %s', async (_, inFlight, log, moved) => {
    expect((await retried(migration(inFlight), ending(log, moved, DONE))).retries).toBe(0);
  });

  it('is tried once where the container does not run on', async () => {
    source.remove();
    source = fakeHost('rhel01', { runc: `echo '{"status": "stopped", "pid": 0}'` });
    expect((await retried(migration('retry'), ending(IN_FLIGHT, FAILED, DONE))).retries).toBe(0);
  });

  it('is refused by CRIU, which is told to skip it otherwise', () => {
    const machine = { userNamespace: false, runtime: 'runc' as const };
    const flags = (versions: string[], inFlight: MigrationPlan['inFlight']) => {
      const decided = decideConnections('close', { ...machine, runtimeVersions: versions }, inFlight);
      return [...decided.checkpointFlags, ...decided.criuConf];
    };
    expect(flags(['1.3.6'], 'skip')).toEqual(['--tcp-skip-in-flight', 'tcp-close']);
    expect(flags(['1.3.6'], 'retry')).toEqual(['tcp-close']);
    expect(flags(['1.1.5'], 'retry')).toEqual(['tcp-close']);
  });
});
