// The arrivals as bars. Where Chart.js has not come, the sentence and the table say the same.

const drawn = new WeakMap();

/** `box` holds a canvas and, in data-bars, pairs of clock time and number as JSON. Draws, or brings up to date what is drawn. */
export function draw(box) {
  if (!box || !window.Chart) return;
  const bars = JSON.parse(box.dataset.bars);
  const known = drawn.get(box);
  if (known?.bars === box.dataset.bars) return;
  const chart = known?.chart ?? begun(box);
  chart.data.labels = bars.map(([time]) => time);
  chart.data.datasets[0].data = bars.map(([, number]) => number);
  chart.update("none");
  drawn.set(box, { chart, bars: box.dataset.bars });
}

function begun(box) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  box.hidden = false;
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  return new window.Chart(box.querySelector("canvas"), {
    type: "bar",
    data: { labels: [], datasets: [{ label: box.dataset.label, data: [], backgroundColor: colour("--primary"), borderRadius: 3, maxBarThickness: 28 }] },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: { legend: { display: false }, tooltip: { displayColors: false, titleFont: font, bodyFont: font } },
      scales: {
        x: { grid: { display: false }, ticks: { color: colour("--muted"), font, maxRotation: 0, autoSkipPadding: 14 } },
        y: { beginAtZero: true, grid: { color: colour("--line") }, border: { display: false }, ticks: { color: colour("--muted"), font, precision: 0, maxTicksLimit: 6 } },
      },
    },
  });
}
