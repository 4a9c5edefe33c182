/** `CS:calendarserver-principal-search`: by words in names and addresses, as Apple’s clients look for people. */
import { Right } from '../acl/privilege.ts';
import { requireRights } from '../context.ts';
import type { Exchange } from '../exchange.ts';
import { propertyRequestOf } from '../properties/property-request.ts';
import type { DavResponse } from '../request.ts';
import type { Node } from '../tree/node.ts';
import { attributeOf, childrenOf, type Element, textOf } from '../xml/element.ts';
import { CALENDARSERVER } from '../xml/namespaces.ts';
import { answerPrincipals, matchesText, searchPrincipals } from './principal-property-search.ts';

export async function calendarserverPrincipalSearch(
  exchange: Exchange,
  node: Node,
  root: Element,
): Promise<DavResponse> {
  const { context } = exchange;
  await requireRights(context, node, Right.read);
  const words = childrenOf(root, CALENDARSERVER, 'search-token')
    .map((one) => textOf(one).trim().toLowerCase())
    .filter((word) => word !== '');
  const groupsToo = attributeOf(root, 'context') !== 'user';
  const found = await searchPrincipals(context, undefined, (principal) => {
    if (words.length === 0 || (principal.kind === 'group' && !groupsToo)) return false;
    const values = [principal.displayName, principal.name, ...principal.emailAddresses];
    return words.every((word) =>
      values.some((value) => matchesText(value.toLowerCase(), word, 'contains')),
    );
  });
  return answerPrincipals(exchange, found, propertyRequestOf(root));
}
