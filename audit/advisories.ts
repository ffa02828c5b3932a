import { execFile } from 'node:child_process';
import { z } from 'zod';
import { ADVISORY_EXCEPTIONS, type AdvisoryException } from './exceptions.ts';

const LIMIT_MS = 120_000;
const MAX_OUTPUT = 64 * 2 ** 20;
const SERIOUS: ReadonlySet<string> = new Set(['high', 'critical']);

const advisorySchema = z.looseObject({
  name: z.string(),
  title: z.string(),
  url: z.string(),
  severity: z.string(),
});

const auditSchema = z.looseObject({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    // A text is the name of another package, which has the advisory itself.
    z.looseObject({ via: z.array(z.union([z.string(), advisorySchema])) }),
  ),
});

/** A known fault of a package. */
export interface Advisory {
  /** As `GHSA-xxxx-xxxx-xxxx`. */
  readonly id: string;
  readonly package: string;
  readonly severity: string;
  readonly title: string;
}

/** What the advisory service said; `why` it said nothing, where it could not be asked. */
export type AuditResult =
  | { readonly checked: true; readonly serious: readonly Advisory[] }
  | { readonly checked: false; readonly why: string };

/** Ask the registry's advisory service about all packages that ship. */
export function askAdvisories(root: string): Promise<AuditResult> {
  const args = ['audit', '--omit=dev', '--audit-level=high', '--json'];
  const options = { cwd: root, timeout: LIMIT_MS, maxBuffer: MAX_OUTPUT };
  return new Promise((resolve) => {
    // It ends with 1 both when it finds something and when it cannot ask: the output tells.
    execFile('npm', args, options, (error, stdout) => {
      resolve(readAudit(stdout, error?.message.split('\n')[0] ?? ''));
    });
  });
}

/** Understand what `npm audit --json` writes. @param fallback why there may be nothing to read */
export function readAudit(output: string, fallback: string): AuditResult {
  let json: unknown;
  try {
    json = JSON.parse(output);
  } catch {
    return { checked: false, why: fallback || 'npm audit wrote no JSON' };
  }
  const audit = auditSchema.safeParse(json);
  if (!audit.success) {
    const said = z.looseObject({ message: z.string() }).safeParse(json).data?.message;
    return { checked: false, why: said ?? 'npm audit wrote something else than a report' };
  }
  const found = Object.values(audit.data.vulnerabilities).flatMap(({ via }) =>
    via.flatMap((each) => (typeof each === 'string' ? [] : [advisoryOf(each)])),
  );
  const byId = new Map(found.map((advisory) => [`${advisory.id} ${advisory.package}`, advisory]));
  return {
    checked: true,
    serious: [...byId.values()].filter((each) => SERIOUS.has(each.severity)),
  };
}

/** The advisories that no exception covers which still counts. @param today as `2026-12-31` */
export function openAdvisories(
  serious: readonly Advisory[],
  today: string,
  exceptions: readonly AdvisoryException[] = ADVISORY_EXCEPTIONS,
): Advisory[] {
  return serious.filter(
    ({ id, package: name }) =>
      !exceptions.some(
        (each) => each.advisory === id && each.package === name && today < each.reviewBy,
      ),
  );
}

function advisoryOf({ name, title, url, severity }: z.infer<typeof advisorySchema>): Advisory {
  return { id: url.slice(url.lastIndexOf('/') + 1), package: name, severity, title };
}
