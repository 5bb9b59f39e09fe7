/** The text of a file that a user names. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { messageOf, UsageError } from '../errors.ts';

const SIZE_LIMIT = 1024 * 1024;
const EXAMPLES: Record<string, string> = {
  scenario: 'scenarios/httpd.yaml',
  suite: 'scenarios/suites/runtimes.yaml',
  inventory: 'the one in docs/testbeds.md',
};

/** At most 1 MiB of UTF-8. UsageError with why it cannot be read; `what`: what it is to be, as errors say it. */
export async function readText(path: string, what = 'scenario'): Promise<string> {
  const next = `name a YAML file, such as ${EXAMPLES[what] ?? EXAMPLES.scenario}`;
  const refuse = (why: string): never => {
    throw new UsageError(`the ${what} ${path} cannot be read: ${why}`, next);
  };
  try {
    // Without O_NONBLOCK the opening of a FIFO waits for a writer.
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = await file.stat();
    if (found.isDirectory()) return refuse('it is a directory');
    if (!found.isFile()) return refuse('it is not a regular file');
    if (found.size > SIZE_LIMIT) return refuse('it is larger than 1 MiB');
    return utf8(await file.readFile()) ?? refuse('it is not text (UTF-8)');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return refuse(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(error),
    );
  }
}

/** Null where the bytes are not UTF-8, or hold a NUL. */
function utf8(bytes: Uint8Array): string | null {
  try {
    return bytes.includes(0) ? null : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
