/** XML that came in, as a small tree. Names are compared by namespace and local name (RFC 4918 §17). */

export type Attribute = {
  readonly prefix: string;
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
};

export type Element = {
  readonly namespace: string;
  readonly name: string;
  readonly prefix: string;
  /** Without namespace declarations. */
  readonly attributes: readonly Attribute[];
  /** Prefix → namespace, declared on this very element. */
  readonly declarations: ReadonlyMap<string, string>;
  readonly children: readonly (Element | string)[];
};

export function isElement(node: Element | string): node is Element {
  return typeof node !== 'string';
}

export function elementsOf(element: Element): Element[] {
  return element.children.filter(isElement);
}

export function is(element: Element, namespace: string, name: string): boolean {
  return element.name === name && element.namespace === namespace;
}

export function childOf(element: Element, namespace: string, name: string): Element | undefined {
  for (const node of element.children) {
    if (isElement(node) && is(node, namespace, name)) return node;
  }
  return undefined;
}

export function childrenOf(element: Element, namespace: string, name: string): Element[] {
  return elementsOf(element).filter((node) => is(node, namespace, name));
}

/** Its own text, not that of elements in it. */
export function textOf(element: Element): string {
  let text = '';
  for (const node of element.children) if (!isElement(node)) text += node;
  return text;
}

/** An attribute without namespace. */
export function attributeOf(element: Element, name: string): string | undefined {
  return element.attributes.find((one) => one.name === name && one.namespace === '')?.value;
}
