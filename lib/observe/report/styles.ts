/** The page's look: system fonts, light and dark, from a phone's width up. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #e3e6eb; --grid: #edeff2;
  --text: #16191f; --soft: #5d6675; --accent: #2f6fed;
  --tone-0: #d9730d; --tone-1: #2f6fed; --tone-2: #0f9d7a; --tone-3: #a63fd0;
  --part-0: #8e7cf0; --part-1: #4aa8e0; --part-2: #2fa36b; --part-3: #c9ced8; --part-4: #e8a13a;
  --good: #1a7f4b; --busy: #2f6fed; --warn: #a86400; --bad: #c62f35;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1216; --card: #171b21; --line: #282e37; --grid: #20252d;
    --text: #e7eaef; --soft: #98a2b3; --accent: #6ea3ff;
    --tone-0: #f2a154; --tone-1: #6ea3ff; --tone-2: #45cfa6; --tone-3: #cf8af0;
    --part-0: #8f80e6; --part-1: #4a9fd1; --part-2: #38a673; --part-3: #475060; --part-4: #d99a3c;
    --good: #4cc38a; --busy: #6ea3ff; --warn: #e5a84b; --bad: #f2777a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text); line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-size: 15px; font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
}
main { max-width: 1120px; margin: 0 auto; padding: 32px 20px 48px; display: grid; gap: 16px; }
main > *, .pair > *, .stack > * { min-width: 0; }
h1, h2, p, dl, dd, figure { margin: 0; }
h1 { font-size: 24px; line-height: 1.25; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 15px; font-weight: 600; }
code, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.92em; }
.soft { color: var(--soft); }
.heading { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; padding: 0 2px; }
.heading p { flex-basis: 100%; color: var(--soft); overflow-wrap: anywhere; }
.status {
  padding: 1px 10px 2px; border: 1px solid currentColor; border-radius: 99px;
  font-size: 13px; font-weight: 600;
}
.good { color: var(--good); } .busy { color: var(--busy); }
.warn { color: var(--warn); } .bad { color: var(--bad); }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px 20px;
}
.card > h2 { margin-bottom: 12px; }
.note { border-left: 4px solid currentColor; padding: 12px 16px; overflow-wrap: anywhere; }
.note span { color: var(--text); }
.tiles { display: flex; flex-wrap: wrap; gap: 1px; background: var(--line);
  border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.tiles > div { flex: 1 1 calc(25% - 1px); background: var(--card); padding: 12px 20px 13px; }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { font-size: 20px; font-weight: 600; letter-spacing: -0.01em; white-space: nowrap; }
.tiles small { font-size: 13px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
  gap: 16px; align-items: start; }
.stack { display: grid; gap: inherit; }
.empty { color: var(--soft); padding: 28px 0; text-align: center; }

.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; min-height: 24px; margin: -6px 0 8px; font-size: 13px; }
.legend span { white-space: nowrap; }
.legend i, .share-legend i {
  display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px;
}
.legend b { font-weight: 600; margin-left: 4px; }
.plot { height: 240px; }
.hint { color: var(--soft); font-size: 13px; margin-top: 8px; }

.samples img {
  display: block; width: 100%; height: auto; margin: 0 auto; border-radius: 6px; background: #000;
  image-rendering: pixelated;
}
.player { display: flex; align-items: center; gap: 12px; margin-top: 12px; }
.player input { flex: 1; min-width: 60px; accent-color: var(--accent); height: 28px; }
.player button {
  font: inherit; font-weight: 600; color: inherit; background: none; cursor: pointer;
  border: 1px solid var(--line); border-radius: 8px; padding: 5px 0; width: 76px;
}
.player button:hover { border-color: var(--accent); }
.player :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
figcaption { margin-top: 6px; font-size: 13px; color: var(--soft); }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: right; padding: 6px 0 6px 12px; border-top: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { border: 0; color: var(--soft); font-weight: 400; font-size: 13px; padding-top: 0; padding-bottom: 4px; }
tbody th { font-weight: 400; }
tfoot th, tfoot td { font-weight: 600; }
.share { display: grid; grid-template-columns: max-content 1fr; gap: 8px 12px; align-items: center; margin: 18px 0 10px; }
.share-bar { display: flex; height: 16px; border-radius: 5px; overflow: hidden; background: var(--grid); }
.share-bar div { min-width: 0; }
.share-legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; color: var(--soft); }
.settings { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(44%, 190px), 1fr)); gap: 12px 20px; }
.settings .long { grid-column: 1 / -1; }
.settings div { min-width: 0; }
.settings dt { color: var(--soft); font-size: 13px; }
.settings dt, .settings dd { overflow-wrap: anywhere; }
.resumptions { margin: 0; padding-left: 20px; }
@media (max-width: 520px) {
  main { padding: 20px 12px 32px; gap: 12px; }
  .pair { gap: 12px; }
  .card { padding: 14px 14px 16px; }
  .tiles > div { flex-basis: calc(50% - 1px); padding: 10px 14px; }
  h1 { font-size: 20px; }
}
`;
