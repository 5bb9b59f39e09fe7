/**
 * CRIU's image files with one entry: magics, a length, and one protobuf message. All numbers little-endian.
 * Source: criu/include/magic.h, criu/protobuf.c, images/*.proto. Everything wrong is a UsageError that names
 * the file and the offset: these files come out of a run directory, which a person may have changed.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { messageOf, UsageError } from '../../errors.ts';

/** A file or a message inside of it, with what is needed to say where something is wrong. */
export interface Piece {
  file: string;
  bytes: Uint8Array;
  /** Where `bytes` begins in the file. */
  offset: number;
}

/** What a field number of a message means; `required` as in CRIU's proto2 definition. */
export interface Field {
  number: number;
  type: 'uint' | 'string' | 'message';
  required: boolean;
}
type Value = number | string | Piece;

/** The one message of an image file, after its magics. Throws where anything is missing or left over. */
export function entryOf(file: string, bytes: Uint8Array, magics: readonly number[]): Piece {
  const start = 4 * magics.length + 4;
  if (bytes.length === 0) throw damaged(file, 0, 'the file is empty');
  if (bytes.length < start) throw damaged(file, bytes.length, 'the file ends within its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  magics.forEach((magic, index) => {
    const found = view.getUint32(4 * index, true);
    if (found !== magic) throw damaged(file, 4 * index, `magic ${hex(found)} where ${hex(magic)} belongs`);
  });
  const length = view.getUint32(start - 4, true);
  const there = bytes.length - start;
  if (there < length) throw damaged(file, bytes.length, `truncated: ${there} of ${length} bytes are there`);
  if (there > length) throw damaged(file, start + length, `${there - length} bytes too many`);
  return { file, bytes: bytes.subarray(start), offset: start };
}

/** The values of the named fields; fields that are not named are skipped. The last value of a field counts. */
export function fieldsOf<N extends string>(piece: Piece, fields: Record<N, Field>): Map<N, Value> {
  const names = new Map(Object.entries<Field>(fields).map(([name, field]) => [field.number, name as N]));
  const values = new Map<N, Value>();
  const reader = new BinaryReader(piece.bytes);
  while (reader.pos < reader.len) {
    const at = piece.offset + reader.pos;
    try {
      const [number, wire] = reader.tag();
      const name = names.get(number);
      if (name === undefined) reader.skip(wire, number);
      else values.set(name, read(reader, wire, fields[name].type, piece));
    } catch (error) {
      throw error instanceof UsageError ? error : damaged(piece.file, at, messageOf(error));
    }
  }
  for (const [number, name] of names) {
    if (fields[name].required && !values.has(name)) {
      throw damaged(piece.file, piece.offset, `the field ${name} (${number}) is missing`);
    }
  }
  return values;
}

/** An error about a file of CRIU's, with what to do about it. */
export function damaged(file: string, offset: number, what: string): UsageError {
  return new UsageError(
    `${file}: damaged at byte ${offset}: ${what}`,
    'copy the file again from where the run was made; without it, its figures cannot be had',
  );
}

const WIRE = { uint: WireType.Varint, string: WireType.LengthDelimited, message: WireType.LengthDelimited };

function read(reader: BinaryReader, wire: WireType, type: Field['type'], piece: Piece): Value {
  if (wire !== WIRE[type]) throw new Error(`wire type ${wire} where a ${type} belongs`);
  if (type === 'string') return reader.string(true);
  if (type === 'message') {
    const bytes = reader.bytes();
    return { file: piece.file, bytes, offset: piece.offset + reader.pos - bytes.length };
  }
  const value = Number(reader.uint64());
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is no number that CRIU writes here`);
  return value;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
