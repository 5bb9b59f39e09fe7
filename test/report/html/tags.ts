/** What a page is made of, as far as tests ask. */

/** The names of all elements, in order: what was said as text adds none. */
export function tagsOf(page: string): (string | undefined)[] {
  return [...page.matchAll(/<(\/?[a-z!][a-z0-9]*)/gi)].map(([, name]) => name);
}

export function idsOf(page: string): { ids: (string | undefined)[]; links: (string | undefined)[] } {
  return {
    ids: [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id),
    links: [...page.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id),
  };
}

/** All that may stand in a page; without it nothing is left. */
export const PRINTABLE = /[\p{L}\p{N}\p{P}\p{S} \n]/gu;
