import { describe, expect, test } from 'vitest';
import { reproResult } from '../../../harness/analysis/repro/result.ts';
import { renderMinimised } from '../../../harness/report/repro/minimised.ts';
import { renderRepro } from '../../../harness/report/repro/summary.ts';
import { minimisedOf, reproOf } from './fixture.ts';

const plain = { colour: false, width: 80 };

describe('thaw repro on a terminal', () => {
  test('some runs fail again', () => {
    expect(renderRepro(reproOf(), plain)).toMatchSnapshot();
  });

  test('ended at the first failure, and with nothing that tells', () => {
    const again = reproOf().again.slice(0, 1);
    const first = reproResult({ ...reproOf(), wanted: 20, stoppedAtFirst: true }, again, []);
    expect(renderRepro(first, plain)).toMatchSnapshot();
    expect(renderRepro(reproResult(reproOf(), reproOf().again.slice(3), []), plain)).toMatchSnapshot();
  });

  test('what hosts said is shown as text, within 80 columns', () => {
    const hostile = '\u001b[31m<b>\n'.repeat(40);
    const text = renderRepro(reproOf({ symptoms: [hostile], differences: [hostile] }), plain);
    expect(text).not.toContain('\u001b');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('the smallest scenario', () => {
    expect(renderMinimised({ ...minimisedOf(), file: 'small.yaml' }, plain)).toMatchSnapshot();
    expect(renderMinimised({ ...minimisedOf(), complete: false, file: 'small.yaml' }, plain)).toContain(
      'interrupted',
    );
  });
});
