/**
 * Files of a run that grow for as long as it goes on: from time to time what there is becomes a piece with a number,
 * and is compressed. `samples.ndjson` is the newest piece; `samples.0001.ndjson.gz` is the oldest.
 */
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync } from 'node:zlib';
import { appendFile } from './disk.ts';
import { type Line, linesIn, linesOf } from './lines.ts';
import { damaged, readPlain } from './plain.ts';

/** Far more than a piece that Thaw writes. */
const PIECE_AT_MOST = 1 << 28;

/** `samples.ndjson`, 1 → `samples.0001.ndjson`. */
export function pieceName(path: string, number: number): string {
  return path.replace(/\.[a-z]+$/, (ending) => `.${String(number).padStart(4, '0')}${ending}`);
}

/** The number that the next piece gets, from 1. */
export function nextPiece(path: string): number {
  const is = (number: number): boolean => isPiece(pieceName(path, number));
  // There is none missing between two: of a thousand pieces some twenty are looked at.
  let after = 1;
  while (is(after)) after *= 2;
  let last = Math.floor(after / 2);
  while (after - last > 1) {
    const middle = Math.floor((last + after) / 2);
    if (is(middle)) last = middle;
    else after = middle;
  }
  return after;
}

/** What there is gets the name of a piece, and the file begins anew: of files that nobody holds open. */
export function beginAnew(path: string, piece: string): void {
  renameSync(path, piece);
  appendFile(path, '');
}

/** Compresses a file in its place: `.gz` is whole when the file goes. Nothing where it is not there. */
export async function compress(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const beside = `${path}.gz.new`;
  try {
    await pipeline(
      createReadStream(path),
      createGzip(),
      createWriteStream(beside, { flags: 'w', mode: 0o644, flush: true }),
    );
    renameSync(beside, `${path}.gz`);
  } catch (error) {
    // It is as good uncompressed.
    rmSync(beside, { force: true });
    throw error;
  }
  rmSync(path);
}

/**
 * What the compressed form of a file holds; null where there is none. UsageError for one that is damaged, or holds more
 * than `atMost` bytes.
 */
export function unpacked(path: string, atMost: number): Buffer | null {
  const packed = readPlain(`${path}.gz`, atMost);
  if (packed === null) return null;
  try {
    return gunzipSync(packed, { maxOutputLength: atMost });
  } catch (error) {
    throw damaged(`${path}.gz`, (error as Error).message);
  }
}

/** Where a line stands, for errors. */
export interface PlacedLine extends Line {
  file: string;
}

/**
 * All lines, piece by piece, read anew each time they are iterated, in memory that does not grow with the number of
 * pieces. The file may be growing, and becoming a piece, meanwhile.
 */
export function* linesOfPieces(path: string): Generator<PlacedLine> {
  for (let number = 1; ; number++) {
    const piece = pieceName(path, number);
    if (!isPiece(piece)) {
      const newest = linesOf(path)[Symbol.iterator]();
      const first = unlessPiece(piece, () => newest.next());
      if (first !== null) {
        for (let next = first; !next.done; next = newest.next()) yield { ...next.value, file: path };
        return;
      }
      newest.return?.(undefined);
    }
    const bytes = readPlain(piece, PIECE_AT_MOST) ?? unpacked(piece, PIECE_AT_MOST);
    if (bytes === null) throw damaged(piece, 'it is missing');
    for (const line of linesIn(bytes)) yield { ...line, file: piece };
  }
}

/** Null where the newest became this piece between the look and the opening; it may not have begun anew yet. */
function unlessPiece<T>(piece: string, open: () => T): T | null {
  try {
    const opened = open();
    return isPiece(piece) ? null : opened;
  } catch (error) {
    if (isPiece(piece)) return null;
    throw error;
  }
}

function isPiece(piece: string): boolean {
  return existsSync(piece) || existsSync(`${piece}.gz`);
}
