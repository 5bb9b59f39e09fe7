import { expect, test } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { commandLine, type ProbeCommand, parseCommand, parseOptions } from '../../harness/probe/protocol.ts';

const options = {
  service: 'rhel0x',
  port: 80,
  address: null,
  path: '/',
  ratePerSecond: 100,
  connection: { kind: 'kept', count: 2 },
  timeoutMs: 1_000,
  maxInFlight: 100,
  originNs: '123456789012345',
  samplesFile: '/tmp/samples.ndjson',
};

test('options are read with their limits decided', () => {
  expect(parseOptions(JSON.stringify(options))).toEqual({
    ...options,
    maxSeconds: 86_400,
    maxSamples: 20_000_000,
  });
  const limits = { maxSeconds: 5, maxSamples: 9 };
  expect(parseOptions(JSON.stringify({ ...options, ...limits }))).toEqual({ ...options, ...limits });
});

test.each([
  ['service', 'a b'],
  ['port', 0],
  ['address', 'rhel0x'],
  ['port', 65_536],
  ['path', 'index.html'],
  ['path', '/a b'],
  ['ratePerSecond', 0],
  ['ratePerSecond', 1_000_000],
  ['connection', { kind: 'kept', count: 0 }],
  ['connection', { kind: 'other' }],
  ['timeoutMs', 0.5],
  ['maxInFlight', 0],
  ['originNs', '1.5'],
  ['samplesFile', 'samples.ndjson'],
  ['maxSeconds', 0],
  ['maxSamples', 0],
])('%s cannot be %j', (name, value) => {
  const act = (): unknown => parseOptions(JSON.stringify({ ...options, [name]: value }));
  expect(act).toThrow(new UsageError(`the probe's option ${name} cannot be ${JSON.stringify(value)}`));
});

test('a line that is no JSON object is refused', () => {
  expect(() => parseOptions('start')).toThrow("the probe's options are not one line of JSON");
  expect(() => parseOptions('null')).toThrow("the probe's options are not one line of JSON");
});

test('commands are read as they are written, and nothing else is one', () => {
  const commands: ProbeCommand[] = [
    { command: 'start' },
    { command: 'pause' },
    { command: 'resume' },
    { command: 'stop' },
    { command: 'watch', id: 3, host: 'rhel "01"', afterMs: -1.5 },
    { command: 'rotate', to: '/reports/samples.0001.ndjson' },
  ];
  for (const command of commands) expect(parseCommand(commandLine(command).trimEnd())).toEqual(command);
  expect(
    ['', 'Stop', 'watch', 'watch {}', 'watch {"id":1,"host":2,"afterMs":3}', 'rotate {"to":"x"}'].map(
      parseCommand,
    ),
  ).toEqual(Array(6).fill(null));
});
