/** Keys, wheel, mouse and fingers on the timeline, as what they mean. */

/**
 * @typedef {object} Meaning what the timeline can be told; places and distances in CSS pixels
 * @property {(what: string) => void} act by the name of an action
 * @property {(factor: number, x: number) => void} zoom
 * @property {(pixels: number) => void} pan
 * @property {(x: number, y: number) => void} point
 * @property {() => boolean} isWhole whether there is nothing more to zoom out to
 */

const KEYS = new Map([
  ['ArrowLeft', 'left'],
  ['ArrowRight', 'right'],
  ['+', 'in'],
  ['=', 'in'],
  ['-', 'out'],
  [',', 'before'],
  ['.', 'after'],
  ['[', 'previous'],
  [']', 'next'],
  ['l', 'lost'],
  ['L', 'lost'],
  ['Home', 'all'],
  ['Escape', 'none'],
]);

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Meaning} meaning
 */
export function listen(canvas, { act, zoom, pan, point, isWhole }) {
  /** @type {Map<number, { x: number }>} */
  const fingers = new Map();
  canvas.addEventListener('keydown', (event) => {
    const what = KEYS.get(event.key);
    if (what === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(what);
  });
  canvas.addEventListener(
    'wheel',
    (event) => {
      // A page that is scrolled past the timeline must not be caught by it.
      const meant = event.ctrlKey || document.activeElement === canvas;
      if (!meant || (event.deltaY > 0 && isWhole())) return;
      event.preventDefault();
      const turned = Math.max(-200, Math.min(200, event.deltaY * (event.deltaMode === 0 ? 1 : 30)));
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
        pan(-(event.deltaX || event.deltaY));
      else zoom(1.0025 ** turned, event.offsetX);
    },
    { passive: false },
  );
  canvas.addEventListener('pointerdown', (event) => {
    fingers.set(event.pointerId, { x: event.offsetX });
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    const finger = fingers.get(event.pointerId);
    if (finger === undefined) return point(event.offsetX, event.offsetY);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) pan(event.offsetX - finger.x);
    else zoom(spread(finger.x, other.x) / spread(event.offsetX, other.x), other.x);
    finger.x = event.offsetX;
  });
  for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) {
    canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
  canvas.addEventListener('click', (event) => point(event.offsetX, event.offsetY));
  canvas.addEventListener('pointerleave', (event) => {
    if (event.pointerType === 'mouse' && document.activeElement !== canvas) act('none');
  });
}

/**
 * @param {number} a
 * @param {number} b
 */
function spread(a, b) {
  return Math.max(10, Math.abs(a - b));
}
