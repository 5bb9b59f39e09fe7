/** Binaries with a checksum: files of this machine, and what is fetched. Nothing is kept of what does not match. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Agent, interceptors, request } from 'undici';
import { EnvironmentError, messageOf, UsageError } from '../../errors.ts';
import { removeTree } from '../../host/remove-tree.ts';
import type { RootContext } from '../toolchain.ts';
import { fileSha256 } from './checksum.ts';

/** The file's copy in the cache, so that it is what was checked. UsageError where its checksum is another. */
export async function checkedFile(path: string, sha256: string, context: RootContext): Promise<string> {
  return inCache(sha256, path, context, async (partial) => {
    if (!(await stat(path).catch(() => null))?.isFile()) throw new UsageError(`${path} is not a file`);
    await copyFile(path, partial);
  });
}

/** What lies at that address: from the cache, or fetched. */
export async function downloaded(
  { url, sha256 }: { url: string; sha256: string },
  context: RootContext,
): Promise<string> {
  return inCache(sha256, url, context, async (partial) => {
    context.announce(`fetching ${url} (once, then from ${context.cache})`);
    await fetchTo(partial, url, context.signal);
  });
}

async function inCache(
  sha256: string,
  what: string,
  { cache }: RootContext,
  fill: (partial: string) => Promise<void>,
): Promise<string> {
  const file = join(cache, 'downloads', sha256);
  if ((await fileSha256(file).catch(() => null)) === sha256) {
    const now = new Date();
    await utimes(file, now, now);
    return file;
  }
  await mkdir(join(cache, 'downloads'), { recursive: true });
  const partial = `${file}.partial-${randomBytes(4).toString('hex')}`;
  try {
    await fill(partial);
    const found = await fileSha256(partial);
    if (found !== sha256) {
      throw new UsageError(
        `the checksum of ${what} does not match: nothing was installed\n  wanted sha256 ${sha256}\n  found  sha256 ${found}`,
        'if the file changed on purpose, name its new checksum; if not, do not use it',
      );
    }
    await chmod(partial, 0o755);
    await rename(partial, file);
    return file;
  } finally {
    await removeTree(partial);
  }
}

const WAIT_MS = 30_000;
const LIMIT_BYTES = 512 * 1024 * 1024;

async function fetchTo(partial: string, url: string, signal: AbortSignal): Promise<void> {
  const agent = new Agent({ connect: { timeout: WAIT_MS }, headersTimeout: WAIT_MS, bodyTimeout: WAIT_MS });
  // Release pages answer with the address of the file.
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: 5 }));
  try {
    const { statusCode, body } = await request(url, { dispatcher, signal });
    if (statusCode !== 200) {
      await body.dump();
      throw new EnvironmentError(`${url} could not be fetched: the server answered ${statusCode}`);
    }
    await pipeline(body, atMost(LIMIT_BYTES, url), createWriteStream(partial), { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError(
      `${url} could not be fetched: ${messageOf(error)}`,
      'check the address and that this machine reaches it, or fetch it yourself and name the file',
      error,
    );
  } finally {
    await agent.close();
  }
}

function atMost(limitBytes: number, url: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= limitBytes) return done(null, chunk);
      done(new EnvironmentError(`${url} is larger than ${limitBytes / 1024 / 1024} MiB: no release binary`));
    },
  });
}
