/** What a packet capture (pcap, as tcpdump writes it) holds: how many packets, and when the first and the last was seen. */

export interface PacketSpan {
  packets: number;
  /** Milliseconds of the wall clock of the machine that captured; null where there is no packet. */
  firstMs: number | null;
  lastMs: number | null;
}

const MAGIC = 0xa1b2c3d4;
const HEADER = 24;
const PACKET = 16;

/** Null where it is no capture, or of another byte order. What was cut off at its end is left out. */
export function packetSpan(bytes: Buffer): PacketSpan | null {
  if (bytes.length < HEADER || bytes.readUInt32LE(0) !== MAGIC) return null;
  const span: PacketSpan = { packets: 0, firstMs: null, lastMs: null };
  for (let at = HEADER; at + PACKET <= bytes.length; ) {
    const next = at + PACKET + bytes.readUInt32LE(at + 8);
    if (next > bytes.length) break;
    const ms = bytes.readUInt32LE(at) * 1_000 + bytes.readUInt32LE(at + 4) / 1_000;
    span.packets++;
    span.firstMs ??= ms;
    span.lastMs = ms;
    at = next;
  }
  return span;
}
