import { describe, expect, test } from 'vitest';
import { bisectResult } from '../../../harness/analysis/bisect/result.ts';
import { renderBisect } from '../../../harness/report/bisect/summary.ts';
import { bisectOf, bisectPlan, skippedResult, trialOf, trials } from './fixture.ts';

const style = { colour: false, width: 80, where: 'reports/httpd/bisect-1' };
const golden = (name: string): string => `../../golden/report/bisect-${name}.txt`;

describe('a bisection on a terminal', () => {
  test('the first that is fixed', async () => {
    await expect(renderBisect(bisectOf(), style)).toMatchFileSnapshot(golden('fixed'));
  });

  test('skips leave two', async () => {
    await expect(renderBisect(skippedResult(), style)).toMatchFileSnapshot(golden('skips'));
  });

  test('an end that is not as was said', async () => {
    const wrong = [5, 5, 0, 0].map((version) => trialOf(version, 'fail'));
    await expect(renderBisect(bisectResult(bisectPlan(), wrong), style)).toMatchFileSnapshot(golden('end'));
  });

  test('interrupted, and without any run yet', async () => {
    const going = renderBisect(bisectResult(bisectPlan(), trials().slice(0, 4)), style);
    await expect(going).toMatchFileSnapshot(golden('going'));
    expect(renderBisect(bisectResult(bisectPlan(), []), style)).toContain('NOT AT ITS END');
  });

  test('what commits and logs said is shown as text, within 80 columns', () => {
    const hostile = '\u001b[31m<b>\n'.repeat(40);
    const plan = bisectPlan();
    const versions = plan.versions.map((version) => ({ ...version, subject: hostile }));
    const made = trials().map((trial) => ({ ...trial, because: hostile, cause: hostile }));
    const text = renderBisect(bisectResult({ ...plan, versions }, made), style);
    expect(text).not.toContain('\u001b');
    const copied = /^ {2}sudo npx/;
    const long = text.split('\n').filter((line) => line.length > 80 && !copied.test(line));
    expect(long).toEqual([]);
  });
});
