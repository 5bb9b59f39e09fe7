/** A run as github-action-benchmark's `customSmallerIsBetter`: the median of each measurement, with its interval. */
import { micro } from '../../analysis/statistics.ts';
import type { Distribution, RunRecord } from '../../model.ts';
import { runtimeText } from '../../runtime/commands.ts';
import { labelOf } from '../measurements.ts';
import { counted } from '../numbers.ts';
import { safeText } from '../text.ts';
import { seriesOf } from './series.ts';

export function benchmarkJson({ head, distributions }: RunRecord): string {
  const [host] = head.hosts;
  const toolchain =
    host === undefined ? '' : safeText(`${runtimeText(host.toolchain)}, CRIU ${host.toolchain.criu}`, 100);
  const entries = distributions.flatMap((distribution) => {
    const { measurement, unit, median, values } = distribution;
    if (median === null) return [];
    return [
      {
        name: `${seriesOf(head.scenario)}: ${labelOf(measurement)}`,
        unit,
        value: micro(median),
        ...rangeOf(distribution),
        extra: `median of ${counted(values.length, 'migration')}; ${toolchain}`,
      },
    ];
  });
  return `${JSON.stringify(entries, null, 2)}\n`;
}

/** Half of the interval of the median, which is not always in its middle. */
function rangeOf({ medianCi95 }: Distribution): { range?: string } {
  if (medianCi95 === null) return {};
  return { range: `± ${micro((medianCi95[1] - medianCi95[0]) / 2)}` };
}
