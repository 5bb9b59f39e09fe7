/** A run in Bencher's Metric Format: the median of each measurement, with its interval where there is one. */
import { micro } from '../../analysis/statistics.ts';
import type { Distribution, RunRecord } from '../../model.ts';
import { safeText } from '../text.ts';
import { seriesOf } from './series.ts';

interface Metric {
  value: number;
  lower_value?: number;
  upper_value?: number;
}

export function bmfJson({ head, distributions }: RunRecord): string {
  const measures = distributions.flatMap((one) => {
    const metric = metricOf(one);
    return metric === null ? [] : [[measureOf(one), metric] as const];
  });
  const found = measures.length === 0 ? [] : [[seriesOf(head.scenario), Object.fromEntries(measures)]];
  return `${JSON.stringify(Object.fromEntries(found), null, 2)}\n`;
}

function metricOf({ median, medianCi95 }: Distribution): Metric | null {
  if (median === null) return null;
  if (medianCi95 === null) return { value: micro(median) };
  return { value: micro(median), lower_value: micro(medianCi95[0]), upper_value: micro(medianCi95[1]) };
}

/** The format knows no units, so the name has it last. Bencher takes 64 characters. */
function measureOf({ measurement, unit }: Distribution): string {
  const name = safeText(measurement, 50);
  return name.endsWith(`-${unit}`) ? name : `${name}-${unit}`;
}
