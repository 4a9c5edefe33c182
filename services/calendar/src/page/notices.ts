/** What of the server's state concerns who looks at their account: why changes are refused, what waits for a decision. */
import { roleOf } from '@riad/calendar-store/layout/paths';
import type { WaitingConflict } from '@riad/store/git/conflict-branches';
import { type Html, html } from './html.ts';

export type Notices = {
  /** Why changes are refused just now, of everybody. */
  readonly refusing: () => 'full' | 'read-only' | undefined;
  /** What others have pushed and could not be taken. */
  readonly conflicts: () => readonly WaitingConflict[];
};

/** Objects of a conflict that are named; the branch has all of them. */
const maxNamedObjects = 20;

export function noticesFor(user: string, { refusing, conflicts }: Notices): Html[] {
  const why = refusing();
  return [
    ...(why === undefined ? [] : [refused(why)]),
    ...conflicts().flatMap((conflict) => waits(user, conflict)),
  ];
}

function refused(why: 'full' | 'read-only'): Html {
  const [what, action] =
    why === 'full'
      ? [
          'The disk of the server is full, so changes are refused (507).',
          'Whoever runs the server has to make room; its log names the folder. No restart is needed.',
        ]
      : [
          'The server cannot write to its disk any more, so changes are refused (503).',
          'Whoever runs the server has to look at the disk and its log, and start the service again.',
        ];
  return html`<p class="said alert" role="alert"><b>${what}</b> What is here can be read. Changes that devices could not deliver stay on them: most apps try again by themselves; leave what you have changed where it is until this notice is gone. ${action}</p>`;
}

/** Nothing of what is other people's. */
function waits(user: string, { reference, kept }: WaitingConflict): Html[] {
  // Two histories that have nothing to do with each other, or a reason that is not known, concern everybody.
  const general = kept.length === 0 || kept.some(({ path }) => path === '');
  const own = kept.filter(({ path }) => roleOf(path)?.path[1] === user);
  if (!general && own.length === 0) return [];
  const branch = reference.replace(/^refs\/heads\//, '');
  const named = own.slice(0, maxNamedObjects);
  const more = own.length - named.length;
  return [
    html`<div class="said alert"><p><b>Changes that were pushed to the repository elsewhere wait for a decision.</b> What is here stays as it is; the other version is kept on the branch <code>${branch}</code>.</p>
${named.length === 0 ? '' : html`<ul>${named.map(({ path, reason }) => html`<li><code>${path}</code>: ${reason}</li>`)}${more === 0 ? '' : html`<li>and ${more} more</li>`}</ul>`}
<p>Compare the two, and change the entry in your calendar app if the other one is right. Then whoever runs the server deletes the branch in <code>store.git</code>: <code>git diff HEAD ${branch}</code>, <code>git branch -D ${branch}</code>.</p></div>`,
  ];
}
