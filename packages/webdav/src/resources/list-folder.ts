/** GET on a plain folder: a page for people who follow a link into it. */
import type { Context } from '../context.ts';
import { formatHref } from '../path/url-path.ts';
import type { DavResponse } from '../request.ts';
import { eachOf } from '../storage/pages.ts';
import { childrenOf } from '../tree/list-node.ts';
import { isCollection, type Node } from '../tree/node.ts';
import { XmlWriter } from '../xml/xml-writer.ts';

/** A page longer than this is read by nobody. */
export const maxListed = 2000;

export async function listFolder(context: Context, node: Node): Promise<DavResponse> {
  const out = new XmlWriter();
  const title = formatHref(node.path, true);
  out.raw('<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>');
  out.raw(`${title}</title></head><body><h1>${title}</h1><ul>`);
  let count = 0;
  for await (const child of eachOf(childrenOf(context, node))) {
    if (++count > maxListed) {
      out.raw('<li>and more</li>');
      break;
    }
    out.raw(`<li><a href="${formatHref(child.path, isCollection(child))}">`);
    out.text(child.path.at(-1) ?? '');
    out.raw(isCollection(child) ? '/</a></li>' : '</a></li>');
  }
  out.raw('</ul></body></html>');
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'",
      'Cache-Control': 'private, no-cache',
    },
    body: out.take(),
  };
}
