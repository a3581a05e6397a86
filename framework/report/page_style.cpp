#include "report/page_style.h"

namespace peft::host {

// The colours keep a contrast of 4.5 to their ground in both modes (WCAG 2.2, AA) and differ in lightness, so
// that they are told apart without hue.
const std::string_view page_style = R"css(
:root { color-scheme: light dark; --ground: #fff; --ink: #1c2024; --quiet: #5b6470; --rule: #d9dee4;
  --panel: #f5f7f9; --good: #0b6b3a; --bad: #a3301c; --warn: #fff4d6; --c1: #1a5fb4; --c2: #b04a00;
  --c3: #0b6b5a; --c4: #7a3a9c; }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #15181c; --ink: #e4e8ec;
  --quiet: #9aa5b1; --rule: #353c45; --panel: #1d2228; --good: #5fd08f; --bad: #ff8f7a; --warn: #3a3115;
  --c1: #78aeff; --c2: #ffa35c; --c3: #4fd0b8; --c4: #d09cf0; } }
* { box-sizing: border-box; }
body { background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  margin: 0 auto; max-width: 75rem; padding: 1.5rem 1.25rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { border-top: 1px solid var(--rule); font-size: 1.25rem; margin: 2.25rem 0 .75rem; padding-top: 1.25rem; }
p { margin: .5rem 0; max-width: 50rem; }
a { color: var(--c1); }
nav a { margin-right: .9rem; }
.quiet, caption, figcaption, dt { color: var(--quiet); }
.quiet, caption, dt { font-size: .875rem; }
.notice { background: var(--warn); border-left: 4px solid var(--c2); margin: .75rem 0; padding: .5rem .9rem; }
dl { display: grid; gap: .6rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr));
  margin: 1rem 0; }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0; }
caption { padding-bottom: .3rem; text-align: left; }
th, td { border-bottom: 1px solid var(--rule); overflow-wrap: normal; padding: .35rem 1.1rem .35rem 0;
  text-align: left; vertical-align: top; }
thead th { color: var(--quiet); font-size: .875rem; font-weight: 600; }
tbody th { font-weight: 500; }
.figures { font-size: 1.1rem; }
.figures td, .figures thead th, .curves td, .curves thead th { text-align: right; }
.figures thead th:first-child, .curves thead th:first-child { text-align: left; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
code, pre { font: .875rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
pre { background: var(--panel); border: 1px solid var(--rule); border-radius: 4px; margin: .5rem 0;
  overflow-x: auto; padding: .75rem 1rem; white-space: pre-wrap; }
summary { cursor: pointer; margin: .5rem 0; }
.sample { border: 1px solid var(--rule); border-radius: 4px; break-inside: avoid; margin: .9rem 0;
  padding: .7rem 1rem; }
.pair { display: grid; gap: 1.25rem; grid-template-columns: 1fr 1fr; margin-top: .6rem; }
.said { unicode-bidi: isolate; white-space: pre-wrap; }
.prompt .said { font-weight: 600; }
.plots { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(min(27rem, 100%), 1fr)); }
figure { break-inside: avoid; margin: 0; min-width: 0; position: relative; }
figcaption { font-size: .875rem; min-height: 1.5em; }
figcaption b { color: var(--ink); font-size: 1rem; }
output { background: var(--ground); color: var(--ink); font-variant-numeric: tabular-nums; position: absolute;
  right: 0; top: 1.6em; }
.key { margin-left: .8rem; }
.key::before { background: currentColor; content: ""; display: inline-block; height: 3px; margin-right: .35rem;
  vertical-align: middle; width: 1.1rem; }
.key.faint::before { opacity: .4; }
.key.c1 { color: var(--c1); } .key.c2 { color: var(--c2); } .key.c3 { color: var(--c3); } .key.c4 { color: var(--c4); }
svg { display: block; height: auto; overflow: visible; width: 100%; }
svg text { fill: var(--quiet); font: 12px system-ui, sans-serif; }
svg .grid, svg .cursor { stroke: var(--rule); }
svg .axis { stroke: var(--quiet); }
svg .reference { stroke: var(--quiet); stroke-dasharray: 6 4; }
svg path { stroke-linecap: round; stroke-linejoin: round; stroke-width: 2; }
svg path.faint { opacity: .4; stroke-width: 1; }
svg path.c1 { stroke: var(--c1); } svg path.c2 { stroke: var(--c2); }
svg path.c3 { stroke: var(--c3); } svg path.c4 { stroke: var(--c4); }
svg circle.c1 { fill: var(--c1); } svg circle.c2 { fill: var(--c2); }
svg circle.c3 { fill: var(--c3); } svg circle.c4 { fill: var(--c4); }
@media (max-width: 40rem) { .pair { grid-template-columns: 1fr; } }
@page { margin: 14mm; }
@media print { nav { display: none; } body { font-size: 10.5pt; max-width: none; padding: 0; }
  h2 { break-after: avoid; } .plots { grid-template-columns: 1fr 1fr; } .scroll { overflow: visible; } }
)css";

// The nearest drawn point of every line, read back from where it stands in the picture.
const std::string_view page_script = R"js(
function reader(text) {
  const [low, high, from, to, kind] = text.split(' ');
  const [a, b] = [low, high].map(v => kind === 'log' ? Math.log10(v) : Number(v));
  return at => {
    const v = a + (at - from) / (to - from) * (b - a);
    return kind === 'log' ? Math.pow(10, v) : v;
  };
}
for (const svg of document.querySelectorAll('svg[data-x]')) {
  const [x, y] = [reader(svg.dataset.x), reader(svg.dataset.y)];
  const shown = svg.parentNode.querySelector('output');
  const lines = Array.from(svg.querySelectorAll('path'), path => ({
    label: path.dataset.label,
    points: Array.from(path.getAttribute('d').matchAll(/([-\d.]+),([-\d.]+)/g), m => [Number(m[1]), Number(m[2])])
  }));
  const cursor = document.createElementNS(svg.namespaceURI, 'line');
  cursor.setAttribute('class', 'cursor');
  svg.insertBefore(cursor, svg.querySelector('path'));
  const nearest = (points, at) => points.reduce((p, q) => Math.abs(p[0] - at) > Math.abs(q[0] - at) ? q : p);
  svg.addEventListener('pointermove', event => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x;
    const found = lines.map(line => [line.label, nearest(line.points, at)]);
    const step = Math.round(x(found[0][1][0]));
    const [, , bottom, top] = svg.dataset.y.split(' ');
    for (const [name, value] of [['x1', found[0][1][0]], ['x2', found[0][1][0]], ['y1', top], ['y2', bottom]])
      cursor.setAttribute(name, value);
    cursor.style.display = 'inline';
    shown.textContent = [svg.dataset.name + ' ' + step.toLocaleString('en')]
      .concat(found.map(([label, point]) => label + ' ' + Number(y(point[1]).toPrecision(4)))).join(' · ');
  });
  svg.addEventListener('pointerleave', () => { shown.textContent = ''; cursor.style.display = 'none'; });
}
addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(d => { d.open = true; }));
)js";

}  // namespace peft::host
