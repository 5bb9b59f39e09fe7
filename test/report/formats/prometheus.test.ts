import fc from 'fast-check';
import parsePrometheus from 'parse-prometheus-text-format';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../harness/model.ts';
import { exposition } from '../../../harness/report/formats/exposition.ts';
import { prometheusText } from '../../../harness/report/formats/prometheus.ts';
import { safeText } from '../../../harness/report/text.ts';
import { emptyRecord, failingRecord, passingRecord } from '../fixture.ts';
import { HOSTILE_NAMES, namedRecord, RECORDS } from './names.ts';

/** Prometheus' exposition format 0.0.4, without the times that the textfile collector refuses. */
const NAME = '[a-zA-Z_][a-zA-Z0-9_]*';
const LABEL = `${NAME}="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"`;
const VALUE = '-?\\d+(?:\\.\\d+)?(?:e[+-]\\d+)?';
const SAMPLE = new RegExp(`^(${NAME})(\\{${LABEL}(?:,${LABEL})*\\})? ${VALUE}$`);
const HELP = new RegExp(`^# HELP (${NAME}) (?:[^\\\\\\n]|\\\\[\\\\n])+$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|summary)$`);

/** Each family whole, once, after its HELP and its TYPE; each series once. */
function refused(text: string): string[] {
  if (!/\n$/.test(text)) return ['the last line does not end'];
  const families = text.split(/^(?=# HELP )/m).map((family) => family.trimEnd().split('\n'));
  const names = families.map(([first = '']) => HELP.exec(first)?.[1] ?? first);
  const series = families.flatMap((lines) => lines.slice(2).map((line) => line.replace(/ \S+$/, '')));
  return [...families.flatMap(wrongIn), ...twice(names), ...twice(series)];
}

function wrongIn([help = '', second = '', ...samples]: string[]): string[] {
  const [, name = 'none'] = HELP.exec(help) ?? [];
  const [, typed, type] = TYPE.exec(second) ?? [];
  if (typed !== name || samples.length === 0) return [help, second];
  if (type === 'counter' && !name.endsWith('_total')) return [second];
  const allowed = type === 'summary' ? [name, `${name}_sum`, `${name}_count`] : [name];
  return samples.filter((line) => !allowed.includes(SAMPLE.exec(line)?.[1] ?? ''));
}

function twice(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

const read = (record: RunRecord, family: string) =>
  parsePrometheus(prometheusText(record)).find(({ name }) => name === family);

describe('metrics of Prometheus', () => {
  it.each(Object.entries(RECORDS))('keep to the format: %s', (_, record) => {
    expect(refused(prometheusText(record))).toEqual([]);
  });

  it.each(Object.entries(RECORDS))('have as many families for a parser as were written: %s', (_, record) => {
    const text = prometheusText(record);
    expect(parsePrometheus(text)).toHaveLength(text.match(/^# TYPE /gm)?.length ?? 0);
  });

  it.each(Object.entries(HOSTILE_NAMES).filter(([, name]) => name !== ''))(
    'give a parser the name that was meant: %s',
    (_, name) => {
      const { labels } = read(namedRecord(name), 'thaw_run_info')?.metrics[0] ?? {};
      const shown = name
        .split('\n')
        .map((line) => safeText(line, 200))
        .join('\n');
      expect(labels?.scenario).toBe(shown);
      const [lost] = read(namedRecord(name), 'thaw_lost_requests_total')?.metrics ?? [];
      expect([lost?.labels?.source, lost?.labels?.destination]).toEqual([shown, shown]);
    },
  );

  it('has quantiles in seconds and bytes', () => {
    const [window] = read(passingRecord(), 'thaw_migration_frozen_window_seconds')?.metrics ?? [];
    expect(window?.quantiles).toEqual({
      '0': '0.21822',
      '0.25': '0.3100225',
      '0.5': '0.311715',
      '0.75': '0.3142375',
      '0.95': '0.3293075',
      '1': '0.34013',
    });
    const text = prometheusText(passingRecord());
    expect(text).toContain('thaw_migration_frozen_window_seconds_sum{scenario="httpd"} 2.96797\n');
    expect(text).toContain('thaw_migration_frozen_window_seconds_count{scenario="httpd"} 10\n');
    expect(text).toContain('thaw_migration_image_bytes{scenario="httpd",quantile="0"} 14885330\n');
  });

  it('counts migrations by way and outcome, and lost requests by kind', () => {
    const text = prometheusText(failingRecord());
    const way = 'scenario="httpd",source="rhel01",destination="rhel02",warm_up="false"';
    expect(text).toContain(`thaw_migrations_total{${way},outcome="completed"} 4\n`);
    expect(text).toContain(`thaw_migrations_total{${way},outcome="failed"} 1\n`);
    expect(text).toContain(`thaw_lost_requests_total{${way},kind="reset"} 10\n`);
    expect(text).toContain(`thaw_lost_requests_total{${way},kind="dropped"} 0\n`);
  });

  it('says nothing of what is unknown', () => {
    const text = prometheusText(emptyRecord());
    expect(text).not.toMatch(/requests|migration|duration|host_info|check/);
    expect(text).toContain('thaw_run_verdict{scenario="httpd",verdict="unknown"} 1\n');
    expect(text).toContain('thaw_run_verdict{scenario="httpd",verdict="pass"} 0\n');
  });

  it('keep to the format and give a label back, whatever it holds', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n') }),
    );
    fc.assert(
      fc.property(text, text, (one, other) => {
        const series = [{ labels: { one, other, last: 'x' }, value: 1 }];
        const written = exposition([{ name: 'n_total', help: `h${one}`, type: 'counter', series }]);
        expect(refused(written)).toEqual([]);
        const shown = (name: string) =>
          name
            .split('\n')
            .map((line) => safeText(line, 200))
            .join('\n');
        const labels = { ...(one && { one: shown(one) }), ...(other && { other: shown(other) }), last: 'x' };
        expect(parsePrometheus(written)[0]?.metrics).toEqual([{ labels, value: '1' }]);
      }),
    );
  });

  it('adds what has the same labels, since a file in which they come twice is refused', () => {
    const series = [1, 2].map((value) => ({ labels: { a: 'x\n"\\', none: '' }, value }));
    expect(exposition([{ name: 'n_total', help: 'a\\b\nc', type: 'counter', series }])).toBe(
      '# HELP n_total a\\\\b\\nc\n# TYPE n_total counter\nn_total{a="x\\n\\"\\\\"} 3\n',
    );
  });
});
