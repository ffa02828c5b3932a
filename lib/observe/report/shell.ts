import { createHash } from 'node:crypto';
import { timelineStyle } from '../timeline/section.ts';
import type { ChartLibrary } from './chart-library.ts';
import { Html, html, inlineScript, jsonElement } from './html.ts';
import { pageStyle } from './styles.ts';

/** What a page is made of. */
export interface PageParts {
  readonly title: string;
  readonly main: Html;
  /** What the script finds in the element `data`. */
  readonly data: unknown;
  /** Runs after the chart library. */
  readonly script: string;
}

/**
 * A page that loads nothing. Its policy allows only its own scripts, by their hashes, and pictures
 * that are part of it.
 */
export function renderShell(
  { title, main, data, script }: PageParts,
  library: ChartLibrary,
): string {
  const scripts = [library.script, script].map(inlineScript);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy(scripts))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(library.style)}${new Html(pageStyle)}${new Html(timelineStyle)}</style>
</head>
<body>
<main>
${main}
</main>
${jsonElement('data', data)}
${scripts.map((source) => new Html(`<script>${source}</script>`))}
</body>
</html>
`;
  return page.markup;
}

function policy(scripts: readonly string[]): string {
  const hashes = scripts.map(
    (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${hashes.join(' ')}`;
}
