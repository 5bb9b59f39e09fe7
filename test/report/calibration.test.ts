import { expect, test } from 'vitest';
import { renderCalibration } from '../../harness/report/calibration.ts';
import { calibrationOf } from './calibration-fixture.ts';

test('a calibration tells what was made, what was seen, and how far that is off', async () => {
  const text = renderCalibration(calibrationOf(), {
    width: 80,
    colour: false,
    directory: 'reports/calibrate/1',
  });
  await expect(text).toMatchFileSnapshot('../golden/report/calibration.txt');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});
