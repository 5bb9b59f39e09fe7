/** Where the script of a page of a run that goes on begins: as any page of a run, and then it follows. */
import { follow } from './live.js';
import { startReport } from './report.js';

requestAnimationFrame(() =>
  setTimeout(() => {
    const { after } = JSON.parse(document.querySelector('#data')?.textContent ?? '{}').live;
    follow(document.querySelector('#timeline') === null ? null : startReport(), after);
    document.documentElement.dataset.ready = 'yes';
  }),
);
