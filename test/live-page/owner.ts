/** Opens a live page, says its URL and its process, stops it as for a freeze, and stays: killed by the test. */
import { openLivePage } from '../../harness/live-page/open.ts';
import { noProgress } from '../../harness/report/progress.ts';

const page = await openLivePage();
page.beside(noProgress()).hold();
process.stdout.write(`${page.url}\n`);
setTimeout(() => {}, 60_000);
