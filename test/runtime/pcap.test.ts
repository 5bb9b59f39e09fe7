import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packetSpan } from '../../harness/runtime/pcap.ts';

function capture(...packets: { s: number; us: number; bytes: number }[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4);
  const all = packets.map(({ s, us, bytes }) => {
    const one = Buffer.alloc(16 + bytes);
    one.writeUInt32LE(s, 0);
    one.writeUInt32LE(us, 4);
    one.writeUInt32LE(bytes, 8);
    return one;
  });
  return Buffer.concat([header, ...all]);
}

test('packets are counted, with the instants of the first and the last; what is cut off at the end is not one', () => {
  const bytes = capture({ s: 1, us: 500_000, bytes: 60 }, { s: 2, us: 250, bytes: 4 });
  expect(packetSpan(bytes)).toEqual({ packets: 2, firstMs: 1_500, lastMs: 2_000.25 });
  expect(packetSpan(bytes.subarray(0, -1))).toEqual({ packets: 1, firstMs: 1_500, lastMs: 1_500 });
  expect(packetSpan(capture())).toEqual({ packets: 0, firstMs: null, lastMs: null });
  expect(packetSpan(Buffer.from('no capture'))).toBeNull();
});

test('whatever the bytes are, it ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (more) => {
      const { packets } = packetSpan(Buffer.concat([capture(), more])) ?? { packets: -1 };
      expect(packets).toBeLessThanOrEqual(more.length / 16);
      expect(packets).toBeGreaterThanOrEqual(0);
    }),
  );
});
