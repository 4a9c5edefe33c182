/** HTML as text, with everything that is not ours escaped. */

declare const safe: unique symbol;
/** Markup; made by `html` only. */
export type Html = { readonly text: string; readonly [safe]: true };

type Value = string | number | Html | readonly Html[] | undefined;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character]!);
}

function textOf(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'object') return 'text' in value ? value.text : value.map(textOf).join('');
  return escapeHtml(String(value));
}

export function html(pieces: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = pieces[0]!;
  for (const [i, value] of values.entries()) text += textOf(value) + pieces[i + 1]!;
  return { text } as Html;
}

/** Markup that somebody else has made and answers for. */
export function trusted(text: string): Html {
  return { text } as Html;
}
