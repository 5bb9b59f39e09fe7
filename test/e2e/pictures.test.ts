import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect } from 'vitest';
import { launch, whyNoBrowser } from '../browser/chromium.ts';
import { whyNotHere } from './machine.ts';
import { placed as test } from './placed.ts';
import { ROOT } from './thaw.ts';

const why = whyNotHere() ?? whyNoBrowser();

describe.skipIf(why !== null)(
  `the pictures of README and docs${why === null ? '' : ` (skipped: ${why})`}`,
  () => {
    test('are made from real runs by the script that is in the repository', async ({ place }) => {
      const to = join(place.path, 'pictures');
      const short = ['--count', '1', '--against', 'auto', '--memory', '1MiB,8MiB,16MiB', '--to', to];
      await execa('npm', ['run', '--silent', 'pictures', '--', ...short], { cwd: ROOT });
      // Those that are shown, and no others.
      expect(readdirSync(to).sort()).toEqual(readdirSync(join(ROOT, 'docs/pictures')).sort());
      expect(readFileSync(join(to, 'terminal.svg'), 'utf8')).toContain('frozen\u00a0window');
      const browser = await launch();
      const page = await browser.newPage();
      for (const name of readdirSync(to).filter((one) => one.endsWith('.webp'))) {
        const url = `data:image/webp;base64,${readFileSync(join(to, name)).toString('base64')}`;
        const { width, colours } = await page.evaluate<{ width: number; colours: number }, string>(seen, url);
        expect([name, width > 1000, colours > 16]).toEqual([name, true, true]);
      }
      await browser.close();
    });
  },
);

/** In the browser: a picture of nothing has one colour, or two. */
async function seen(url: string): Promise<{ width: number; colours: number }> {
  // biome-ignore lint/suspicious/noExplicitAny: the tests are compiled without the types of browsers.
  const { Image, document } = globalThis as any;
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  return { width: image.width, colours: new Set(new Uint32Array(data.buffer)).size };
}
