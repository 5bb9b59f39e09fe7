import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitBrain } from '../../harness/analysis/split-brain.ts';
import type { Sample } from '../../harness/model.ts';
import { answered, FAILED_DUMP, observation, ROLLED_BACK } from './fixture.ts';

const brain = (own: Sample[], changes = {}) => splitBrain(observation(changes), { own });

describe('splitBrain', () => {
  it('counts answers of the source that were sent for after the destination had answered', () => {
    const own = [
      answered('rhel01', 1_010, 1_011),
      answered('rhel02', 1_250, 1_251),
      answered('rhel01', 1_260, 1_261),
    ];
    expect(brain(own)).toEqual({ answers: 1, heard: true });
  });

  it('forgives an answer of the source that was only overtaken', () => {
    const own = [answered('rhel02', 1_250, 1_251), answered('rhel01', 1_240, 1_252)];
    expect(brain(own)).toEqual({ answers: 0, heard: true });
  });

  it('counts answers of a third host', () => {
    const own = [
      answered('rhel01', 1_010, 1_011),
      answered('rhel03', 1_020, 1_021),
      answered('rhel02', 1_250, 1_251),
    ];
    expect(brain(own)).toEqual({ answers: 1, heard: true });
  });

  it('lets the source come back after a failed migration, but then not the destination', () => {
    const back = [answered('rhel02', 1_250, 1_251), answered('rhel01', 1_400, 1_401)];
    expect(brain(back, ROLLED_BACK)).toEqual({ answers: 0, heard: true });
    expect(brain([...back, answered('rhel02', 1_410, 1_411)], ROLLED_BACK)).toEqual({
      answers: 1,
      heard: true,
    });
  });

  it('says whether there was anything to compare with', () => {
    expect(brain([answered('rhel01', 1_010, 1_011)])).toEqual({ answers: 0, heard: false });
    expect(brain([answered('rhel01', 1_010, 1_011)], FAILED_DUMP)).toEqual({ answers: 0, heard: true });
  });

  it('never accuses hosts that took turns, however requests overlap', () => {
    const request = fc.record({
      due: fc.double({ min: 1_000, max: 2_000, noNaN: true }),
      there: fc.double({ min: 0, max: 100, noNaN: true }),
      back: fc.double({ min: 0, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(request, { maxLength: 60 }),
        fc.double({ min: 1_000, max: 2_000, noNaN: true }),
        (requests, change) => {
          const own = requests.map(({ due, there, back }) =>
            answered(due + there < change ? 'rhel01' : 'rhel02', due, due + there + back),
          );
          expect(brain(own).answers).toBe(0);
        },
      ),
    );
  });
});
