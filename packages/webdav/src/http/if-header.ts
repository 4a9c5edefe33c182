/**
 * The `If` header (RFC 4918 §10.4), by its grammar:
 *
 *     If = ( 1*No-tag-list | 1*Tagged-list )
 *     Tagged-list = Resource-Tag 1*List
 *     List = "(" 1*Condition ")"
 *     Condition = ["Not"] (State-token | "[" entity-tag "]")
 */

export type IfCondition = {
  readonly not: boolean;
  /** A state token, or an entity tag without quotes. */
  readonly kind: 'token' | 'etag';
  readonly value: string;
  readonly weak: boolean;
};

export type IfList = {
  /** The URL it speaks of; undefined: that of the request. */
  readonly resource: string | undefined;
  readonly conditions: readonly IfCondition[];
};

/** Lists in one header; litmus sends two, the RFC's examples three. */
export const maxIfConditions = 500;

/** Undefined if it does not follow the grammar. */
export function parseIf(value: string): readonly IfList[] | undefined {
  const lists: IfList[] = [];
  let at = 0;
  let resource: string | undefined;
  let count = 0;
  let listsOfResource = 0;
  const skip = (): void => {
    while (value[at] === ' ' || value[at] === '\t' || value[at] === ',') at++;
  };
  const until = (end: string): string | undefined => {
    const stop = value.indexOf(end, at + 1);
    if (stop < 0) return undefined;
    const inside = value.slice(at + 1, stop);
    at = stop + 1;
    return inside;
  };
  for (skip(); at < value.length; skip()) {
    if (value[at] === '<') {
      // Tagged and untagged lists do not mix.
      if (resource === undefined ? lists.length > 0 : listsOfResource === 0) return undefined;
      resource = until('>');
      if (resource === undefined) return undefined;
      listsOfResource = 0;
      continue;
    }
    if (value[at] !== '(') return undefined;
    at++;
    const conditions: IfCondition[] = [];
    for (skip(); value[at] !== ')'; skip()) {
      if (at >= value.length || ++count > maxIfConditions) return undefined;
      const condition = readCondition();
      if (condition === undefined) return undefined;
      conditions.push(condition);
    }
    at++;
    if (conditions.length === 0) return undefined;
    lists.push({ resource, conditions });
    listsOfResource++;
  }
  return lists.length === 0 || (resource !== undefined && listsOfResource === 0)
    ? undefined
    : lists;

  function readCondition(): IfCondition | undefined {
    let not = false;
    if (/^not\b/i.test(value.slice(at, at + 4))) {
      not = true;
      at += 3;
      skip();
    }
    if (value[at] === '<') {
      const token = until('>');
      return token ? { not, kind: 'token', value: token, weak: false } : undefined;
    }
    if (value[at] !== '[') return undefined;
    // An entity tag may hold `]`, so it is read with its quotes.
    const match = /^\[\s*(W\/)?"([^"]*)"\s*\]/.exec(value.slice(at));
    if (match === null) return undefined;
    at += match[0].length;
    return { not, kind: 'etag', value: match[2] ?? '', weak: match[1] !== undefined };
  }
}

/** All state tokens that are submitted, negated or not (RFC 4918 §10.4.1). */
export function submittedTokens(lists: readonly IfList[]): ReadonlySet<string> {
  const tokens = new Set<string>();
  for (const { conditions } of lists) {
    for (const { kind, value } of conditions) if (kind === 'token') tokens.add(value);
  }
  return tokens;
}
