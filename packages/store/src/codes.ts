/** Every error code of the store and its journal, with one sentence each. */
export const codes = {
  'journal.failed':
    'the disk refused a write or a sync; nothing more is written until the journal has been opened anew',
  'journal.full':
    'there is no room for another segment of the journal; the payload was not written',
  'journal.overloaded': 'too much waits for the disk already; the payload was not taken',
  'journal.closed': 'the journal has been closed',
  'journal.hole':
    'damaged here, while records that were written later are whole: acknowledged data is lost, and nothing is changed until somebody has looked',
  'journal.segment-header': 'this is no segment of a journal, or its header is damaged',
  'journal.segment-missing': 'a segment between others is missing',
  'journal.sequence': 'a record does not follow the one before it',
  'journal.version': 'made by a later version',
} as const;

export type Code = keyof typeof codes;
