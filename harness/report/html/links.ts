/** Links to what lies beside a page. */

/** A path, relative with `/`, as a link, whatever is in its names. */
export function linkTo(path: string): string {
  return `./${path.split('/').map(encodeName).join('/')}`;
}

/** Half of a pair of surrogates cannot be in an address; such a name is not one that Thaw gave. */
function encodeName(name: string): string {
  return encodeURIComponent(name.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
}
