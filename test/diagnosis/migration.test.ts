import { expect, test } from 'vitest';
import { diagnoseMigration } from '../../harness/diagnosis/migration.ts';
import type { MigrationObservation } from '../../harness/model.ts';
import { passingRecord } from '../report/fixture.ts';

const { head } = passingRecord();
const CALL = '/run/thaw-handover claim 172.30.77.10/24 80 eth0';

function diagnosisOf(error: string) {
  const outcome = {
    state: 'failed',
    phase: 'handover',
    survivor: 'rhel01',
    rolledBack: true,
    error,
  } as const;
  const observation = {
    ...{ number: 1, source: 'rhel01', destination: 'rhel02', steps: {}, preDumps: [], outcome },
  } as unknown as MigrationObservation;
  return diagnoseMigration(head, observation, []);
}

test.each([
  ['', 1],
  ['\nError: no route', 1],
])('a hook that fails is told as that, whatever it printed: %j', (printed, number) => {
  const first = `claim-hook failed on rhel02: exit 3: ${CALL}`;
  const back = 'rolled back to rhel01, but its hook failed: Error: no route';
  expect(diagnosisOf(`${first}${printed}\n${back}`)).toMatchObject({
    failure: 'handover-hook',
    line: { log: 'output', number, text: first },
    cause: expect.stringContaining('when it was to claim: exit 3'),
  });
});

test('what became of the roll back is no cause', () => {
  for (const back of [
    'roll back to rhel01 failed as well: boom',
    'rolled back to rhel01, but its hook failed: boom',
  ]) {
    expect(JSON.stringify(diagnosisOf(`restore failed on rhel02: exit 1\n${back}`))).not.toContain('boom');
  }
});
