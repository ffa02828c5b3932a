const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that is safe to put into a page as it is. */
export class Html {
  constructor(readonly markup: string) {}
}

/** What a template of {@link html} takes; strings and numbers are escaped. */
export type HtmlValue = string | number | Html | readonly Html[];

/** A part of a page. Every value in it is escaped unless it is markup already. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((markup, part, i) => markup + toMarkup(values[i - 1]) + part));
}

/** Data for the page's scripts: no text in it can end the element that holds it. */
export function jsonElement(id: string, data: unknown): Html {
  const json = new Html(JSON.stringify(data).replaceAll('<', '\\u003c'));
  return html`<script type="application/json" id="${id}">${json}</script>`;
}

/** A script as a page can hold it: nothing in it can end its element. */
export function inlineScript(source: string): string {
  return source.replaceAll(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');
}

function toMarkup(value: HtmlValue | undefined): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(({ markup }) => markup).join('');
  return String(value ?? '').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
