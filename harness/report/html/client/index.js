/** Tables of runs and of cells: which rows are shown. */

function main() {
  const selects = [...document.querySelectorAll('select[data-filter]')].filter(
    (one) => one instanceof HTMLSelectElement,
  );
  const table = document.querySelector('table[data-filtered]');
  const search = document.querySelector('input[data-filter-text]');
  const more = document.querySelector('#show-more');
  const rows = [...document.querySelectorAll('table[data-filtered] tbody tr')].filter(
    (one) => one instanceof HTMLTableRowElement,
  );
  const status = document.querySelector('#shown');
  const data = table instanceof HTMLTableElement ? table.dataset : {};
  const step = Number(data.rows ?? Number.POSITIVE_INFINITY);
  let most = step;
  const names = rows.map((row) => (row.cells[0]?.textContent ?? '').toLowerCase());
  const show = () => {
    const text = search instanceof HTMLInputElement ? search.value.toLowerCase() : '';
    let found = 0;
    rows.forEach((row, i) => {
      const fits =
        (names[i] ?? '').includes(text) &&
        selects.every(({ value, dataset }) => value === '' || row.dataset[dataset.filter ?? ''] === value);
      if (fits) found++;
      const hidden = !fits || found > most;
      // Only what changes is laid out anew.
      if (row.hidden !== hidden) row.hidden = hidden;
    });
    if (more instanceof HTMLElement) more.hidden = found <= most;
    if (status !== null)
      status.textContent = `${found.toLocaleString('en-US')} of ${rows.length.toLocaleString('en-US')} ${data.filtered}${found > most ? `, the first ${most.toLocaleString('en-US')} shown` : ''}`;
  };
  const again = () => {
    most = step;
    show();
  };
  for (const select of selects) select.addEventListener('change', again);
  search?.addEventListener('input', again);
  more?.addEventListener('click', () => {
    most += step;
    show();
  });
  document.querySelector('#filter-none')?.addEventListener('click', () => {
    for (const select of selects) select.value = '';
    if (search instanceof HTMLInputElement) search.value = '';
    again();
  });
  // A browser that comes back to the page may have kept what was chosen.
  show();
  document.documentElement.dataset.ready = 'yes';
}

main();
