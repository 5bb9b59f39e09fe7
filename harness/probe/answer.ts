/** What an answer or its failure is called in a sample. */
import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { errors } from 'undici';
import type { Counted, CountedWrites, FailureKind } from '../model.ts';
import { DETAIL_LENGTH, HOST_LENGTH } from './samples.ts';

/** The beginning of a body that is looked at; the rest is counted and forgotten. */
export const LOOKED_AT_BYTES = 4_096;

export interface Failure {
  kind: FailureKind;
  detail: string;
}

/** The host that a body names: its first line, trimmed. Null where the body is not text. */
export function hostOf(body: Buffer, whole: boolean): string | null {
  if (!isText(body, whole)) return null;
  const end = body.indexOf(10);
  const line = body.toString('utf8', 0, end === -1 ? body.length : end).trim();
  // Never half of a surrogate pair: it could not be written as text again.
  return line.slice(0, HOST_LENGTH).replace(/[\uD800-\uDBFF]$/, '');
}

/** What a counter or redis says below the host; undefined where the second line says something else, or is not whole. */
export function countedIn(body: Buffer): Counted | undefined {
  const found = /^[^\n]*\ncount ([1-9]\d{0,14}) since ([!-~]{1,40})\r?\n/.exec(
    body.toString('latin1', 0, 512),
  );
  if (found === null) return undefined;
  const writes = writesIn(body.toString('latin1', found[0].length, found[0].length + 512));
  return { count: Number(found[1]), since: found[2] as string, ...(writes && { writes }) };
}

const NUMBER = '(0|[1-9]\\d{0,14})';
const WRITES = new RegExp(`^writes ${NUMBER} lost ${NUMBER} checked ${NUMBER} on ([!-~]{1,63})\\r?\\n`);

function writesIn(line: string): CountedWrites | undefined {
  const found = WRITES.exec(line);
  if (found === null) return undefined;
  const [acknowledged = 0, lost = 0, checks = 0] = found.slice(1, 4).map(Number);
  return { acknowledged, lost, checks, on: found[4] as string };
}

/**
 * CRC-32 of a body: `crc` of all of it, or of all but what a counter or redis says of its memory, which differs each
 * time; undefined where that is not whole in what was looked at.
 */
export function checksumOf(
  body: Buffer,
  whole: boolean,
  counted: Counted | undefined,
  crc: number,
): number | undefined {
  if (counted === undefined) return crc;
  if (!whole) return undefined;
  const begin = body.indexOf(10) + 1;
  const second = body.indexOf(10, begin) + 1;
  const rest = counted.writes === undefined ? second : body.indexOf(10, second) + 1;
  return crc32(body.subarray(rest), crc32(body.subarray(0, begin)));
}

/**
 * What a connection's or a parser's error means for the client. `begun`: an answer had begun to arrive, so that
 * an orderly end of the connection cuts it short; without one, the server closed instead of answering.
 */
export function failureOf(error: Error, begun: boolean): Failure {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const text = code === '' || error.message.includes(code) ? error.message : `${code}: ${error.message}`;
  const detail = text.slice(0, DETAIL_LENGTH).replace(/[\uD800-\uDBFF]$/, '');
  // Not all of the parser's errors have a code.
  const garbled = error instanceof errors.HTTPParserError;
  return { kind: garbled ? 'garbled' : kindOf(code, error.message, begun), detail };
}

function kindOf(code: string, message: string, begun: boolean): FailureKind {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'reset';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return 'unreachable';
    // The kernel's own patience with a connection that hears nothing.
    case 'ETIMEDOUT':
      return 'timeout';
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'UND_ERR_HEADERS_OVERFLOW':
      return 'garbled';
    // undici's word for all ends of a connection that are not errors of the socket.
    case 'UND_ERR_SOCKET':
      return begun || message.startsWith('bad ') ? 'garbled' : 'reset';
    default:
      return 'other';
  }
}

function isText(body: Buffer, whole: boolean): boolean {
  // The cut may have gone through a character of up to 4 bytes.
  const valid = isUtf8(body) || (!whole && [1, 2, 3].some((n) => isUtf8(body.subarray(0, body.length - n))));
  // Control characters other than tab, line ends and form feed stand in no text.
  return valid && !body.some((byte) => byte < 9 || (byte > 13 && byte < 32) || byte === 127);
}
