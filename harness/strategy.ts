/** What strategies have in common. */
import type { Strategy } from './model.ts';

/** Whether memory follows the container when it has resumed already. */
export function isLazy({ kind }: Strategy): boolean {
  return kind === 'post-copy' || kind === 'hybrid';
}
