import { SourceMap } from 'node:module';

const MAP_COMMENT = /\n?\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/;
/** Sources of Lambduel's own layers, which an error is not to be looked for in. */
const OWN = /^(?:\.\/)?lambduel:/;

/** Finds where in a person's files an error of a bundle was thrown. */
export class BundleTrace {
  readonly #map: SourceMap | undefined;
  readonly #frame: RegExp;

  private constructor(map: SourceMap | undefined, file: string) {
    this.#map = map;
    this.#frame = new RegExp(`lambduel-program-[^/\\\\]+[/\\\\]${file}[^:]*:(\\d+):(\\d+)`, 'g');
  }

  /**
   * Part a bundle from its source map. Without the comment Node.js does not read the map itself.
   *
   * @param file the name that the code is run by
   */
  static split(text: string, file: string): { code: string; trace: BundleTrace } {
    const [comment, encoded] = MAP_COMMENT.exec(text) ?? [];
    const code = comment === undefined ? text : text.slice(0, -comment.length);
    return { code, trace: new BundleTrace(encoded ? parseMap(encoded) : undefined, file) };
  }

  /** Such as `gan.ts:12:5`; undefined: not known, as for what is not thrown by the bundle. */
  locate(error: unknown): string | undefined {
    if (!(error instanceof Error) || !this.#map) return undefined;
    for (const [, line, column] of (error.stack ?? '').matchAll(this.#frame)) {
      const entry = this.#map.findEntry(Number(line) - 1, Number(column) - 1);
      if (!('originalSource' in entry) || OWN.test(entry.originalSource)) continue;
      return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    }
    return undefined;
  }
}

/** A map that is damaged costs the lines of errors only: the bundle's hash was right. */
function parseMap(encoded: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')));
  } catch {
    return undefined;
  }
}
