/** Where the script of a run's page begins. */
import { startReport } from './report.js';

// The text above is painted first; a million requests take a moment to unpack.
requestAnimationFrame(() =>
  setTimeout(() => {
    startReport();
    document.documentElement.dataset.ready = 'yes';
  }),
);
