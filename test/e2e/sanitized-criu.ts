/** CRIU itself as its authors released it, with AddressSanitizer, and a mistake that it goes on after. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Repository, repository } from '../runtime/sources/repository.ts';
import { criuSource } from './criu-source.ts';

/** What its sanitizer says of the mistake, which is made at each dump. */
export const MISTAKE = /^AddressSanitizer: heap-buffer-overflow .*cr_dump_tasks$/;

/** Tells, and goes on. */
export const ASAN_OPTIONS = 'halt_on_error=0';

/** A clone whose `main` it is; always the same commit, so that it is built once. */
export async function sanitizedCriu(into: string): Promise<Repository> {
  await criuSource(into, 'forky');
  const made = repository(into);
  const read = (file: string): string => readFileSync(join(into, file), 'utf8');
  made.commit({
    Makefile: `ASAN := 1\n${replaced(read('Makefile'), '-fsanitize=address', '-fsanitize=address -fsanitize-recover=address')}`,
    'criu/cr-dump.c': replaced(
      read('criu/cr-dump.c'),
      /(int cr_dump_tasks\(pid_t pid\)\n\{\n(?:\t.*;\n)+)/,
      '$1\tvolatile char *over = xmalloc(4);\n\tpr_debug("%d\\n", over[4]);\n',
    ),
  });
  return made;
}

function replaced(text: string, what: string | RegExp, by: string): string {
  const changed = text.replace(what, by);
  if (changed === text) throw new Error(`CRIU's sources have no ${what}`);
  return changed;
}
