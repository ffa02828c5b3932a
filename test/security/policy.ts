/**
 * Evaluates statements of policies as AWS documents it for requests within one account: an explicit
 * `Deny` comes before any `Allow`, and what nobody allows is denied. What it does not know, it refuses
 * to judge.
 */

/** A statement as it is in a policy, with all references resolved. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: OneOrMore;
  readonly Resource: OneOrMore;
  /** Of a resource's own policy. */
  readonly Principal?: '*' | Readonly<Record<string, OneOrMore>>;
  readonly Condition?: Conditions;
  readonly Sid?: string;
}

type OneOrMore = string | readonly string[];
type Conditions = Readonly<Record<string, Readonly<Record<string, OneOrMore | number | boolean>>>>;

/** Something that is asked of AWS. */
export interface Request {
  /** The ARN of a role or a user, or the name of a service. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** What conditions look at, as `aws:SecureTransport`. */
  readonly context?: Readonly<Record<string, string>>;
}

export type Decision = 'allowed' | 'denied' | 'denied by a statement';

const KNOWN = new Set(['Effect', 'Action', 'Resource', 'Principal', 'Condition', 'Sid']);

/** Decide about a request by the statements that apply to it, of the principal and of the resource. */
export function decide(statements: readonly Statement[], request: Request): Decision {
  const matching = statements.filter((statement) => applies(statement, request));
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'denied by a statement';
  return matching.some(({ Effect }) => Effect === 'Allow') ? 'allowed' : 'denied';
}

/** Whether a pattern of AWS covers a text: `*` is any characters, slashes too, and `?` is any one. */
export function covers(pattern: string, text: string, ignoreCase = false): boolean {
  const source = pattern
    .replaceAll(/[^\w*?]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  return new RegExp(`^${source}$`, ignoreCase ? 'i' : '').test(text);
}

function applies(statement: Statement, request: Request): boolean {
  const unknown = Object.keys(statement).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw new Error(`Policies with ${unknown} are not understood here`);
  const { Action, Resource, Principal, Condition = {} } = statement;
  return (
    listOf(Action).some((action) => covers(action, request.action, true)) &&
    listOf(Resource).some((resource) => covers(resource, request.resource)) &&
    isFor(Principal, request.principal) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) =>
        holds(operator, wanted, request.context?.[key]),
      ),
    )
  );
}

function isFor(principals: Statement['Principal'], principal: string): boolean {
  if (principals === undefined || principals === '*') return true; // a role's policy has none
  const named = Object.values(principals).flatMap(listOf);
  return named.includes('*') || named.includes(principal);
}

/** A key that a request does not have fulfils no condition. */
function holds(
  operator: string,
  wanted: OneOrMore | number | boolean,
  actual: string | undefined,
): boolean {
  const values = typeof wanted === 'object' ? wanted : [String(wanted)];
  if (actual === undefined) return false;
  switch (operator) {
    case 'StringEquals':
      return values.includes(actual);
    case 'StringLike':
      return values.some((pattern) => covers(pattern, actual));
    case 'Bool':
      return values.includes(actual);
    case 'NumericLessThan':
      return values.some((limit) => Number(actual) < Number(limit));
    default:
      throw new Error(`The condition ${operator} is not understood here`);
  }
}

function listOf(value: OneOrMore): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
