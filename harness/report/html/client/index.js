/** The index of runs: which rows are shown. */

function main() {
  const selects = [...document.querySelectorAll('select[data-filter]')].filter(
    (one) => one instanceof HTMLSelectElement,
  );
  const rows = [...document.querySelectorAll('#run-table tbody tr')].filter(
    (one) => one instanceof HTMLTableRowElement,
  );
  const status = document.querySelector('#shown');
  const show = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = selects.some(
        ({ value, dataset }) => value !== '' && row.dataset[dataset.filter ?? ''] !== value,
      );
      if (!row.hidden) shown++;
    }
    if (status !== null)
      status.textContent = `${shown.toLocaleString('en-US')} of ${rows.length.toLocaleString('en-US')} runs`;
  };
  for (const select of selects) select.addEventListener('change', show);
  document.querySelector('#filter-none')?.addEventListener('click', () => {
    for (const select of selects) select.value = '';
    show();
  });
  // A browser that comes back to the page may have kept what was chosen.
  show();
  document.documentElement.dataset.ready = 'yes';
}

main();
