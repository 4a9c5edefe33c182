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
  'store.conflict': 'the store is not in the state the commit asks for; nothing was changed',
  'store.path-conflict': 'a file stands where a folder is needed, or a folder where a file is',
  'store.not-found': 'there is no such revision',
  'store.object': 'an object is missing or damaged',
  'store.collision': 'other octets with the same id are stored already',
  'store.read-only':
    'the disk refused to write; nothing more is taken until the store has been opened anew',
  'store.full': 'there is no room on the disk; nothing was changed',
  'store.overloaded': 'too many commits wait for the disk; this one was not taken',
  'store.closed': 'the store has been closed',
  'store.locked': 'another process has the store open',
  'store.sha256':
    'a repository whose objects are named by SHA-256; the store reads and writes SHA-1',
  'store.repository': 'this is no repository that the store can use',
  'store.journal-foreign': 'the journal does not belong to this repository',
  'store.rewriting': 'history is being made anew; come back in a moment',
  'store.reference-locked':
    'somebody else holds the lock of the reference; it is tried again, and the journal has all that matters',
} as const;

export type Code = keyof typeof codes;
