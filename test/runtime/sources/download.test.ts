import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkedFile, downloaded } from '../../../harness/runtime/sources/download.ts';
import type { RootContext } from '../../../harness/runtime/toolchain.ts';

const BINARY = '#!/bin/sh\necho runc version 9\n';
const SHA = createHash('sha256').update(BINARY).digest('hex');
const OTHER = '0'.repeat(64);

let folder: string;
let announced: string[];
let context: RootContext;
let asked: string[];
let server: Server;
let origin: string;

const ANSWERS: Record<string, RequestListener> = {
  '/runc': (_, response) => response.end(BINARY),
  '/release/runc': (_, response) => response.writeHead(302, { location: '/runc' }).end(),
  '/cut': (request, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write(BINARY);
    setTimeout(() => request.socket.destroy(), 20);
  },
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'thaw-download-'));
  announced = [];
  asked = [];
  const { signal } = new AbortController();
  context = { cache: join(folder, 'cache'), announce: (line) => announced.push(line), signal };
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = ANSWERS[request.url ?? ''];
    if (answer === undefined) response.writeHead(404).end('no');
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const kept = () => readdirSync(join(folder, 'cache/downloads'));

test('a release binary is fetched once, by way of a release page, and is executable', async () => {
  const file = await downloaded({ url: `${origin}/release/runc`, sha256: SHA }, context);
  expect(readFileSync(file, 'utf8')).toBe(BINARY);
  expect(statSync(file).mode & 0o777).toBe(0o755);
  expect(announced).toEqual([`fetching ${origin}/release/runc (once, then from ${context.cache})`]);
  expect(await downloaded({ url: `${origin}/release/runc`, sha256: SHA }, context)).toBe(file);
  expect(asked).toEqual(['/release/runc', '/runc']);
});

test('what has another checksum is not installed, and both checksums are told', async () => {
  await expect(downloaded({ url: `${origin}/runc`, sha256: OTHER }, context)).rejects.toMatchObject({
    message: `the checksum of ${origin}/runc does not match: nothing was installed\n  wanted sha256 ${OTHER}\n  found  sha256 ${SHA}`,
    exitCode: 64,
  });
  expect(kept()).toEqual([]);
});

test('an answer that is not the file leaves nothing behind', async () => {
  await expect(downloaded({ url: `${origin}/none`, sha256: SHA }, context)).rejects.toThrow(
    `${origin}/none could not be fetched: the server answered 404`,
  );
  await expect(downloaded({ url: `${origin}/cut`, sha256: SHA }, context)).rejects.toMatchObject({
    message: expect.stringContaining(`${origin}/cut could not be fetched`),
    exitCode: 2,
  });
  expect(kept()).toEqual([]);
});

test('a file that was changed in the cache is fetched anew', async () => {
  const file = await downloaded({ url: `${origin}/runc`, sha256: SHA }, context);
  writeFileSync(file, 'changed');
  expect(readFileSync(await downloaded({ url: `${origin}/runc`, sha256: SHA }, context), 'utf8')).toBe(
    BINARY,
  );
});

test('a file of this machine with a checksum is copied as it was checked', async () => {
  const path = join(folder, 'runc.amd64');
  writeFileSync(path, BINARY);
  const file = await checkedFile(path, SHA, context);
  writeFileSync(path, 'rebuilt');
  expect(readFileSync(file, 'utf8')).toBe(BINARY);
  await expect(checkedFile(path, OTHER, context)).rejects.toThrow('does not match: nothing was installed');
  await expect(checkedFile(join(folder, 'none'), OTHER, context)).rejects.toThrow('none is not a file');
  expect(kept()).toEqual([SHA]);
});
