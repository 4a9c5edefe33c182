/** Why a request is refused, with the status and the body it is answered with (RFC 4918 §16). */
import { type Precondition, preconditions } from './codes.ts';
import type { DavResponse } from './request.ts';
import { declarations, xmlDeclaration } from './xml/namespaces.ts';
import { XmlWriter } from './xml/xml-writer.ts';

type Options = {
  readonly precondition?: Precondition;
  /** What stands inside the precondition's element. */
  readonly detail?: (out: XmlWriter) => void;
  /** For people; without it the precondition's own sentence. */
  readonly sentence?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export class DavError extends Error {
  override readonly name: string = 'DavError';
  readonly status: number;
  readonly precondition: Precondition | undefined;
  readonly detail: ((out: XmlWriter) => void) | undefined;
  readonly sentence: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, options: Options = {}) {
    const { precondition, detail, headers = {} } = options;
    const sentence = options.sentence ?? (precondition ? preconditions[precondition] : '');
    super(`${status} ${precondition ?? ''} ${sentence}`);
    this.status = status;
    this.precondition = precondition;
    this.detail = detail;
    this.sentence = sentence;
    this.headers = headers;
  }
}

/** 403 or 409 with the element that names what does not hold. */
export function failed(
  precondition: Precondition,
  options: Omit<Options, 'precondition'> & { readonly status?: number } = {},
): DavError {
  return new DavError(options.status ?? 403, { ...options, precondition });
}

export function errorResponse(error: DavError): DavResponse {
  const headers: Record<string, string> = { ...error.headers };
  if (error.precondition === undefined && error.sentence === '') {
    return { status: error.status, headers, body: new Uint8Array(0) };
  }
  const out = new XmlWriter();
  out.raw(xmlDeclaration);
  writeError(out, error, true);
  headers['Content-Type'] = 'application/xml; charset=utf-8';
  return { status: error.status, headers, body: out.take() };
}

/** `D:error` as a body of its own, or inside a `D:response` or `D:propstat`, where the root has the namespaces. */
export function writeError(out: XmlWriter, error: DavError, root: boolean): void {
  out.raw(root ? `<D:error${declarations}>` : '<D:error>');
  if (error.precondition !== undefined) {
    out.raw(`<${error.precondition}>`);
    error.detail?.(out);
    out.raw(`</${error.precondition}>`);
  }
  // An element clients do not know is ignored (RFC 4918 §17); people read it in logs.
  if (error.sentence !== '') out.element('R:message', error.sentence);
  out.raw('</D:error>');
}
