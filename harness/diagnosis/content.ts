/** What a file holds, by its first bytes and by the lines that tell of errors. */
import type { LogEvidence } from '../model.ts';

/** `head`: the first bytes, cut anywhere. `said`: lines from anywhere in it. */
export function contentOf(head: Buffer, said: readonly string[]): LogEvidence['content'] {
  if (head.length === 0) return 'nothing';
  const text = head.toString();
  if (SIGN.test(text) || said.some((line) => SIGN.test(line))) return 'log';
  return isBinary(text) ? 'binary' : 'text';
}

/** CRIU's offsets and places, the levels of loggers, and how runtimes quote CRIU. */
const SIGN = new RegExp(
  [
    String.raw`^\(\d{2,}\.\d{1,6}\) `,
    String.raw`\b(?:Error|Warn) +\([^()\s]{1,200}:\d{1,6}\):`,
    String.raw`\blevel=[a-z]+\b`,
    '"level":"',
    String.raw`\bcriu failed\b`,
    String.raw`\bCRIU\b.{0,40}\bfailed\b`,
    String.raw`\bOCI runtime\b`,
    String.raw`\b(?:runc|crun|podman|containerd|docker)\b[^:]{0,40}: `,
  ].join('|'),
  'm',
);

/** Zero bytes, or more than a tenth that is not UTF-8. */
function isBinary(text: string): boolean {
  return text.includes('\0') || text.split('\ufffd').length - 1 > text.length / 10;
}
